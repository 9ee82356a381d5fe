using System.Buffers;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Benchmarks.Wear;
using EdgeGate.Journal;

namespace EdgeGate.Benchmarks.Appending;

/// <summary>The journal beside the barest stores on the same disk, in turn.</summary>
internal sealed class JournalBench(BenchSetting setting)
{
    public const int PayloadBytes = 400;
    private static readonly int[] WriterCounts = [1, 8, 64];
    private static readonly byte[] Payload = new byte[PayloadBytes];

    /// <summary>What the journal keeps of it, so that the limits write the same bytes.</summary>
    private static readonly byte[] Frame = new byte[PayloadBytes + RecordFrame.HeaderLength];

    private readonly int _rounds = setting.Quick ? 3 : 5;
    private readonly TimeSpan _duration = TimeSpan.FromSeconds(setting.Quick ? 0.4 : 2);

    public async Task RunAsync(ReportSection report)
    {
        await AppendAsync(report);
        await WriteAsync(report);
        await OpenAsync(report, 1_000_000);
        if (setting.Large)
            await OpenAsync(report, 10_000_000);
    }

    private async Task AppendAsync(ReportSection report)
    {
        var journal = WriterCounts.ToDictionary(writers => writers, _ => new List<AppendResult>());
        var wal = WriterCounts.ToDictionary(writers => writers, _ => new List<AppendResult>());
        var flush = WriterCounts.ToDictionary(writers => writers, _ => new List<AppendResult>());
        var single = WriterCounts.ToDictionary(writers => writers, _ => new List<double>());
        for (var round = 0; round < _rounds; round++)
        {
            foreach (var writers in WriterCounts)
            {
                using var folder = new TemporaryFolder(setting.Directory);
                flush[writers].Add(await MeasureAsync(new GroupContender(new BareFlush(folder.Sub("segment"))), writers, Frame));
                wal[writers].Add(await MeasureAsync(new GroupContender(new BareWal(folder.Sub("wal.db"), flush: WalFlush.Fdatasync)), writers, Frame));
                using (var store = new BareWal(folder.Sub("single.db"), flush: WalFlush.Fdatasync))
                    single[writers].Add(AppendRun.BareRate(store, writers, Frame, _duration, setting.Time));
                journal[writers].Add(await MeasureAsync(await JournalContender.OpenAsync(folder.Sub("journal"), setting.Time), writers, Payload));
            }
        }

        report.Say($"Durable appends of {PayloadBytes} bytes, closed loop, medians of {_rounds} interleaved rounds of {_duration.TotalSeconds:0.#} s. *Bare* stores write "
            + $"the same {Frame.Length} bytes a record: fdatasync into a file zeroed in advance, and SQLite in WAL mode flushed as the journal does, both behind the same hand-over (channel, one writer, group commit); *one thread* is SQLite without hand-over, a commit for every N records.");
        var rows = new List<string[]>();
        foreach (var writers in WriterCounts)
        {
            rows.Add(Row("journal", writers, journal[writers]));
            rows.Add(Row("bare WAL", writers, wal[writers]));
            rows.Add(["bare WAL, one thread", $"{writers}", single[writers].Median().Figure(), "–", "–", $"{writers}", "–"]);
            rows.Add(Row("bare fdatasync", writers, flush[writers]));
        }
        report.Table(["store", "writers", "records/s", "p50 µs", "p99 µs", "records/flush", "allocated B/record"], rows);
        report.Table(
            ["writers", "journal / bare WAL", "journal / one thread", "journal p50 / bare fdatasync p50"],
            WriterCounts.Select(writers => new[]
            {
                $"{writers}",
                Ratios(journal[writers], wal[writers], one => one.PerSecond),
                journal[writers].Zip(single[writers], (ours, limit) => ours.PerSecond / limit).Median().Ratio(),
                Ratios(journal[writers], flush[writers], one => one.Microseconds.Median()),
            }));
        report.Say("Budget: 64 writers at least 0.80 × bare WAL.");
    }

    private async Task<AppendResult> MeasureAsync(IContender contender, int writers, byte[] payload)
    {
        await using (contender)
            return await AppendRun.MeasureAsync(contender, writers, payload, _duration, setting.Time);
    }

    private static string[] Row(string name, int writers, List<AppendResult> rounds) =>
    [
        name, $"{writers}",
        rounds.Select(one => one.PerSecond).Median().Figure(),
        rounds.Select(one => one.Microseconds.Median()).Median().Figure(),
        rounds.Select(one => one.Microseconds.Percentile(0.99)).Median().Figure(),
        rounds.Select(one => one.PerCommit).Median().Figure(),
        rounds.Select(one => one.AllocatedPerRecord).Median().Figure(),
    ];

    /// <summary>Round by round, since the machine's speed drifts between rounds.</summary>
    private static string Ratios(List<AppendResult> ours, List<AppendResult> limit, Func<AppendResult, double> figure) =>
        ours.Zip(limit, (one, other) => figure(one) / figure(other)).Median().Ratio();

    private async Task WriteAsync(ReportSection report)
    {
        var wear = new WearRun(setting);
        var alone = setting.Quick ? 640 : 3000;
        var samples = RecordSamples.Make();
        byte[][] plain = [Payload], pair = [samples.Decided, samples.Passage];
        report.Say($"Bytes handed to the block layer per record. *Process* is `write_bytes` of /proc/self/io, *device* the sectors of a file system of its own, its journal included. "
            + $"Checkpoints come as they do in a gate; the outbox cursor rides along. *Alone* is one record each {WearRun.Apart.TotalMilliseconds:0} ms, which costs per record what one a second does: "
            + "a flush of its own, and a new time in the file's inode.");
        report.Table(
            WearResult.Head,
            new[]
            {
                await wear.JournalAsync($"journal, {PayloadBytes} bytes, alone", plain, alone, every: WearRun.Apart),
                await wear.JournalAsync($"journal, {PayloadBytes} bytes, 100 a second evenly", plain, alone, every: TimeSpan.FromMilliseconds(10)),
                await wear.JournalAsync($"journal, {PayloadBytes} bytes, 64 at once", plain, 64 * (alone / 10), atOnce: 64),
                await wear.JournalAsync($"journal, real pair of {samples.Decided.Length} and {samples.Passage.Length} bytes, alone", pair, alone, every: WearRun.Apart),
                await wear.BareAsync($"bare WAL, {Frame.Length} bytes, alone", path => new BareWal(path, flush: WalFlush.Fdatasync), [Frame], alone, every: WearRun.Apart),
                await wear.BareAsync($"bare fdatasync, {Frame.Length} bytes, alone", path => new BareFlush(path), [Frame], alone, every: WearRun.Apart),
            }.Select(row => row.ToCells()));
        report.Say("Budget: at most 8 kB at one a second, at most 1.5 kB at 100 a second. " + WearResult.HowYearsAreCounted);
    }

    private async Task OpenAsync(ReportSection report, int records)
    {
        using var folder = new TemporaryFolder(setting.Directory);
        var directory = folder.Sub("journal");
        var begun = setting.Time.GetTimestamp();
        await using (var journal = await GateJournal.OpenAsync(JournalFilling.Options(directory), setting.Time, setting.Stopping))
        {
            await JournalFilling.FillAsync(journal, records, (_, to) => to.Write(Payload));
            journal.Acknowledge(records / 2);
        }
        var filled = setting.Time.GetElapsedTime(begun);
        var size = new DirectoryInfo(directory).EnumerateFiles().Sum(file => file.Length) / 1e6;

        var cold = new List<OpenResult>();
        var warm = new List<OpenResult>();
        for (var round = 0; round < (setting.Quick ? 3 : 5); round++)
        {
            Libc.MakeCold(directory);
            cold.Add(await OpenProbe.RunAsync(directory, setting.Stopping));
            warm.Add(await OpenProbe.RunAsync(directory, setting.Stopping));
        }
        report.Say($"Opening a journal of {records:N0} records ({size:N0} MB, filled in {filled.TotalSeconds:0} s), half of them unsent: medians of new processes, their just-in-time compilation included. *Cold*: nothing of the journal in the page cache.");
        report.Table(
            ["", "open ms", "first 1,000 unsent ms", "next 1,000 ms", "peak memory MB"],
            [Row("cold", cold), Row("warm", warm)]);
        report.Say("Budget: opening under 1 s; the next 1,000 in milliseconds.");

        static string[] Row(string name, List<OpenResult> rounds) =>
        [
            name,
            rounds.Select(one => one.OpenMilliseconds).Median().Figure(),
            rounds.Select(one => one.FirstReadMilliseconds).Median().Figure(),
            rounds.Select(one => one.NextReadMilliseconds).Median().Figure(),
            rounds.Select(one => one.PeakMegabytes).Median().Figure(),
        ];
    }
}
