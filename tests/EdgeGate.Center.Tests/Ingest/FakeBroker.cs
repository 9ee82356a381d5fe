using System.Text;
using System.Threading.Channels;
using EdgeGate.Mqtt;

namespace EdgeGate.Center.Tests.Ingest;

/// <summary>A broker that takes everything: keeps what is to be retained, and gives it to whoever subscribes to its topic.</summary>
internal sealed class FakeBroker : IMqttLink
{
    private readonly Channel<MqttAck> _acks = Channel.CreateUnbounded<MqttAck>();
    private readonly Dictionary<string, MqttInboundHandler> _handlers = new(StringComparer.Ordinal);

    public Channel<(string Topic, byte[] Payload)> Published { get; } = Channel.CreateUnbounded<(string, byte[])>();

    /// <summary>To what is published from now on.</summary>
    public MqttReason Answer { get; set; } = MqttReason.Success;

    /// <summary>By topic.</summary>
    public Dictionary<string, byte[]> Retained { get; } = new(StringComparer.Ordinal);
    public MqttLinkState State { get; } = new(MqttLinkPhase.Online);
    public MqttServerLimits? Limits => null;
    public ChannelReader<MqttAck> Acks => _acks.Reader;

    public event Action<MqttLinkEvent>? Changed;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogIn();
        return Task.CompletedTask;
    }

    /// <summary>As after each login: what was subscribed to and is retained comes.</summary>
    public void LogIn()
    {
        Changed?.Invoke(new MqttLinkEvent(MqttLinkEventKind.Up, "up"));
        foreach (var (topic, handler) in _handlers)
            Give(topic, handler);
    }

    public bool TryPublish(in MqttOutgoing message, long rowId)
    {
        var (topic, payload) = (Encoding.UTF8.GetString(message.Topic), message.Payload.ToArray());
        if (message.Retain && payload.Length == 0)
            Retained.Remove(topic);
        else if (message.Retain)
            Retained[topic] = payload;
        return Published.Writer.TryWrite((topic, payload)) && _acks.Writer.TryWrite(new MqttAck(rowId, Answer));
    }

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public Task<MqttReason> SubscribeAsync(string filter, MqttInboundHandler handler, CancellationToken cancellationToken)
    {
        _handlers[filter] = handler;
        Give(filter, handler);
        return Task.FromResult(MqttReason.Success);
    }

    public void UseCredentials(MqttCredentials credentials) => throw new NotSupportedException();

    public Task StopAsync(TimeSpan drain, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Give(string topic, MqttInboundHandler handler)
    {
        if (Retained.TryGetValue(topic, out var payload))
            handler(new MqttInbound { Topic = topic, Payload = payload, Retained = true }, CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }
}
