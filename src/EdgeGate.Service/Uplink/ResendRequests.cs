using System.Collections.Concurrent;

namespace EdgeGate.Service.Uplink;

/// <summary>Ranges of records that the center misses and has asked for; they go out one range after the other, behind everything newer.</summary>
internal sealed class ResendRequests
{
    private const int Most = 16;
    private readonly ConcurrentQueue<(long First, long Last)> _ranges = new();

    /// <summary>Raised after a range was taken.</summary>
    public event Action? Changed;

    /// <summary>Returns false when too many ranges wait already: the center asks again.</summary>
    public bool TryRequest(long first, long last)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(first);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        if (_ranges.Count >= Most)
            return false;
        _ranges.Enqueue((first, last));
        Changed?.Invoke();
        return true;
    }

    public bool IsWaiting => !_ranges.IsEmpty;

    public bool TryTake(out (long First, long Last) range) => _ranges.TryDequeue(out range);
}
