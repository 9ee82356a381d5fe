using EdgeGate.Benchmarks.Appending;
using EdgeGate.Benchmarks.Measuring;

namespace EdgeGate.Benchmarks.Wear;

/// <param name="Process">Bytes per record by the process's own count.</param>
/// <param name="Device">Bytes per record by the device's count; NaN when the device is not ours alone.</param>
internal sealed record WearResult(string Name, double PerSecond, double PerFlush, double Process, double Device)
{
    private const double CardBytes = 32e9;
    private const double EraseCycles = 500;
    private const double Amplification = 10;
    private const double RecordsPerYear = 5_000 * 2 * 365.25;

    public const string HowYearsAreCounted =
        "Years: a 32 GB card of 500 erase cycles that writes ten bytes for each one given to it (both are assumptions for a cheap card), 5,000 passages a day, two records each.";

    public static string[] Head => ["", "records/s", "records/flush", "process B/record", "device B/record", "years of a 32 GB card"];

    /// <summary>By the device's count where there is one.</summary>
    public double Bytes => double.IsNaN(Device) ? Process : Device;

    public string[] ToCells() =>
        [Name, PerSecond.Figure(), PerFlush.Figure(), Process.Figure(), Device.Figure(), (CardBytes * EraseCycles / Amplification / (Bytes * RecordsPerYear)).Figure()];
}

/// <summary>Counts what a number of records writes, on a file system of its own where that is allowed.</summary>
internal sealed class WearRun(BenchSetting setting)
{
    /// <summary>More than a tick of the kernel's file clock: each write is then a change of the inode's time, as it is a second apart.</summary>
    public static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(5);

    /// <param name="payloads">Taken in turn.</param>
    /// <param name="atOnce">So many appends are begun together, and all awaited.</param>
    /// <param name="every">One append, or one lot of them, each so often; zero for as fast as they go.</param>
    public async Task<WearResult> JournalAsync(string name, byte[][] payloads, int records, int atOnce = 1, TimeSpan every = default)
    {
        using var folder = new TemporaryFolder(setting.Directory);
        using var disk = LoopDisk.Make(folder);
        await using var journal = await JournalContender.OpenAsync(Path.Combine(disk.Path, "journal"), setting.Time);
        for (var i = 0; i < SettledAfter; i++)
            await journal.AppendAsync(payloads[0]);
        var commits = journal.Commits;
        var before = Counts(disk);
        var begun = setting.Time.GetTimestamp();
        for (var i = 0; i < records; i += atOnce)
        {
            await WaitUntilAsync(every * (i / atOnce), begun);
            if (atOnce == 1)
                await journal.AppendAsync(payloads[i % payloads.Length]);
            else
                await Task.WhenAll(Enumerable.Range(i, atOnce).Select(n => journal.AppendAsync(payloads[n % payloads.Length]).AsTask()));
        }
        return Result(name, records, journal.Commits - commits, begun, before, disk);
    }

    /// <param name="every">One commit each so often.</param>
    public async Task<WearResult> BareAsync(string name, Func<string, IBareStore> make, byte[][] payloads, int records, int atOnce = 1, TimeSpan every = default)
    {
        using var folder = new TemporaryFolder(setting.Directory);
        using var disk = LoopDisk.Make(folder);
        using var store = make(Path.Combine(disk.Path, "store"));
        store.Settle(payloads[0]);
        var before = Counts(disk);
        var begun = setting.Time.GetTimestamp();
        for (var i = 0; i < records; i += atOnce)
        {
            await WaitUntilAsync(every * (i / atOnce), begun);
            store.Commit([.. Enumerable.Range(i, atOnce).Select(n => payloads[n % payloads.Length])]);
        }
        return Result(name, records, records / atOnce, begun, before, disk);
    }

    /// <summary>The journal's log has been through a checkpoint by then and is written over from its start.</summary>
    private const int SettledAfter = 600;

    private async ValueTask WaitUntilAsync(TimeSpan due, long begun)
    {
        if (due - setting.Time.GetElapsedTime(begun) is { Ticks: > 0 } early)
            await Task.Delay(early, setting.Time, setting.Stopping);
    }

    private WearResult Result(string name, int records, long commits, long begun, (long Process, long? Device) before, LoopDisk disk)
    {
        var seconds = setting.Time.GetElapsedTime(begun).TotalSeconds;
        var after = Counts(disk);
        return new WearResult(
            name, records / seconds, (double)records / commits, (double)(after.Process - before.Process) / records, (double?)(after.Device - before.Device) / records ?? double.NaN);
    }

    private static (long Process, long? Device) Counts(LoopDisk disk)
    {
        var device = disk.BytesWritten(); // first: it flushes
        return (Machine.BytesWritten(), device);
    }
}
