using System.Buffers;
using System.Text;
using EdgeGate.Access;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Cli;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Cli;

public sealed class JournalCommandTests : IAsyncLifetime, IDisposable
{
    private static readonly ClockRecord Clock = new(Guid.Empty, 12.5, ClockGrade.Synchronised);
    private static readonly DateTimeOffset Noon = new(2022, 3, 1, 12, 0, 0, TimeSpan.FromHours(8));
    private readonly TemporaryDirectory _directory = new();

    /// <summary>A grant, its passage, a refusal with two reasons and an awkward name, a mended store, and a kind not known yet.</summary>
    public async Task InitializeAsync()
    {
        await using var journal = await GateJournal.OpenAsync(
            new JournalOptions { Directory = _directory.Root, GateId = "estate/gate-1" }, new ManualTime(), CancellationToken.None);
        await AppendAsync(journal, DecidedRecord.Type, Decided(Outcome.Granted, "测**"), RecordShapes.Default.DecidedRecord);
        await AppendAsync(journal, PassageRecord.Type, new PassageRecord { Lane = "lane-1", Decision = 1, Portal = PortalMovement.Opened, Passage = PassageOutcome.Unobserved, Clock = Clock }, RecordShapes.Default.PassageRecord);
        await AppendAsync(journal, DecidedRecord.Type, Decided(Outcome.Denied, "=*\",*", DenyReason.CredentialExpired, DenyReason.TemperatureTooHigh), RecordShapes.Default.DecidedRecord);
        await AppendAsync(journal, StoreHealedRecord.Type, new StoreHealedRecord { Cause = "a bad page", Salvaged = 3, Void = [], Clock = Clock }, RecordShapes.Default.StoreHealedRecord);
        await AppendAsync(journal, "edgegate.from-the-future.v9", new StoreHealedRecord { Cause = "", Salvaged = 0, Void = [], Clock = Clock }, RecordShapes.Default.StoreHealedRecord);
        journal.Acknowledge(3);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _directory.Dispose();

    private static async Task AppendAsync<T>(GateJournal journal, string type, T record, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> shape) =>
        await journal.AppendAsync((sequence, to) => RecordEnvelope.Write(to, "estate", "gate-1", sequence, type, Noon, record, shape), CancellationToken.None);

    private static DecidedRecord Decided(Outcome outcome, string name, params DenyReason[] reasons) => new()
    {
        Lane = "lane-1",
        Direction = Direction.Entry,
        Reader = "id-card",
        Credential = CredentialKind.IdCard,
        Person = "-begins_like_a_formula",
        MaskedName = name,
        Outcome = outcome,
        Reasons = reasons,
        Rules = [],
        Clock = Clock,
        Sealed = "sealed",
    };

    private Task<CommandLine> RunAsync(string command, params string[] more) =>
        CommandLine.RunAsync(["journal", command, "--directory", _directory.Root, .. more]);

    private async Task<byte[]> ExportAsync(ExportFormat format, long from = 1, long to = long.MaxValue)
    {
        using var reader = JournalReader.Open(_directory.Root);
        using var output = new MemoryStream();
        await RecordExport.WriteAsync(output, reader.ReadAllAsync(from, to), format, CancellationToken.None);
        return output.ToArray();
    }

    [Fact]
    public async Task List_shows_a_line_a_record_and_the_counts()
    {
        var lines = (await RunAsync("list")).Output.TrimEnd().Split('\n');

        Assert.Equal(6, lines.Length);
        Assert.Equal("       1  2022-03-01 12:00:00.000  decided  granted  id-card      测**", lines[0]);
        Assert.EndsWith("passage  opened   for record 1, passage unobserved", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("credential-expired temperature-too-high", lines[2], StringComparison.Ordinal);
        Assert.Equal("5 records made, acknowledged up to 3", lines[5]);
    }

    [Theory, InlineData("2", 2), InlineData("0", 0), InlineData("-3", 0), InlineData("2147483647", 5)]
    public async Task List_shows_only_as_many_of_the_newest_as_asked(string last, int shown)
    {
        var said = await RunAsync("list", "--last", last);

        Assert.Equal((0, shown + 1), (said.ExitCode, said.Output.TrimEnd().Split('\n').Length));
    }

    [Fact]
    public async Task Json_lines_are_the_records_byte_for_byte()
    {
        using var reader = JournalReader.Open(_directory.Root);
        byte[] expected = [.. reader.Read(2, 2).SelectMany(record => (byte[])[.. record.Payload.Span, (byte)'\n'])];

        Assert.Equal(expected, await ExportAsync(ExportFormat.Jsonl, from: 2, to: 3));
    }

    [Fact]
    public async Task Csv_opens_in_a_spreadsheet_quoted_and_without_formulas()
    {
        var csv = await ExportAsync(ExportFormat.Csv);

        Assert.Equal(Encoding.UTF8.GetPreamble(), csv[..3]);
        var rows = Encoding.UTF8.GetString(csv[3..]).Split("\r\n");
        Assert.Equal("sequence,time,kind,lane,direction,reader,outcome,reasons,person,maskedName,decision,portal,passage,clock", rows[0]);
        Assert.Equal("1,2022-03-01T12:00:00+08:00,decided,lane-1,entry,id-card,granted,,'-begins_like_a_formula,测**,,,,synchronised", rows[1]);
        Assert.Equal("2,2022-03-01T12:00:00+08:00,passage,lane-1,,,,,,,1,opened,unobserved,synchronised", rows[2]);
        Assert.Contains(",credential-expired temperature-too-high,'-begins_like_a_formula,\"'=*\"\",*\",", rows[3], StringComparison.Ordinal);
        Assert.StartsWith("4,2022-03-01T12:00:00+08:00,healed,", rows[4], StringComparison.Ordinal);
        Assert.StartsWith("5,2022-03-01T12:00:00+08:00,edgegate.from-the-future.v9,", rows[5], StringComparison.Ordinal);
        Assert.Equal(["", 7], (object[])[rows[^1], rows.Length]);
    }

    [Theory, InlineData("＝"), InlineData("+"), InlineData("@"), InlineData("\t")]
    public async Task No_sign_that_begins_a_formula_begins_a_field(string sign)
    {
        async IAsyncEnumerable<JournalRecord> One()
        {
            var payload = new ArrayBufferWriter<byte>();
            RecordEnvelope.Write(payload, "estate", "gate-1", 1, DecidedRecord.Type, Noon, Decided(Outcome.Granted, sign + "*"), RecordShapes.Default.DecidedRecord);
            yield return new JournalRecord(1, Noon, default, payload.WrittenMemory);
            await Task.CompletedTask;
        }
        using var output = new MemoryStream();

        await RecordExport.WriteAsync(output, One(), ExportFormat.Csv, CancellationToken.None);

        Assert.Contains($",'{sign}*,", Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_says_that_all_is_whole()
    {
        var said = await RunAsync("verify");

        Assert.Equal(0, said.ExitCode);
        Assert.Equal("All 5 records are whole and in place; the chain ends with record 5.", said.Output.TrimEnd());
    }

    [Fact]
    public async Task Verify_names_the_record_that_was_altered()
    {
        await using (var store = new FileStream(_directory["journal.db"], FileMode.Open))
        {
            var content = new byte[store.Length];
            await store.ReadExactlyAsync(content);
            var at = content.AsSpan().IndexOf("\"sequence\":\"3\""u8);
            Assert.True(at > 0);
            store.Position = at + 12;
            store.WriteByte((byte)'8');
        }

        var said = await RunAsync("verify");

        Assert.Equal(1, said.ExitCode);
        Assert.Contains("at record 3", said.Output, StringComparison.Ordinal);
        Assert.Contains("2 records before it are whole", said.Output, StringComparison.Ordinal);
    }

    [Theory, InlineData("list"), InlineData("tail"), InlineData("export"), InlineData("verify")]
    public async Task A_missing_journal_is_one_clear_line(string command)
    {
        var nowhere = _directory["nowhere"];

        var said = await CommandLine.RunAsync("journal", command, "--directory", nowhere);

        Assert.Equal((1, ""), (said.ExitCode, said.Output));
        Assert.Equal($"There is no journal in {nowhere}.", said.Errors.TrimEnd());
    }

    [Fact]
    public async Task Without_settings_and_directory_it_says_what_to_give()
    {
        var said = await CommandLine.RunAsync("journal", "list", "-s", _directory["nothing.json"]);

        Assert.Equal(2, said.ExitCode);
        Assert.Contains("--directory", said.Errors, StringComparison.Ordinal);
    }
}
