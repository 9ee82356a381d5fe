using EdgeGate.Benchmarks.Appending;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Journal;

namespace EdgeGate.Benchmarks.Wear;

/// <summary>What page size, checkpoint size and records per flush do to the flash. SQLite as the journal uses it, without the journal around it.</summary>
internal sealed class WearBench(BenchSetting setting)
{
    private const int StateFrameBytes = 260; // what the journal's state row has
    private static readonly int[] PageSizes = [1024, 2048, 4096];
    private static readonly int[] CheckpointSizes = [250_000, 1_000_000, 4_000_000]; // bytes, so that page sizes compare
    private static readonly int[] Groups = [1, 2, 4, 8, 16, 64];

    private readonly int _records = setting.Quick ? 320 : 2_000;
    private readonly WearRun _wear = new(setting);

    public async Task RunAsync(ReportSection report)
    {
        var samples = RecordSamples.Make();
        byte[][] plain = [Framed(JournalBench.PayloadBytes)];
        byte[][] pair = [Framed(samples.Decided.Length), Framed(samples.Passage.Length)];

        report.Say($"Records {WearRun.Apart.TotalMilliseconds:0} ms apart, each with a flush of its own, the cursor's row written with every commit (a gate does that once a second at most). *400 bytes* is the yardsticks' record, "
            + $"*pair* a gate's decided and passage records in turn ({samples.Decided.Length} and {samples.Passage.Length} bytes). " + WearResult.HowYearsAreCounted);
        var sweep = new List<WearResult>();
        foreach (var page in PageSizes)
        {
            foreach (var checkpoint in CheckpointSizes)
            {
                var kind = $"page {page}, checkpoint every {checkpoint / 1e6:0.##} MB";
                sweep.Add(await AloneAsync("400 bytes, " + kind, path => new BareWal(path, page, checkpoint / page, StateFrameBytes), plain));
                sweep.Add(await AloneAsync("pair, " + kind, path => new BareWal(path, page, checkpoint / page, StateFrameBytes), pair));
            }
        }
        report.Table(WearResult.Head, sweep.Select(row => row.ToCells()));

        report.Say("How it is flushed, and what the cursor's row costs (page 1024, checkpoint every 1 MB):");
        report.Table(
            WearResult.Head,
            new[]
            {
                await AloneAsync("400 bytes, SQLite's fsync, no cursor", path => new BareWal(path), plain),
                await AloneAsync("400 bytes, SQLite's fsync, cursor", path => new BareWal(path, stateBytes: StateFrameBytes), plain),
                await AloneAsync("400 bytes, our fdatasync, no cursor", path => new BareWal(path, flush: WalFlush.Fdatasync), plain),
                await AloneAsync("400 bytes, our fdatasync, cursor", path => new BareWal(path, stateBytes: StateFrameBytes, flush: WalFlush.Fdatasync), plain),
                await AloneAsync("pair, SQLite's fsync, cursor", path => new BareWal(path, stateBytes: StateFrameBytes), pair),
                await AloneAsync("pair, our fdatasync, cursor", path => new BareWal(path, stateBytes: StateFrameBytes, flush: WalFlush.Fdatasync), pair),
                await AloneAsync("pair, our fdatasync, cursor, page 4096", path => new BareWal(path, 4096, 250, StateFrameBytes, WalFlush.Fdatasync), pair),
                await AloneAsync("400 bytes, no SQLite: zeroed file, fdatasync", path => new BareFlush(path), plain),
                await AloneAsync("pair, no SQLite: zeroed file, fdatasync", path => new BareFlush(path), pair),
            }.Select(row => row.ToCells()));

        report.Say($"Records that share a flush: 400 bytes, page 1024, checkpoint every 1 MB, cursor with every commit, our fdatasync, commits {WearRun.Apart.TotalMilliseconds:0} ms apart:");
        var groups = new List<WearResult>();
        foreach (var atOnce in Groups)
        {
            groups.Add(await _wear.BareAsync(
                $"{atOnce} a flush", path => new BareWal(path, stateBytes: StateFrameBytes, flush: WalFlush.Fdatasync), plain, _records / 4 * atOnce, atOnce, WearRun.Apart));
        }
        report.Table(WearResult.Head, groups.Select(row => row.ToCells()));
    }

    private Task<WearResult> AloneAsync(string name, Func<string, IBareStore> make, byte[][] payloads) =>
        _wear.BareAsync(name, make, payloads, _records, every: WearRun.Apart);

    private static byte[] Framed(int payload) => new byte[payload + RecordFrame.HeaderLength];
}
