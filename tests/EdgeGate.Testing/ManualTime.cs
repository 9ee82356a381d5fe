namespace EdgeGate.Testing;

/// <summary>A clock that moves only when the test says so; timers fire inside <see cref="Advance"/>, in order of their due time.</summary>
public sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _wall = start;
    private TimeSpan _sinceStart;

    public ManualTime() : this(new DateTimeOffset(2022, 3, 1, 8, 0, 0, TimeSpan.Zero)) { }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_lock) return _sinceStart.Ticks;
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _wall;
    }

    /// <summary>How many timers wait: lets a test see that the code under test has reached its delay.</summary>
    public int WaitingTimers
    {
        get { lock (_lock) return _timers.Count(timer => timer.DueAt is not null); }
    }

    /// <summary>How long until the next timer is due, null when none waits: lets a test see that the code under test has reached its delay, and which.</summary>
    public TimeSpan? UntilNextTimer
    {
        get { lock (_lock) return _timers.Min(timer => timer.DueAt) - _sinceStart; }
    }

    /// <summary>Sets the wall clock without letting time pass, as NTP or a person would.</summary>
    public void StepWallClock(DateTimeOffset to)
    {
        lock (_lock) _wall = to;
    }

    public void Advance(TimeSpan by)
    {
        TimeSpan target;
        lock (_lock) target = _sinceStart + by;
        while (true)
        {
            ManualTimer? due;
            lock (_lock)
            {
                due = _timers.Where(timer => timer.DueAt <= target).MinBy(timer => timer.DueAt);
                var stop = due?.DueAt is { } dueAt && dueAt > _sinceStart ? dueAt : due is null ? target : _sinceStart;
                _wall += stop - _sinceStart;
                _sinceStart = stop;
                due?.Reschedule();
            }
            if (due is null)
                return;
            due.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_lock) _timers.Add(timer);
        return timer;
    }

    private sealed class ManualTimer(ManualTime clock, Action fire) : ITimer
    {
        private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(uint.MaxValue - 1);
        private TimeSpan _period;

        public TimeSpan? DueAt { get; private set; }

        public void Fire() => fire();

        public void Reschedule() => DueAt = _period > TimeSpan.Zero ? DueAt + _period : null;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            // As the system's timers do: a test must not pass with what they refuse.
            ArgumentOutOfRangeException.ThrowIfGreaterThan(dueTime, LongestWait);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(period, LongestWait);
            lock (clock._lock)
            {
                _period = period;
                DueAt = dueTime == Timeout.InfiniteTimeSpan ? null : clock._sinceStart + dueTime;
            }
            return true;
        }

        public void Dispose()
        {
            lock (clock._lock)
            {
                DueAt = null;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
