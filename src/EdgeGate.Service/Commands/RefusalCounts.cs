using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Commands;

/// <summary>
/// Which refused command gets a record of its own, and how many did not. Whoever can write to the topic can make refusals at will,
/// also of commands that were once truly signed: so records are rationed, and the rest is counted.
/// </summary>
internal sealed class RefusalCounts(GateClock clock, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly TokenBucket _ownRecords = new(capacity: 30, refill: TimeSpan.FromSeconds(10), time);
    private readonly Dictionary<CommandReason, long> _counts = [];
    private TimeSpan _since = clock.SinceBoot;

    /// <summary>Unsigned ones never: nobody could say anything about them but their number.</summary>
    public bool MayHaveOwnRecord(CommandVerdict.Refused refused)
    {
        lock (_lock)
            return refused.KeyId is not null && _ownRecords.TryTake();
    }

    public void Count(CommandReason reason, long times = 1)
    {
        lock (_lock)
            _counts[reason] = _counts.GetValueOrDefault(reason) + times;
    }

    /// <summary>What was counted since the last time, which is then forgotten; null when nothing was.</summary>
    public CommandsRefusedRecord? Take()
    {
        lock (_lock)
        {
            var now = clock.Read();
            var within = now.SinceBoot - _since;
            _since = now.SinceBoot;
            if (_counts.Count == 0)
                return null;
            var counts = _counts.OrderBy(count => count.Key).Select(count => new RefusedCount(count.Key, count.Value)).ToArray();
            _counts.Clear();
            return new CommandsRefusedRecord { Refused = counts, Within = Math.Round(within.TotalSeconds, 3), Clock = ClockRecord.From(now) };
        }
    }
}
