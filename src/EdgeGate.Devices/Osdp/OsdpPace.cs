namespace EdgeGate.Devices.Osdp;

/// <summary>When one peripheral is asked next, and when it counts as offline.</summary>
internal sealed class OsdpPace(TimeProvider time)
{
    /// <summary>This long without a good answer and a peripheral is offline.</summary>
    public static readonly TimeSpan OfflineAfter = TimeSpan.FromSeconds(8);

    /// <summary>A peripheral that is offline is tried at least this often.</summary>
    public static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1), FirstBackOff = TimeSpan.FromSeconds(1);

    private long _lastWell, _onlineSince, _dueSince;
    private TimeSpan _dueAfter;
    private int _restarts, _backOffs;

    /// <summary>How many frames in a row went without an answer.</summary>
    public int Silences { get; private set; }

    /// <summary>How long until the next frame; zero or less: now.</summary>
    public TimeSpan DueIn => _dueAfter - time.GetElapsedTime(_dueSince);

    /// <summary>No good answer has come for too long.</summary>
    public bool IsOver => time.GetElapsedTime(_lastWell) >= OfflineAfter;

    public void Due(TimeSpan after) => (_dueSince, _dueAfter) = (time.GetTimestamp(), after);

    public void Connected()
    {
        (_restarts, _backOffs, Silences) = (0, 0, 0);
        _lastWell = time.GetTimestamp();
    }

    public void Answered() => Silences = 0;

    /// <summary>A frame went without an answer: it is due again at once, for noise may have met it, and after that ever later.</summary>
    public void Silent()
    {
        Silences++;
        Due(Silences == 1 ? TimeSpan.Zero : Grown(FirstRetry, Silences - 2, LongestRetry));
    }

    public void BeganOnline() => _onlineSince = time.GetTimestamp();

    /// <summary>A good answer came. Only one that stays online so is tried soon again: not one that comes and goes.</summary>
    public void Well()
    {
        _lastWell = time.GetTimestamp();
        if (time.GetElapsedTime(_onlineSince) >= OfflineAfter)
            (_restarts, _backOffs) = (0, 0);
    }

    public void Restart() => Due(Grown(FirstRetry, _restarts++, LongestRetry));

    public void BackOff() => Due(Grown(FirstBackOff, _backOffs++, LongestBackOff));

    private static TimeSpan Grown(TimeSpan first, int times, TimeSpan longest)
    {
        var grown = first * Math.Pow(2, Math.Min(times, 10));
        return grown < longest ? grown : longest;
    }
}
