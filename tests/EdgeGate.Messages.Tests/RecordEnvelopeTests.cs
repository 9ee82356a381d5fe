using System.Buffers;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;

namespace EdgeGate.Messages.Tests;

public sealed class RecordEnvelopeTests
{
    [Fact]
    public void A_decision_leaves_as_one_complete_cloud_event()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var record = new DecidedRecord
        {
            Lane = "lane-1",
            Direction = Direction.Entry,
            Reader = "idcard-1",
            Credential = CredentialKind.IdCard,
            Person = "key",
            MaskedName = "测**",
            Outcome = Outcome.Denied,
            Reasons = [DenyReason.TemperatureTooHigh],
            Rules = [new("id-card", null, null), new("temperature", DenyReason.TemperatureTooHigh, Outcome.Denied)],
            Clock = new(Guid.Empty, 12.5, ClockGrade.Synchronised),
            Sealed = "jwe",
        };
        RecordEnvelope.Write(
            buffer, "estate", "north-1", 42, DecidedRecord.Type, new DateTimeOffset(2022, 3, 1, 8, 0, 0, TimeSpan.FromHours(8)), record, RecordShapes.Default.DecidedRecord);

        var json = JsonDocument.Parse(buffer.WrittenMemory).RootElement;
        Assert.Equal("1.0", json.GetProperty("specversion").GetString());
        Assert.Equal("estate/north-1/42", json.GetProperty("id").GetString());
        Assert.Equal("42", json.GetProperty("sequence").GetString());
        Assert.Equal("2022-03-01T08:00:00+08:00", json.GetProperty("time").GetString());
        var data = json.GetProperty("data");
        Assert.Equal("denied", data.GetProperty("outcome").GetString());
        Assert.Equal("temperature-too-high", data.GetProperty("reasons")[0].GetString());
        Assert.False(data.GetProperty("rules")[0].TryGetProperty("reason", out _));
        Assert.Equal("id-card", data.GetProperty("credential").GetString());
    }

    [Theory]
    [InlineData("测试一", "测**")]
    [InlineData("测试", "测*")]
    [InlineData("测", "测*")]
    [InlineData("TEST PERSON OF A LONG NAME", "T****")]
    [InlineData("", null)]
    public void A_name_is_masked_after_its_first_character(string name, string? masked) => Assert.Equal(masked, MaskedName.Of(name));

    [Fact]
    public void The_same_number_has_the_same_key_at_gates_with_the_same_secret_and_nowhere_else()
    {
        var here = new PersonKeys(new byte[32]);
        var there = new PersonKeys([.. Enumerable.Repeat((byte)1, 32)]);
        Assert.Equal(here.KeyOf("id", "999999190001010015"), new PersonKeys(new byte[32]).KeyOf("id", "999999190001010015"));
        Assert.NotEqual(here.KeyOf("id", "999999190001010015"), there.KeyOf("id", "999999190001010015"));
        Assert.NotEqual(here.KeyOf("id", "999999190001010015"), here.KeyOf("code", "999999190001010015"));
        Assert.DoesNotContain("999999", here.KeyOf("id", "999999190001010015"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_topics_are_the_documented_ones()
    {
        var topics = new GateTopics("estate", "north-1");
        Assert.Equal(
            ["edgegate/v1/estate/north-1/state", "edgegate/v1/estate/north-1/passages", "edgegate/v1/estate/north-1/backlog", "edgegate/v1/estate/north-1/devices/x"],
            [topics.State, topics.Passages, topics.Backlog, topics.Device("x")]);
    }
}
