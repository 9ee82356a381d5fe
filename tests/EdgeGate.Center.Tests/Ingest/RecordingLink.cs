using System.Text;
using System.Threading.Channels;
using EdgeGate.Mqtt;

namespace EdgeGate.Center.Tests.Ingest;

/// <summary>Takes everything and remembers it.</summary>
internal sealed class RecordingLink : IMqttLink
{
    public Channel<(string Topic, byte[] Payload)> Published { get; } = Channel.CreateUnbounded<(string, byte[])>();
    public MqttLinkState State { get; } = new(MqttLinkPhase.Online);
    public MqttServerLimits? Limits => null;
    public ChannelReader<MqttAck> Acks { get; } = Channel.CreateUnbounded<MqttAck>().Reader;

    public event Action<MqttLinkEvent>? Changed
    {
        add { }
        remove { }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public bool TryPublish(in MqttOutgoing message, long rowId) => Published.Writer.TryWrite((Encoding.UTF8.GetString(message.Topic), message.Payload.ToArray()));

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public Task<MqttReason> SubscribeAsync(string filter, MqttInboundHandler handler, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void UseCredentials(MqttCredentials credentials) => throw new NotSupportedException();

    public Task StopAsync(TimeSpan drain, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
