using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;

namespace EdgeGate.SystemTests.Soak;

/// <summary>
/// The least a center must do: take every record once by its number, recompute the chain, confirm what it has without a gap, and
/// pass over a gap only where the gate's signed tally says that nothing will come.
/// Keeps everything in memory, which in this test is the database that never fails.
/// </summary>
internal sealed class ReferenceReceiver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<long, byte[]> _records = new();
    private readonly Lock _lock = new();
    private readonly GateTopics _topics;
    private readonly P256Key _gateKey;
    private readonly MqttLink _link;
    private readonly ITimer _confirming;
    private ChainHash _chain;
    private long _upTo;
    private int _doubled;
    private int _forgedTallies;
    private TallyMessage? _tally;

    public ReferenceReceiver(int port, GateTopics topics, P256Key gateKey, TimeProvider time)
    {
        (_topics, _gateKey) = (topics, gateKey);
        _link = new MqttLink(
            new MqttLinkOptions { Endpoints = [new("127.0.0.1", port)], ClientId = "reference-receiver", BackoffMaximum = TimeSpan.FromSeconds(1) }, time);
        _confirming = time.CreateTimer(_ => Confirm(), null, TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(0.2));
    }

    /// <summary>Every number from 1 to here is here or void.</summary>
    public long UpTo
    {
        get { lock (_lock) return _upTo; }
    }

    public int Doubled => Volatile.Read(ref _doubled);

    /// <summary>Two different records under one number: must never be.</summary>
    public int Contradictions { get; private set; }

    /// <summary>Tallies that the gate did not sign.</summary>
    public int ForgedTallies => Volatile.Read(ref _forgedTallies);

    public ICollection<byte[]> Records => _records.Values;

    public byte[] this[long sequence] => _records[sequence];

    public bool Has(long sequence) => _records.ContainsKey(sequence);

    public async Task StartAsync()
    {
        foreach (var topic in new[] { _topics.Passages, _topics.Backlog })
            _ = _link.SubscribeAsync(topic, TakeAsync, CancellationToken.None);
        _ = _link.SubscribeAsync(_topics.Tally, TakeTallyAsync, CancellationToken.None);
        await _link.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _confirming.DisposeAsync();
        await _link.DisposeAsync();
    }

    private ValueTask TakeAsync(MqttInbound message, CancellationToken cancellationToken)
    {
        using var json = JsonDocument.Parse(message.Payload);
        var sequence = long.Parse(json.RootElement.GetProperty("sequence").GetString()!);
        var payload = message.Payload.ToArray();
        var kept = _records.GetOrAdd(sequence, payload);
        if (!ReferenceEquals(kept, payload))
        {
            Interlocked.Increment(ref _doubled);
            if (!kept.AsSpan().SequenceEqual(payload))
                Contradictions++;
        }
        lock (_lock)
            Advance();
        return ValueTask.CompletedTask;
    }

    private ValueTask TakeTallyAsync(MqttInbound message, CancellationToken cancellationToken)
    {
        if (!SignedJson.TryVerify(message.Payload.Span, _gateKey, out var json))
        {
            Interlocked.Increment(ref _forgedTallies);
            return ValueTask.CompletedTask;
        }
        lock (_lock)
        {
            _tally = JsonSerializer.Deserialize(json, RecordShapes.Default.TallyMessage);
            Advance();
        }
        return ValueTask.CompletedTask;
    }

    private void Advance()
    {
        while (true)
        {
            if (_records.TryGetValue(_upTo + 1, out var next))
            {
                _upTo++;
                _chain = ChainHash.Next($"{_topics.Site}/{_topics.Gate}", _upTo, _chain, next);
            }
            else if (VoidFrom(_upTo + 1) is { To: var last, Chain: { } resumed } && _records.ContainsKey(last + 1))
            {
                _upTo = last + 1;
                _chain = ChainHash.Read(Convert.FromHexString(resumed));
            }
            else
            {
                break;
            }
        }
    }

    /// <summary>The last of the void ranges that lie one behind the other from this number on.</summary>
    private VoidNumbers? VoidFrom(long sequence)
    {
        VoidNumbers? found = null;
        while (_tally?.Void.FirstOrDefault(range => range.From <= sequence && sequence <= range.To) is { } range)
            (found, sequence) = (range, range.To + 1);
        return found;
    }

    private void Confirm()
    {
        string receipt;
        lock (_lock)
        {
            if (_upTo == 0)
                return;
            receipt = $$"""{"upTo":{{_upTo}},"chain":"{{_chain}}"}""";
        }
        // A lost receipt is made good by the next one; it says everything again.
        _link.TryPublish(new MqttOutgoing { Topic = Encoding.UTF8.GetBytes(_topics.Receipt), Payload = Encoding.UTF8.GetBytes(receipt) }, rowId: 0);
        while (_link.Acks.TryRead(out _))
        {
        }
    }
}
