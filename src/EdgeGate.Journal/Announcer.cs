namespace EdgeGate.Journal;

/// <summary>
/// Tells those who follow the journal that something is new. Telling wakes a thread, which then publishes, before the portal has moved: where
/// a record announces another, both are told together, a quarter as often.
/// </summary>
internal sealed class Announcer : IDisposable
{
    /// <summary>Short for whoever looks on, long against a flush: records that announce another may follow each other without end.</summary>
    private static readonly TimeSpan TogetherWithin = TimeSpan.FromMilliseconds(50);

    /// <summary>When what was to follow does not: a portal that hangs must not keep the grant from the broker.</summary>
    private static readonly TimeSpan AtLast = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly Action _tell;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();

    /// <summary>Of the oldest news that were not told; null when all were.</summary>
    private long? _untoldSince;
    private bool _isTimerSet;

    /// <param name="tell">Called by whoever has news, or by a timer; must not wait.</param>
    public Announcer(TimeProvider time, Action tell)
    {
        (_time, _tell) = (time, tell);
        _timer = time.CreateTimer(_ => TellAtLast(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Tell()
    {
        lock (_lock)
            _untoldSince = null;
        _tell();
    }

    /// <summary>More comes right behind.</summary>
    public void TellWithNext()
    {
        lock (_lock)
        {
            _untoldSince ??= _time.GetTimestamp();
            if (!_isTimerSet)
                _timer.Change(AtLast, Timeout.InfiniteTimeSpan); // one a second at most, and not one a record
            _isTimerSet = true;
            if (_time.GetElapsedTime(_untoldSince.Value) < TogetherWithin)
                return;
        }
        Tell();
    }

    public void Dispose() => _timer.Dispose();

    private void TellAtLast()
    {
        lock (_lock)
        {
            _isTimerSet = false;
            if (_untoldSince is null)
                return;
        }
        Tell();
    }
}
