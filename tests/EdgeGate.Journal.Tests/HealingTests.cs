using System.Buffers;
using System.Globalization;
using System.Text;
using EdgeGate.Testing;
using Xunit.Abstractions;

namespace EdgeGate.Journal.Tests;

public sealed class HealingTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _directory.Dispose();

    private Task<GateJournal> Open(TemporaryDirectory? directory = null) => GateJournal.OpenAsync(
        (directory ?? _directory).Options with
        {
            WriteHealRecord = (report, sequence, payload) => payload.Write(Encoding.UTF8.GetBytes($"{sequence}:healed, {report.Salvaged} kept, {report.Lost} lost")),
        }, _time, CancellationToken.None);

    private static async Task<List<JournalRecord>> ReadAll(GateJournal journal)
    {
        var all = new List<JournalRecord>();
        while (await journal.ReadAsync(all is [.., var last] ? last.Sequence + 1 : 1, 500, CancellationToken.None) is { Count: > 0 } page)
            all.AddRange(page);
        return all;
    }

    /// <summary>A journal of records between 1 and 3,000 bytes; optionally copied while open, as a killed process leaves it.</summary>
    private async Task<(TemporaryDirectory Directory, List<JournalRecord> Records)> Make(int count, bool killed)
    {
        var made = new TemporaryDirectory();
        var journal = await Open(made);
        for (var i = 1; i <= count; i++)
            await journal.AppendAsync(KillChild.Fill, CancellationToken.None);
        journal.Acknowledge(count / 4);
        await journal.FlushAsync(CancellationToken.None);
        var records = await ReadAll(journal);
        Assert.Equal(count, records.Count);
        if (killed)
        {
            var copy = made.Copy();
            await journal.DisposeAsync();
            made.Dispose();
            return (copy, records);
        }
        await journal.DisposeAsync();
        return (made, records);
    }

    [Fact]
    public async Task A_killed_journals_files_open_without_a_heal()
    {
        var (directory, records) = await Make(50, killed: true);
        using var _ = directory;
        await using var journal = await Open(directory);
        Assert.Null(journal.Status.LastHeal);
        Assert.Equal(50, journal.LastSequence);
        Assert.Equal(12, journal.AcknowledgedUpTo);
        Assert.Equal(records.Select(record => record.Hash), (await ReadAll(journal)).Select(record => record.Hash));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_that_became_empty_costs_no_number_twice(bool killed)
    {
        var (directory, _) = await Make(50, killed);
        using var __ = directory;
        File.WriteAllBytes(directory.Store, []);
        if (killed)
            File.WriteAllBytes(directory.Store + "-wal", []);
        await using var journal = await Open(directory);
        var heal = journal.Status.LastHeal!;
        Assert.Equal(0, heal.Salvaged);
        Assert.Equal(killed ? 0 : 50, heal.Lost); // after a clean close the mark knows exactly
        Assert.Equal(killed ? 1000 : 0, heal.Unknown);
        var told = Assert.Single(await ReadAll(journal));
        Assert.Equal(killed ? 1001 : 51, told.Sequence);
        Assert.Equal($"{told.Sequence}:healed, 0 kept, {heal.Lost} lost", told.Text());
        Assert.Equal(told.Sequence + 1, await journal.AppendTextAsync("goes on"));
        Assert.Equal(2, journal.Backlog);
        Assert.True(File.Exists(Path.Combine(heal.SetAsideIn!, "journal.db")));
    }

    [Fact]
    public async Task The_log_of_an_emptied_store_still_gives_its_records()
    {
        var (directory, records) = await Make(50, killed: true);
        using var _ = directory;
        File.WriteAllBytes(directory.Store, []);
        await using var journal = await Open(directory);
        Assert.Equal(50, journal.Status.LastHeal!.Salvaged);
        Assert.Equal(records.Select(record => record.Hash), (await ReadAll(journal)).Take(50).Select(record => record.Hash));
        Assert.Equal(12, journal.AcknowledgedUpTo);
    }

    [Fact]
    public async Task A_lost_log_is_noticed_and_its_numbers_are_not_given_again()
    {
        var (directory, _) = await Make(50, killed: true);
        using var __ = directory;
        File.Delete(directory.Store + "-wal");
        await using var journal = await Open(directory);
        Assert.Contains("write-ahead log", journal.Status.LastHeal!.Reason, StringComparison.Ordinal);
        Assert.True(journal.LastSequence > 50);
    }

    [Fact]
    public async Task Records_still_in_the_log_survive_the_loss_of_their_page()
    {
        await using var journal = await Open();
        for (var i = 0; i < 100; i++)
            await journal.AppendTextAsync(new string('x', 300));
        await journal.CheckpointAsync();
        await Overwrite(_directory.Store, 20 * 1024, 1024);
        Assert.Equal(101, (await ReadAll(journal)).Count);
        Assert.Equal(100, journal.Status.LastHeal!.Salvaged);
    }

    [Fact]
    public async Task Damage_met_while_reading_is_healed_and_reading_goes_on()
    {
        await using (var before = await Open())
            for (var i = 0; i < 200; i++)
                await before.AppendTextAsync(new string('x', 300));
        await using var journal = await Open();
        await Overwrite(_directory.Store, 30 * 1024, 1024);

        var records = await ReadAll(journal);
        var heal = journal.Status.LastHeal!;
        Assert.InRange(heal.Lost, 1, 4);
        Assert.Equal(200 - heal.Lost, heal.Salvaged);
        Assert.Equal(0, heal.Unknown); // the process itself knows its last number
        Assert.Equal(heal.Salvaged + 1, records.Count);
        Assert.Equal(201, records[^1].Sequence);
        Assert.Equal(heal.NewlyVoid, journal.Status.VoidRanges);
        using var reader = JournalReader.Open(_directory.Path);
        Assert.Null(reader.Verify().Fault);
    }

    [Fact]
    public void A_record_does_not_become_a_state_by_one_flipped_bit_nor_a_state_a_record()
    {
        var record = RecordFrame.Encode(FrameKind.Record, 7, DateTimeOffset.UnixEpoch, ChainHash.Next("gate-1", 7, default, "text"u8), "text"u8);
        var state = new StoreState { Gate = "gate-1", Revision = 7 }.Encode(DateTimeOffset.UnixEpoch);
        (record[2], state[2]) = ((byte)'S', (byte)'R'); // EGR1 and EGS1: one bit apart, and outside the checksum

        Assert.False(StoreState.TryDecode(record, out _));
        Assert.False(RecordFrame.TryDecode(FrameKind.State, record, out _));
        Assert.False(RecordFrame.TryDecode(FrameKind.Record, state, out _));
    }

    /// <summary>A few hundred in every test run; <c>./dev soak</c> makes it ten thousand.</summary>
    private static readonly int Damages = int.Parse(Environment.GetEnvironmentVariable("SOAK_DAMAGES") ?? "300", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Random_damages_never_block_the_start_nor_cost_an_intact_record()
    {
        var (killed, killedRecords) = await Make(120, killed: true);
        var (closed, closedRecords) = await Make(120, killed: false);
        using var _ = killed;
        using var __ = closed;
        var random = new Random(19);
        var kinds = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var round = 0; round < Damages; round++)
        {
            var (source, records) = random.Next(2) == 0 ? (killed, killedRecords) : (closed, closedRecords);
            using var copy = source.Copy();
            var damage = string.Join(", ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => Damage(copy.Path, random)));
            var intact = FindIntact(copy.Path, records);

            await using var journal = await Open(copy);
            var context = $"round {round}: {damage}";
            Assert.True(journal.Status.Failure is null, $"{context}: {journal.Status.Failure}");
            var found = (await ReadAll(journal)).ToDictionary(record => record.Sequence);
            foreach (var record in intact)
                Assert.True(found.TryGetValue(record.Sequence, out var kept) && kept.Hash == record.Hash, $"{context}: record {record.Sequence} was whole and is gone");
            // Where a file and the one that vouches for it are both hit, nothing here guards the numbers: the center notices.
            if (damage.Contains("-wal", StringComparison.Ordinal) && damage.Contains("-shm", StringComparison.Ordinal)
                || damage.Contains("high-water", StringComparison.Ordinal) && damage.Contains("journal.db", StringComparison.Ordinal))
                continue;
            foreach (var record in records)
                Assert.True(!found.TryGetValue(record.Sequence, out var kept) || kept.Hash == record.Hash, $"{context}: number {record.Sequence} was given again");
            var next = await journal.AppendTextAsync("goes on");
            Assert.True(next > records.Count, $"{context}: number {next} was given again");
            Assert.Equal(journal.LastSequence, next);
            using var reader = JournalReader.Open(copy.Path);
            Assert.True(reader.Verify().Fault is null, $"{context}: {reader.Verify().Fault}");
            kinds[journal.Status.LastHeal?.Reason ?? "nothing noticed"] = kinds.GetValueOrDefault(journal.Status.LastHeal?.Reason ?? "nothing noticed") + 1;
        }
        output.WriteLine($"{Damages} damages; what was noticed first:");
        foreach (var (kind, times) in kinds.OrderByDescending(pair => pair.Value).Take(20))
            output.WriteLine($"{times} {kind}");
    }

    private static string Damage(string directory, Random random)
    {
        var files = Directory.GetFiles(directory).Order(StringComparer.Ordinal).ToArray();
        if (files.Length == 0)
            return "nothing left";
        var file = files[random.Next(files.Length)];
        var bytes = File.ReadAllBytes(file);
        var kind = random.Next(10);
        switch (kind)
        {
            case < 5 when bytes.Length > 0:
                for (var flips = random.Next(1, 9); flips > 0; flips--)
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(file, bytes);
                return $"flips in {Path.GetFileName(file)}";
            case 5:
                File.WriteAllBytes(file, bytes[..random.Next(bytes.Length + 1)]);
                return $"cut {Path.GetFileName(file)}";
            case 6 when bytes.Length > 2048:
                random.NextBytes(bytes.AsSpan(random.Next(bytes.Length - 2048), 2048));
                File.WriteAllBytes(file, bytes);
                return $"garbage in {Path.GetFileName(file)}";
            case 7:
                File.Delete(file);
                return $"deleted {Path.GetFileName(file)}";
            case 8:
                File.WriteAllBytes(file, []);
                return $"emptied {Path.GetFileName(file)}";
            case 9:
                random.NextBytes(bytes);
                File.WriteAllBytes(file, bytes);
                return $"{Path.GetFileName(file)} all garbage";
            default:
                return "none";
        }
    }

    /// <summary>
    /// What a heal must find at the least: records whose frame still lies whole in one page of either file. Searched without the product's own
    /// salvage: by their bytes.
    /// </summary>
    private static List<JournalRecord> FindIntact(string directory, List<JournalRecord> records)
    {
        var content = Directory.GetFiles(directory, "journal.db*").Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)).Select(File.ReadAllBytes).ToArray();
        return [.. records.Where(record => record.Payload.Length < 800).Where(record =>
        {
            var frame = RecordFrame.Encode(FrameKind.Record, record.Sequence, record.WrittenAt, record.Hash, record.Payload.Span);
            return content.Any(file => file.AsSpan().IndexOf(frame) >= 0);
        })];
    }

    private static async Task Overwrite(string path, long at, int length)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Seek(at, SeekOrigin.Begin);
        await file.WriteAsync(new byte[length]);
    }
}
