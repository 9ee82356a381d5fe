using EdgeGate.Mqtt.Wire;

namespace EdgeGate.Mqtt.Session;

/// <summary>What outlives a connection on the receiving side: filters, their handlers, and which of them the server knows.</summary>
internal sealed class Subscriptions
{
    private enum Standing
    {
        Wanted,
        Asked,
        Granted,
        Refused,
    }

    private sealed class Entry(string filter, MqttInboundHandler? handler, MqttBatchHandler? batchHandler)
    {
        public string Filter => filter;
        public MqttInboundHandler? Handler => handler;
        public MqttBatchHandler? BatchHandler => batchHandler;
        public Standing Standing { get; set; }
        public ushort PacketId { get; set; }
        public long AskedAt { get; set; }
        public TaskCompletionSource<MqttReason> FirstAnswer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private const int FirstPacketId = MqttLinkOptions.MaximumWindow + 1;
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private ushort _nextPacketId = FirstPacketId;

    /// <summary>When the oldest unanswered SUBSCRIBE went out; null if none waits.</summary>
    public long? OldestAskedAt
    {
        get
        {
            lock (_lock)
                return _entries.Where(entry => entry.Standing == Standing.Asked).Min(entry => (long?)entry.AskedAt);
        }
    }

    /// <summary>Registers a filter, or replaces its handler.</summary>
    /// <returns>Completes with the server's first answer.</returns>
    public Task<MqttReason> Add(string filter, MqttInboundHandler handler) => Add(new Entry(filter, handler, batchHandler: null));

    /// <inheritdoc cref="Add(string, MqttInboundHandler)"/>
    public Task<MqttReason> Add(string filter, MqttBatchHandler handler) => Add(new Entry(filter, handler: null, handler));

    private Task<MqttReason> Add(Entry added)
    {
        lock (_lock)
        {
            _entries.RemoveAll(entry => string.Equals(entry.Filter, added.Filter, StringComparison.Ordinal));
            _entries.Add(added);
        }
        return added.FirstAnswer.Task;
    }

    public void LinkUp(bool sessionPresent)
    {
        lock (_lock)
        {
            foreach (var entry in _entries.Where(entry => !(sessionPresent && entry.Standing == Standing.Granted)))
                entry.Standing = Standing.Wanted;
        }
    }

    /// <summary>The next SUBSCRIBE to send, or null.</summary>
    public byte[]? NextPacket(MqttVersion version, long now)
    {
        lock (_lock)
        {
            if (_entries.Find(entry => entry.Standing == Standing.Wanted) is not { } next)
                return null;
            next.Standing = Standing.Asked;
            next.AskedAt = now;
            next.PacketId = FreePacketId();
            return PacketFrame.Encode(new SubscribePacket(next.PacketId, next.Filter, version));
        }
    }

    /// <returns>The filter that was refused, or null when granted or not asked for.</returns>
    public string? Received(SubAckPacket ack)
    {
        lock (_lock)
        {
            if (_entries.Find(entry => entry.Standing == Standing.Asked && entry.PacketId == ack.PacketId) is not { } entry)
                return null;
            var refused = ack.Reason >= MqttReason.UnspecifiedError;
            entry.Standing = refused ? Standing.Refused : Standing.Granted;
            entry.FirstAnswer.TrySetResult(ack.Reason);
            return refused ? entry.Filter : null;
        }
    }

    public IReadOnlyList<MqttInboundHandler> HandlersFor(string topic)
    {
        lock (_lock)
            return [.. _entries.Where(entry => entry.Handler is not null && TopicName.Matches(entry.Filter, topic)).Select(entry => entry.Handler!)];
    }

    /// <summary>Null where messages of this topic are handled one by one.</summary>
    public MqttBatchHandler? BatchHandlerFor(string topic)
    {
        lock (_lock)
            return _entries.Find(entry => entry.BatchHandler is not null && TopicName.Matches(entry.Filter, topic))?.BatchHandler;
    }

    /// <summary>Nobody will answer any more.</summary>
    public void End()
    {
        lock (_lock)
        {
            foreach (var entry in _entries)
                entry.FirstAnswer.TrySetCanceled();
        }
    }

    private ushort FreePacketId()
    {
        do
            _nextPacketId = _nextPacketId == ushort.MaxValue ? (ushort)FirstPacketId : (ushort)(_nextPacketId + 1);
        while (_entries.Exists(entry => entry.Standing == Standing.Asked && entry.PacketId == _nextPacketId));
        return _nextPacketId;
    }
}
