using System.Globalization;
using System.Runtime.CompilerServices;

namespace EdgeGate.PowerCut;

/// <summary>One power cut and what the next boot made of it.</summary>
/// <param name="AfterFirstAck">When the power failed.</param>
/// <param name="KeepProbability">The chance of each unflushed sector to survive.</param>
/// <param name="Unflushed">Sectors that the guest had written and not flushed.</param>
/// <param name="Kept">How many of them survived.</param>
/// <param name="Acknowledged">Records acknowledged in this boot.</param>
/// <param name="Doubled">Numbers acknowledged that had been acknowledged before.</param>
/// <param name="Took">From power on to the cut.</param>
internal sealed record Cut(
    TimeSpan AfterFirstAck, int Writers, double KeepProbability, int Unflushed, int Kept, int Acknowledged, int Doubled, TimeSpan Took)
{
    /// <summary>A second cut, while the machine recovered from this one; null when it was left in peace.</summary>
    public Cut? InRecovery { get; init; }

    public Findings Found { get; init; } = new();

    /// <summary>Numbers that stand for two records, here or on disk.</summary>
    public long DoubledNumbers => Doubled + (InRecovery?.Doubled ?? 0) + Found.Replaced;

    public bool IsClean => DoubledNumbers == 0 && Found.AreClean;
}

/// <summary>Boots the machine again and again on one disk, cuts its power while it writes, and holds what it finds against what it had promised.</summary>
internal sealed class CutSeries : IDisposable
{
    private const int FewestCutMilliseconds = 200;
    private const int MostCutMilliseconds = 5000;
    private const int OneBetweenFlushes = 3; // one cut in so many falls anywhere, the others during the flush that comes next
    private const int OneInRecovery = 4; // one cut in so many is followed by another before the store is open again
    private const int MostRecoveryFlushes = 12;
    private const string RepairedLine = "REPAIRED"; // from hardware/bench/init
    private static readonly double[] KeepProbabilities = [0, 0.3, 0.5, 0.9];
    private static readonly int[] WriterCounts = [1, 8]; // each record its own flush; flushes shared
    private static readonly TimeSpan BootWithin = TimeSpan.FromMinutes(5); // 10 to 20 s; more on a busy host
    private static readonly TimeSpan FlushWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private readonly MachineImage _image;
    private readonly StoreKind _store;
    private readonly string _directory;
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly VolatileDisk _disk;
    private readonly NbdServer _server;
    private readonly Ledger _ledger = new();
    private int _boot;

    /// <param name="directory">An existing one for the series alone.</param>
    /// <param name="disk">A disk with an empty ext4 file system.</param>
    public CutSeries(MachineImage image, StoreKind store, string directory, VolatileDisk disk, Random random, TimeProvider time)
    {
        (_image, _store, _directory, _disk, _random, _time) = (image, store, directory, disk, random, time);
        _server = new NbdServer(disk, SocketPath);
    }

    /// <summary>Boots before which ext4 could not be mounted without a repair.</summary>
    public int FileSystemRepairs { get; private set; }

    private string SocketPath => Path.Combine(_directory, "disk.socket");

    private string LedgerPath => Path.Combine(_directory, "acknowledged");

    /// <summary>Every cut's outcome, one boot later; ends with the first that did harm. Throws <see cref="BenchException"/>.</summary>
    public async IAsyncEnumerable<Cut> RunAsync(int cuts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Cut? last = null;
        while (true)
        {
            var (found, next) = await CheckWriteAndCutAsync(writes: cuts-- > 0, cancellationToken);
            if (last is not null)
                yield return last = last with { Found = found };
            else if (!found.AreClean)
                throw new BenchException($"The store is not clean before the first cut: {found.ToJson()}");
            if (next is null)
                yield break;
            last = next;
            if (_random.Next(OneInRecovery) == 0)
                last = last with { InRecovery = await CutInRecoveryAsync(cancellationToken) };
        }
    }

    public void Dispose() => _server.Dispose();

    /// <summary>One boot. There is no cut to judge when it found harm, or was not to write.</summary>
    private async Task<(Findings Found, Cut? Cut)> CheckWriteAndCutAsync(bool writes, CancellationToken cancellationToken)
    {
        var writers = WriterCounts[_random.Next(WriterCounts.Length)];
        var delay = TimeSpan.FromMilliseconds(_random.Next(FewestCutMilliseconds, MostCutMilliseconds));
        var inFlush = _random.Next(OneBetweenFlushes) != 0;
        var found = new Findings();

        var started = _time.GetTimestamp();
        var cut = await BootAndCutAsync(writers, async machine =>
        {
            found = Findings.FromJson((await WaitForLineAsync(machine, Writer.FoundLine, cancellationToken))[Writer.FoundLine.Length..]);
            if (!writes || !found.AreClean)
                return;
            await WaitForLineAsync(machine, Writer.AckLine, cancellationToken);
            await Task.Delay(delay, _time, cancellationToken);
            if (inFlush)
                await _server.HoldFlush(1).WaitAsync(FlushWithin, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        return (found, writes && found.AreClean ? cut with { AfterFirstAck = delay, Took = _time.GetElapsedTime(started) } : null);
    }

    /// <summary>One more boot, which ends while ext4 replays its journal or the store is opened, at the latest when it is open.</summary>
    private Task<Cut> CutInRecoveryAsync(CancellationToken cancellationToken)
    {
        var flushes = _random.Next(1, MostRecoveryFlushes);
        return BootAndCutAsync(writers: 1, async machine =>
        {
            using var held = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var opened = WaitForLineAsync(machine, Writer.FoundLine, held.Token);
            await await Task.WhenAny(_server.HoldFlush(flushes), opened);
            await held.CancelAsync();
            await ((Task)opened).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
    }

    /// <summary>Boots, waits as told, and cuts the power.</summary>
    private async Task<Cut> BootAndCutAsync(int writers, Func<VirtualMachine, Task> wait)
    {
        _boot++;
        _ledger.SaveTo(LedgerPath);
        _disk.SaveTo(Path.Combine(_directory, "before-boot.img")); // what a person wants to see after a loss
        var keep = KeepProbabilities[_random.Next(KeepProbabilities.Length)];
        var sectors = new Random(_random.Next());

        using var diskPower = new CancellationTokenSource();
        var served = _server.ServeOneAsync(diskPower.Token);
        try
        {
            using var machine = VirtualMachine.Start(_image, SocketPath, _directory, new BootOrder(_boot, _store, writers, LedgerPath));
            await wait(machine);
            if (machine.HasEnded)
                throw Stopped(machine, "stopped by itself");
            machine.CutPower();
            await diskPower.CancelAsync();
            await served;
            await machine.WaitForEndAsync();
            var unflushed = _disk.UnflushedSectors;
            var kept = _disk.Cut(keep, sectors);
            var report = machine.ReadReport();
            var (acknowledged, doubled) = TakeAcknowledgements(report, _boot);
            if (report.Contains(RepairedLine))
                FileSystemRepairs++;
            return new Cut(default, writers, keep, unflushed, kept, acknowledged, doubled, default);
        }
        finally
        {
            await diskPower.CancelAsync();
            await served;
        }
    }

    private (int Acknowledged, int Doubled) TakeAcknowledgements(string[] report, int boot)
    {
        var (acknowledged, doubled) = (0, 0);
        foreach (var line in report.Where(line => line.StartsWith(Writer.AckLine, StringComparison.Ordinal)))
        {
            acknowledged++;
            if (!_ledger.TryAdd(long.Parse(line.AsSpan(Writer.AckLine.Length), CultureInfo.InvariantCulture), boot))
                doubled++;
        }
        return (acknowledged, doubled);
    }

    private async Task<string> WaitForLineAsync(VirtualMachine machine, string start, CancellationToken cancellationToken)
    {
        var since = _time.GetTimestamp();
        while (true)
        {
            var ended = machine.HasEnded; // before the look, or a last line is missed
            if (machine.ReadReport().FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal)) is { } line)
                return line;
            if (ended)
                throw Stopped(machine, $"stopped before it reported '{start.Trim()}'");
            if (_time.GetElapsedTime(since) > BootWithin)
                throw Stopped(machine, $"did not report '{start.Trim()}' within {BootWithin.TotalMinutes:0} minutes");
            await Task.Delay(LookEvery, _time, cancellationToken);
        }
    }

    private static BenchException Stopped(VirtualMachine machine, string what) => new($"The machine {what}. Its console ends:\n{machine.ReadConsoleEnd()}");
}
