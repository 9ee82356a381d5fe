using System.Reflection;
using System.Text;
using EdgeGate.Center.Ingest;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Center.Tests.Ingest;

public sealed class RecordReadingTests
{
    private static readonly GateName Gate = new("estate", "north");
    private readonly SampleGate _gate = new("estate", "north", new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.FromHours(8)));

    public static TheoryData<string> EveryType =>
        [.. typeof(DecidedRecord).Assembly.GetTypes().Where(type => type.Name.EndsWith("Record", StringComparison.Ordinal))
            .Select(type => type.GetField("Type", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string).OfType<string>()];

    [Theory]
    [MemberData(nameof(EveryType))]
    public void Every_type_that_a_gate_of_this_version_writes_is_known(string type)
    {
        var record = RecordReading.Read(Gate, Envelope(type, "{}"), out _)!;

        Assert.DoesNotContain("none that this center knows", record.NotUnderstood ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void The_facts_of_a_decision_are_read_and_its_bytes_kept_as_they_came()
    {
        var message = _gate.Decide(person: 7);

        var record = RecordReading.Read(Gate, message.Payload, out _)!;

        Assert.Equal((1, RecordKind.Decided), (record.Sequence, record.Kind));
        Assert.Equal(SampleGate.Person(7), record.Seen!.Person);
        Assert.True(record.Payload.Span.SequenceEqual(message.Payload.Span));
    }

    [Fact]
    public void For_whom_a_guard_opened_was_at_the_gate_and_for_whom_nobody_was_named_nobody_was()
    {
        const string Action = """{"guard":"li","role":"guard","action":"open-once","lane":"lane-1","clock":{"sinceBoot":5,"boot":"11111111-2222-3333-4444-555555555555","grade":"holdover"}""";
        var person = Convert.ToBase64String(SampleGate.Person(7)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

        var named = RecordReading.Read(Gate, Envelope(GuardActionRecord.Type, $$"""{{Action}},"direction":"exit","person":"{{person}}","maskedName":"测**"}"""), out _)!;
        var unnamed = RecordReading.Read(Gate, Envelope(GuardActionRecord.Type, Action + "}"), out _)!;

        Assert.Equal(("lane-1", "测**", Access.Direction.Exit, Access.Outcome.Granted), (named.Seen!.Lane, named.Seen.MaskedName, named.Seen.Direction, named.Seen.Outcome));
        Assert.Equal(SampleGate.Person(7), named.Seen.Person);
        Assert.Equal((null, null), (unnamed.Seen, unnamed.NotUnderstood));
    }

    [Theory, InlineData("[4]", true), InlineData("[0]", false), InlineData("[5]", false), InlineData("[9]", false)]
    public void A_decision_names_guards_actions_before_it_or_is_not_understood(string actions, bool isUnderstood)
    {
        for (var i = 0; i < 4; i++)
            _gate.Decide();
        var payload = Encoding.UTF8.GetString(_gate.Decide().Payload.Span).Replace("\"lane\":", $"\"guardActions\":{actions},\"lane\":", StringComparison.Ordinal);

        Assert.Equal(isUnderstood, RecordReading.Read(Gate, Encoding.UTF8.GetBytes(payload), out _)!.NotUnderstood is null);
    }

    [Theory]
    [InlineData("""{"specversion":"1.0"}""", "no sequence number")]
    [InlineData("""[]""", "no CloudEvents")]
    [InlineData("""{"specversion":"1.0","sequence":"0"}""", "no sequence number")]
    [InlineData("""{"specversion":"1.0","sequence":"1000000000001","source":"/edgegate/v1/estate/north","id":"estate/north/1000000000001"}""", "higher than any gate")]
    [InlineData("""{"specversion":"1.0","sequence":"1","source":"/edgegate/v1/estate/south","id":"estate/south/1"}""", "not that of the gate")]
    [InlineData("""{"specversion":"1.0","sequence":"1","source":"/edgegate/v1/estate/north","id":"estate/north/2"}""", "not that of the gate")]
    [InlineData("""{"specversion":"1.0","sequence":"1","source":"/edgegate/v1/estate/north","id":"estate/north/1","time":5}""", "no time")]
    public void What_cannot_be_counted_says_why(string payload, string reason)
    {
        Assert.Null(RecordReading.Read(Gate, Encoding.UTF8.GetBytes(payload), out var damage));
        Assert.Contains(reason, damage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_the_database_cannot_keep_is_counted_and_not_understood()
    {
        var payload = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(_gate.Decide().Payload.Span).Replace("\"lane-1\"", "\"lane\\u00001\"", StringComparison.Ordinal));

        Assert.NotNull(RecordReading.Read(Gate, payload, out _)!.NotUnderstood);
    }

    [Fact]
    public void Whatever_bytes_come_nothing_is_thrown() =>
        Prop.ForAll<byte[], int, byte>((noise, at, bit) =>
        {
            _ = RecordReading.Read(Gate, noise, out _);
            var flipped = _gate.Decide().Payload.ToArray(); // number after number: the envelope's id is then wrong or right, and the rest may be anything
            flipped[(int)((uint)at % flipped.Length)] ^= (byte)(bit | 1);
            _ = RecordReading.Read(Gate, flipped, out _);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_chain_is_that_of_the_gates_journal()
    {
        ChainHash theirs = default;
        var ours = new byte[RecordChain.Length];
        for (var sequence = 1; sequence <= 3; sequence++)
        {
            var payload = _gate.Decide().Payload.Span;
            theirs = ChainHash.Next("estate/north", sequence, theirs, payload);
            ours = RecordChain.Next(Gate, sequence, ours, payload);
        }

        Assert.Equal(theirs.ToString(), Convert.ToHexStringLower(ours));
    }

    private static byte[] Envelope(string type, string data) => Encoding.UTF8.GetBytes(
        $$"""{"specversion":"1.0","id":"estate/north/1","source":"/edgegate/v1/estate/north","type":"{{type}}","time":"2026-11-22T08:00:00+08:00","sequence":"1","data":{{data}}}""");
}
