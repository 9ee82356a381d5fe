using System.Collections.Concurrent;

namespace EdgeGate.Service.Uplink;

/// <summary>
/// Retained messages still to be sent: the latest per topic, so it is as large as there are topics and no larger. After every
/// login all go out again, since a broker without persistence has forgotten them.
/// </summary>
internal sealed class RetainedOutbox
{
    private readonly ConcurrentDictionary<string, byte[]> _latest = new();
    private readonly ConcurrentDictionary<string, Func<long, byte[]>> _ofLogin = new();
    private readonly ConcurrentDictionary<string, byte> _unsent = new();

    /// <summary>Raised after <see cref="Set"/>.</summary>
    public event Action? Changed;

    public void Set(string topic, byte[] payload)
    {
        _latest[topic] = payload;
        _unsent[topic] = 0;
        Changed?.Invoke();
    }

    /// <summary>For what says which login it is of: made at each, from the link's number of it.</summary>
    public void SetAtLogin(string topic, Func<long, byte[]> hello) => _ofLogin[topic] = hello;

    /// <param name="login">As the link counts them.</param>
    public void SendAllAgain(long login)
    {
        foreach (var (topic, hello) in _ofLogin)
            _latest[topic] = hello(login);
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
