using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using EdgeGate.Benchmarks.Appending;
using EdgeGate.Benchmarks.Draining;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Mqtt.Session;
using EdgeGate.Mqtt.Wire;

namespace EdgeGate.Benchmarks.Inner;

/// <summary>A message into the window, onto the wire and out again by its acknowledgement; no network.</summary>
public class Publishing
{
    private static readonly MqttServerLimits Limits = new()
    {
        Version = MqttVersion.V5,
        SessionPresent = false,
        ReceiveMaximum = 1000,
        MaximumPacketSize = 1024 * 1024,
        KeepAlive = TimeSpan.FromSeconds(30),
        SessionExpiry = TimeSpan.Zero,
        RetainAvailable = true,
        Qos1Available = true,
    };

    private readonly byte[] _topic = Encoding.UTF8.GetBytes(DrainProbe.Topics.Backlog);
    private readonly byte[] _contentType = Encoding.ASCII.GetBytes(RecordEnvelope.ContentType);
    private readonly byte[] _payload = new byte[JournalBench.PayloadBytes];
    private readonly ArrayBufferWriter<byte> _wire = new(64 * 1024);
    private readonly PublishSession _session = new(DrainProbe.LinkOptions("bench", port: 1883), TimeProvider.System);
    private ushort _packetId;

    public Publishing() => _session.LinkUp(Limits);

    [Benchmark(Description = "published and acknowledged"), Bytes(JournalBench.PayloadBytes)]
    public long Publish()
    {
        _session.TryPublish(new MqttOutgoing { Topic = _topic, Payload = _payload, ContentType = _contentType }, 1);
        _wire.ResetWrittenCount();
        _session.FillBatch(_wire, 64 * 1024);
        _packetId = (ushort)(_packetId % 256 + 1);
        _session.Received(new PubAckPacket(_packetId, MqttReason.Success, null, MqttVersion.V5));
        return _session.Acks.TryRead(out var ack) ? ack.RowId : throw new InvalidOperationException("a message was not acknowledged");
    }
}
