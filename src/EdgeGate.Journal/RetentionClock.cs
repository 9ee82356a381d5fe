namespace EdgeGate.Journal;

/// <summary>
/// The time that records are aged by. A wall clock that jumps ahead, by a wrong hand or a dead battery, would have records deleted before their
/// retention is over; put right a minute later, they are gone all the same. So a jump ahead counts only after it has stood for a day.
/// Not thread-safe: it belongs to the journal's writer.
/// </summary>
internal sealed class RetentionClock(TimeProvider time)
{
    /// <summary>Clocks are slewed; against a retention of days it is nothing.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan StandsFor = TimeSpan.FromDays(1);

    private DateTimeOffset _wall;
    private long _lookedAt;

    /// <summary>How far the wall clock is ahead of what can be believed; negative when it is behind, as that of a machine which forgets the time when it is off: then a step ahead puts it right.</summary>
    private TimeSpan _doubted;
    private long _doubtedSince;

    /// <param name="newest">When the newest record was written: the gate was off since, or its clock is wrong; which of the two shows with time. Null for an empty journal.</param>
    public void Begin(DateTimeOffset? newest)
    {
        var (wall, now) = ReadBoth();
        (_wall, _lookedAt) = (newest ?? wall, now);
        Read();
    }

    /// <summary>To be asked every few minutes: steps are noticed from one question to the next.</summary>
    public DateTimeOffset Read()
    {
        var (wall, now) = ReadBoth();
        var step = wall - _wall - time.GetElapsedTime(_lookedAt, now);
        (_wall, _lookedAt) = (wall, now);
        if (step.Duration() > Tolerance)
            (_doubted, _doubtedSince) = (_doubted + step, now);
        else if (time.GetElapsedTime(_doubtedSince, now) >= StandsFor)
            _doubted = TimeSpan.Zero;
        return _doubted > TimeSpan.Zero ? wall - _doubted : wall;
    }

    /// <summary>At one moment: a thread that was put aside between the two would see a step.</summary>
    private (DateTimeOffset Wall, long Stamp) ReadBoth()
    {
        while (true)
        {
            var before = time.GetTimestamp();
            var wall = time.GetUtcNow();
            if (time.GetElapsedTime(before) < Tolerance)
                return (wall, before);
        }
    }
}
