using System.Collections.Concurrent;

namespace EdgeGate.Service.Uplink;

/// <summary>
/// Retained messages still to be sent: the latest per topic, so it is as large as there are topics and no larger. After every
/// login all go out again, since a broker without persistence has forgotten them.
/// </summary>
internal sealed class RetainedOutbox
{
    private readonly ConcurrentDictionary<string, byte[]> _latest = new();
    private readonly ConcurrentDictionary<string, (Func<long, byte[]> Hello, Func<long, byte[]> Goodbye)> _ofLogin = new();
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
    /// <param name="goodbye">Said by who leaves in good order: a broker publishes the last will only of who does not.</param>
    public void SetAtLogin(string topic, Func<long, byte[]> hello, Func<long, byte[]> goodbye) => _ofLogin[topic] = (hello, goodbye);

    /// <param name="login">As the link counts them.</param>
    public void SendAllAgain(long login)
    {
        foreach (var (topic, (hello, _)) in _ofLogin)
            _latest[topic] = hello(login);
        foreach (var topic in _latest.Keys)
            _unsent[topic] = 0;
    }

    /// <param name="login">The one that ends.</param>
    public void SayGoodbye(long login, Func<string, byte[], bool> trySend)
    {
        foreach (var (topic, (_, goodbye)) in _ofLogin)
            trySend(topic, goodbye(login));
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
