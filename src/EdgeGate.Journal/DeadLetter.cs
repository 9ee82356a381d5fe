namespace EdgeGate.Journal;

/// <summary>A record that the far end refuses for good: kept like every other, but no longer offered, so that those behind it can go.</summary>
/// <param name="Reason">What the far end said, at most <see cref="LongestReason"/> characters.</param>
public sealed record DeadLetter(long Sequence, string Reason, DateTimeOffset At)
{
    /// <summary>
    /// No more than these are set aside at a time. A far end that refuses more than a few records is misconfigured, and that must not cost us
    /// every record there is: then the outbox waits for a person instead.
    /// </summary>
    public const int Most = 100;

    public const int LongestReason = 200;
}
