namespace EdgeGate.Service.Uplink;

/// <summary>Ranges of records that somebody asked for once more, until the uplink takes them. From any thread.</summary>
internal sealed class ResendRequests
{
    /// <summary>Each may be the whole journal, so nobody needs many.</summary>
    private const int Most = 16;

    private readonly Lock _lock = new();
    private readonly Queue<(long First, long Last)> _waiting = new();

    /// <summary>Raised after a range was taken.</summary>
    public event Action? Changed;

    /// <summary>Both numbers included. False when there is no room, and then nothing was taken.</summary>
    public bool TryRequest(long first, long last)
    {
        lock (_lock)
        {
            if (_waiting.Count == Most)
                return false;
            _waiting.Enqueue((first, last));
        }
        Changed?.Invoke();
        return true;
    }

    /// <summary>The oldest range that waits.</summary>
    public bool TryTake(out long first, out long last)
    {
        lock (_lock)
        {
            var any = _waiting.TryDequeue(out var range);
            (first, last) = range;
            return any;
        }
    }
}
