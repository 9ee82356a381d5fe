namespace EdgeGate.HealthCodes.Providers;

/// <summary>Greens a provider gave, by token hash; bounded, the oldest goes first. Ages by the monotonic clock. Safe to use from many threads.</summary>
internal sealed class GreenCache(TimeSpan maxAge, int capacity, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, (ProviderReply Reply, long At)> _greens = new(StringComparer.Ordinal);

    /// <summary>Remembers a green; any other answer makes the green before it untrue.</summary>
    public void Note(string tokenHash, ProviderReply answer)
    {
        lock (_lock)
        {
            _greens.Remove(tokenHash);
            if (answer.Status != HealthCodeStatus.ProviderGreen)
                return;
            if (_greens.Count == capacity)
                _greens.RemoveAt(0);
            _greens.Add(tokenHash, (answer, time.GetTimestamp()));
        }
    }

    /// <summary>The green for this token and its age, when it is young enough.</summary>
    public (ProviderReply Reply, TimeSpan Age)? Find(string tokenHash)
    {
        lock (_lock)
        {
            return _greens.TryGetValue(tokenHash, out var green) && time.GetElapsedTime(green.At) is var age && age <= maxAge ? (green.Reply, age) : null;
        }
    }
}
