namespace EdgeGate.Web;

/// <summary>So many at once, and then one per interval. Counts by the monotonic clock.</summary>
public sealed class TokenBucket(int capacity, TimeSpan refill, TimeProvider time)
{
    private long _countedAt = time.GetTimestamp();
    private int _taken;

    public bool TryTake()
    {
        var refilled = time.GetElapsedTime(_countedAt).Ticks / refill.Ticks;
        _taken = (int)Math.Max(0, _taken - refilled);
        _countedAt += (long)(refilled * refill.TotalSeconds * time.TimestampFrequency);
        if (_taken >= capacity)
            return false;
        _taken++;
        return true;
    }
}
