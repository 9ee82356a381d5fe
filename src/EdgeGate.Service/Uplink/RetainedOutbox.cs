using System.Collections.Concurrent;

namespace EdgeGate.Service.Uplink;

/// <summary>
/// Retained messages still to be sent: the latest per topic, so it is as large as there are topics and no larger. After every
/// login all go out again, since a broker without persistence has forgotten them.
/// </summary>
internal sealed class RetainedOutbox
{
    private readonly ConcurrentDictionary<string, byte[]> _latest = new();
    private readonly ConcurrentDictionary<string, byte> _unsent = new();

    /// <summary>Raised after <see cref="Set"/>.</summary>
    public event Action? Changed;

    public void Set(string topic, byte[] payload)
    {
        _latest[topic] = payload;
        _unsent[topic] = 0;
        Changed?.Invoke();
    }

    public void SendAllAgain()
    {
        foreach (var topic in _latest.Keys)
            _unsent[topic] = 0;
    }

    /// <summary>Hands each unsent message to <paramref name="trySend"/> until one is not taken.</summary>
    public void Drain(Func<string, byte[], bool> trySend)
    {
        foreach (var topic in _unsent.Keys)
        {
            _unsent.TryRemove(topic, out _); // before reading: a newer one that comes meanwhile marks it again
            if (trySend(topic, _latest[topic]))
                continue;
            _unsent[topic] = 0;
            return;
        }
    }
}
