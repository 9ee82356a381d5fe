namespace EdgeGate.Center.Web.Frame;

/// <summary>More than fingers can do, less than a script would like; for each session.</summary>
internal sealed class RequestRates(TimeProvider time)
{
    private const int AtOnce = 60, MostSessions = 4096;
    private static readonly TimeSpan OnePer = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, TokenBucket> _buckets = new(StringComparer.Ordinal);

    public bool MayAskNow(string session)
    {
        lock (_lock)
        {
            if (_buckets.Count >= MostSessions)
                _buckets.Clear(); // everybody begins with a full one again: rare, and bounded
            if (!_buckets.TryGetValue(session, out var bucket))
                _buckets[session] = bucket = new TokenBucket(AtOnce, OnePer, time);
            return bucket.TryTake();
        }
    }
}
