using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost.Guards;

/// <summary>Counts refused sign-ins by account and cause: as many numbers as there are accounts, however many are refused.</summary>
internal sealed class RefusedSignInCounts(GateClock clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string? Guard, SignInRefusal Reason), long> _counts = [];
    private TimeSpan _since = clock.SinceBoot;

    public void Count(string? guard, SignInRefusal reason)
    {
        lock (_lock)
            _counts[(guard, reason)] = _counts.GetValueOrDefault((guard, reason)) + 1;
    }

    /// <summary>What was counted since the last time, which is then forgotten; null when nothing was.</summary>
    public GuardSignInsRefusedRecord? Take()
    {
        lock (_lock)
        {
            var now = clock.Read();
            var within = now.SinceBoot - _since;
            _since = now.SinceBoot;
            if (_counts.Count == 0)
                return null;
            var refused = _counts.Select(count => new RefusedSignIns(count.Key.Guard, count.Key.Reason, count.Value))
                .OrderBy(count => count.Guard, StringComparer.Ordinal).ThenBy(count => count.Reason).ToArray();
            _counts.Clear();
            return new GuardSignInsRefusedRecord { Refused = refused, Within = Math.Round(within.TotalSeconds, 3), Clock = ClockRecord.From(now) };
        }
    }

    /// <summary>What could not be recorded is recorded with the next.</summary>
    public void PutBack(GuardSignInsRefusedRecord taken)
    {
        lock (_lock)
        {
            foreach (var (guard, reason, count) in taken.Refused)
                _counts[(guard, reason)] = _counts.GetValueOrDefault((guard, reason)) + count;
            _since -= TimeSpan.FromSeconds(taken.Within);
        }
    }
}

/// <summary>Records refused sign-ins, at most once a minute.</summary>
internal sealed partial class RefusedSignInService(RefusedSignInCounts counts, GuardRecords records, TimeProvider time, ILogger<RefusedSignInService> log) : BackgroundService
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var minutes = new PeriodicTimer(Every, time);
        while (await minutes.WaitForNextTickAsync(stoppingToken))
            await RecordAsync(stoppingToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await RecordAsync(cancellationToken);
    }

    private async Task RecordAsync(CancellationToken cancellationToken)
    {
        if (counts.Take() is not { } refused)
            return;
        try
        {
            await records.SignInsRefusedAsync(refused, cancellationToken);
        }
        catch (JournalException broken)
        {
            counts.PutBack(refused);
            LogNotRecorded(broken);
        }
    }

    [LoggerMessage(LogLevel.Error, "Refused sign-ins could not be recorded yet")]
    private partial void LogNotRecorded(Exception cause);
}
