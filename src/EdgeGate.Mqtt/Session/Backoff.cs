namespace EdgeGate.Mqtt.Session;

/// <summary>
/// Pauses between attempts, with full jitter: anything between the minimum and a ceiling that doubles each time, so that a thousand gates
/// whose server restarts do not come back together, and no run of failures ever becomes a tight loop.
/// </summary>
internal sealed class Backoff(TimeSpan minimum, TimeSpan maximum, Random random)
{
    private int _failures;

    public TimeSpan Next()
    {
        _failures++;
        var ceiling = Math.Min(maximum.TotalMilliseconds, minimum.TotalMilliseconds * Math.Pow(2, _failures));
        return Between(minimum.TotalMilliseconds, ceiling);
    }

    /// <summary>For a dispute that goes on as long as both sides hurry: two clients with one id throw each other out.</summary>
    public TimeSpan Slow() => Between(maximum.TotalMilliseconds, 2 * maximum.TotalMilliseconds);

    public void Reset() => _failures = 0;

    private TimeSpan Between(double low, double high) => TimeSpan.FromMilliseconds(low + random.NextDouble() * (high - low));
}
