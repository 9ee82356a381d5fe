namespace EdgeGate.HealthCodes.Providers;

/// <summary>
/// A token bucket that holds a minute's calls. Ours because System.Threading.RateLimiting goes by the system's clock and no other.
/// Safe to use from many threads.
/// </summary>
internal sealed class CallRate(int perMinute, TimeProvider time)
{
    private readonly Lock _lock = new();
    private double _left = perMinute;
    private long _at = time.GetTimestamp();

    public bool TryTake()
    {
        lock (_lock)
        {
            _left = Math.Min(perMinute, _left + time.GetElapsedTime(_at).TotalMinutes * perMinute);
            _at = time.GetTimestamp();
            if (_left < 1)
                return false;
            _left--;
            return true;
        }
    }
}
