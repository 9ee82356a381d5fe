using System.Text;
using EdgeGate.HealthCodes.Providers;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.HealthCodes.Tests.Providers;

public class ReplyReaderTests
{
    private static readonly DateTimeOffset Now = new(2022, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private static readonly ProviderReplyForm Form = new()
    {
        Colour = ["state", "list.0.color"],
        States = new Dictionary<string, HealthCodeStatus>(ProviderPresets.AliyunIot.Concat(ProviderPresets.ColourNames), StringComparer.OrdinalIgnoreCase),
        TestTime = "time",
        TestAgeHours = "hours",
        MaskedName = "name",
        Message = "words",
    };

    [Theory]
    [InlineData("""{"state":"GREEN"}""", HealthCodeStatus.ProviderGreen)]
    [InlineData("""{"state":3}""", HealthCodeStatus.ProviderRed)]
    [InlineData("""{"state":"ok","list":[{"color":"yellow"}]}""", HealthCodeStatus.ProviderYellow)]
    [InlineData("""{"state":5,"list":[{"color":"green"}]}""", HealthCodeStatus.ProviderNotFound)]
    [InlineData("""{"list":[{"color":"init"}]}""", HealthCodeStatus.CannotVerify)]
    public void The_first_known_value_decides(string json, HealthCodeStatus status)
    {
        var reply = Read(json);
        Assert.Equal((status, null), (reply.Status, reply.Fault));
    }

    [Theory]
    [InlineData("{}", "the reply has nothing at state or list.0.color")]
    [InlineData("[]", "the reply has nothing at state or list.0.color")]
    [InlineData("{\"state\":true}", "the reply has nothing at state or list.0.color")]
    [InlineData("{\"state\":\"mau\\nve\"}", "state is \"mauve\", which is not in the table")]
    [InlineData("{\"state\":\"mauve\",\"state\":\"green\"}", "the reply is not JSON")]
    [InlineData("{\"state\":\"green\"} x", "the reply is not JSON")]
    [InlineData("{\"state\":\"green\" /* no */}", "the reply is not JSON")]
    [InlineData("{\"state\":\"\\ud800\"}", "the reply holds a string that is not Unicode text")]
    [InlineData("{\"state\":6}", "the provider itself could not find out (state is \"6\")")]
    public void What_cannot_be_understood_is_a_fault(string json, string words) =>
        Assert.Equal((HealthCodeStatus.ProviderError, words, false), (Read(json).Status, Read(json).Fault, Read(json).MayPass));

    [Fact]
    public void A_provider_that_ran_out_of_time_itself_counts_as_a_timeout() => Assert.Equal(HealthCodeStatus.ProviderTimeout, Read("{\"state\":7}").Status);

    [Fact]
    public void Depth_is_limited()
    {
        Assert.Null(Read($"{{\"state\":\"green\",\"x\":{new string('[', 31)}{new string(']', 31)}}}").Fault);
        Assert.Equal("the reply is not JSON", Read($"{{\"state\":\"green\",\"x\":{new string('[', 32)}{new string(']', 32)}}}").Fault);
    }

    [Theory]
    [InlineData("\"2022-03-01T08:00:00+08:00\"", 8.0)]
    [InlineData("\"2022-03-01 08:00:00\"", 8.0)]
    [InlineData("\"2022-03-01T06:30:00Z\"", 1.5)]
    [InlineData("1646114400", 2.0)]
    [InlineData("\"1646114400000\"", 2.0)]
    [InlineData("\"2022-03-01T08:04:00Z\"", 0.0)]
    [InlineData("\"2022-03-01T08:06:00Z\"", null)]
    [InlineData("\"2500-01-01T00:00:00Z\"", null)]
    [InlineData("\"0001-01-01 00:00:00\"", null)]
    [InlineData("9999999999999", null)]
    [InlineData("\"yesterday\"", null)]
    [InlineData("{}", null)]
    public void The_age_of_the_test_is_counted_from_its_time(string time, double? hours) =>
        Assert.Equal(hours, Read($$"""{"state":"green","time":{{time}}}""").TestAge?.TotalHours);

    [Theory]
    [InlineData("24.5", 24.5)]
    [InlineData("\"48\"", 48.0)]
    [InlineData("-1", null)]
    [InlineData("1e300", null)]
    public void Or_told_by_the_provider(string age, double? hours) => Assert.Equal(hours, Read($$"""{"state":"green","hours":{{age}}}""").TestAge?.TotalHours);

    [Theory]
    [InlineData("测**", "测**")]
    [InlineData("测试一", "测**")]
    [InlineData("\\u202e测\\u0000试", "测*")]
    [InlineData("", null)]
    public void A_name_is_masked_and_cleaned(string name, string? shown) => Assert.Equal(shown, Read($$"""{"state":"green","name":"{{name}}"}""").MaskedName);

    [Fact]
    public void Texts_are_cut_between_characters()
    {
        var reply = Read($$"""{"state":"green","words":"{{new string('x', 199)}}😀"}""");
        Assert.Equal(new string('x', 199), reply.Message);
    }

    [Fact]
    public void Any_bytes_give_an_answer_or_a_fault()
    {
        var pieces = new[] { "{", "}", "[", "]", "\"state\":", "\"list\":", "\"color\":", "\"time\":", "\"name\":", "\"green\"", "\"\\ud800\"", "1e999", "-0", ",", "null", "\"测\"", "\u0000", "\"9999-12-31T23:59:59-14:00\"" };
        var likely = Gen.Elements(pieces).ArrayOf().Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)));
        var wellFormed = from state in Gen.Elements("\"green\"", "7", "{}", "\"?\"") from time in Gen.Elements(pieces[9..]).Where(piece => piece is not ("," or "\u0000")) select Encoding.UTF8.GetBytes($$"""{"state":{{state}},"time":{{time}},"hours":{{time}},"name":{{time}}}""");
        var bytes = Gen.OneOf(ArbMap.Default.GeneratorFor<byte[]>(), likely, wellFormed);
        Prop.ForAll(bytes.ToArbitrary(), noise =>
        {
            var reply = ReplyReader.Read(noise, Form, Now);
            Assert.True(reply.Fault is not null || Form.States.Values.Contains(reply.Status));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }

    private static ProviderReply Read(string json) => ReplyReader.Read(Encoding.UTF8.GetBytes(json), Form, Now);
}
