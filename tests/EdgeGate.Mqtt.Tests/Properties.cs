using System.Buffers;
using System.Text;
using EdgeGate.Mqtt.Session;
using EdgeGate.Mqtt.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Mqtt.Tests;

/// <summary>What holds for any bytes and any order of events.</summary>
public sealed class Properties
{
    private static readonly MqttVersion[] Versions = [MqttVersion.V5, MqttVersion.V311];

    [Fact]
    public void No_bytes_make_a_decoder_throw() =>
        Prop.ForAll<byte, byte[]>((firstByte, body) =>
        {
            foreach (var version in Versions)
            {
                ConnAckPacket.TryDecode(body, version, out _);
                ReceivedPublish.TryDecode(firstByte, body, version, out _);
                PubAckPacket.TryDecode(body, version, out _);
                SubAckPacket.TryDecode(body, version, out _);
                DisconnectPacket.TryDecode(body, version, out _);
            }
        }).Check(Many);

    [Fact]
    public void A_good_packet_with_any_bytes_changed_makes_no_decoder_throw()
    {
        byte[] good = [0x00, 0x01, 0x74, 0x00, 0x07, 0x15, 0x01, 0x01, 0x02, 0, 0, 0, 9, 0x0B, 0x80, 1, 3, 0, 1, 0x63, 0x26, 0, 1, 0x6B, 0, 1, 0x76, 0x68];
        Prop.ForAll<int, byte, int>((place, value, length) =>
        {
            var bad = good[..(int)((uint)length % (good.Length + 1))];
            if (bad.Length > 0)
                bad[(int)((uint)place % bad.Length)] = value;
            ReceivedPublish.TryDecode(0x32, bad, MqttVersion.V5, out _);
            ConnAckPacket.TryDecode(bad, MqttVersion.V5, out _);
        }).Check(Many);
    }

    [Fact]
    public void A_frame_is_taken_or_refused_or_waited_for_and_never_exceeds_the_limit() =>
        Prop.ForAll<byte[], byte[]>((first, second) =>
        {
            var buffer = Segments.Of(first, second);
            var before = buffer.Length;
            var status = PacketFrame.TryRead(ref buffer, 64, out _, out var body);
            return status == FrameStatus.Complete
                ? body.Length <= 62 && buffer.Length <= before - 2 - body.Length
                : buffer.Length == before;
        }).Check(Many);

    [Fact]
    public void A_message_comes_out_as_it_went_in() =>
        Prop.ForAll<NonNull<string>, byte[], bool>((text, payload, retain) =>
        {
            var topic = Encoding.UTF8.GetBytes(text.Get);
            if (!TopicName.IsValid(topic))
                return;
            foreach (var version in Versions)
            {
                var packet = PacketFrame.Encode(new PublishPacket(
                    new MqttOutgoing { Topic = topic, Payload = payload, Retain = retain, CorrelationData = payload, UserProperties = MqttUserProperties.Encode((text.Get, "v")) },
                    packetId: 513,
                    version));
                var buffer = new ReadOnlySequence<byte>(packet);
                Assert.Equal(FrameStatus.Complete, PacketFrame.TryRead(ref buffer, packet.Length, out var firstByte, out var body));
                Assert.True(buffer.IsEmpty);
                Assert.Null(ReceivedPublish.TryDecode(firstByte, body.FirstSpan, version, out var received));
                Assert.Equal((513, Encoding.UTF8.GetString(topic), retain), (received.PacketId, received.Message.Topic, received.Message.Retained));
                Assert.Equal(payload, received.Message.Payload.ToArray());
                Assert.Equal(version == MqttVersion.V5 ? payload : [], received.Message.CorrelationData.ToArray());
            }
        }).Check(Many);

    /// <summary>
    /// Against a model that is a list: messages given, sent, answered in any order, links lost with and without session. Ids in
    /// use are never given twice, order holds, the quota holds, and every row is answered exactly once.
    /// </summary>
    [Fact]
    public void The_window_forgets_nothing_and_doubles_nothing() =>
        Prop.ForAll<byte[]>(steps =>
        {
            const int capacity = 5;
            var window = new InFlightWindow(capacity);
            var waiting = new List<(long Row, ushort Id, bool Sent)>();
            var answered = new List<long>();
            var nextRow = 0L;
            var quota = capacity;
            foreach (var step in steps)
            {
                switch (step % 8)
                {
                    case < 3 when window.Count < capacity:
                        var id = window.NextPacketId;
                        Assert.DoesNotContain(waiting, message => message.Id == id);
                        window.Add(++nextRow, ArrayPool<byte>.Shared.Rent(1), 1, atMostOnce: false);
                        waiting.Add((nextRow, id, false));
                        break;
                    case 3 or 4:
                        var output = new ArrayBufferWriter<byte>();
                        var next = waiting.FindIndex(message => !message.Sent);
                        var expected = next >= 0 && waiting.Count(message => message.Sent) < quota;
                        Assert.Equal(expected, window.TrySend(quota, now: 0, output, out _));
                        if (expected)
                            waiting[next] = waiting[next] with { Sent = true };
                        break;
                    case 5:
                        var acknowledged = (ushort)(step / 8 % (capacity + 2));
                        var match = waiting.FindIndex(message => message.Sent && message.Id == acknowledged);
                        Assert.Equal(match < 0 ? null : waiting[match].Row, window.Acknowledge(acknowledged));
                        if (match < 0)
                            break;
                        answered.Add(waiting[match].Row);
                        waiting.RemoveAt(match);
                        break;
                    case 6:
                        Assert.Empty(window.Rewind(maximumPacketSize: 1));
                        quota = 1 + step / 8 % capacity;
                        waiting = [.. waiting.Select(message => message with { Sent = false })];
                        break;
                    case 7 when step > 200: // seldom, or nothing else gets far
                        var handedBack = window.HandBack();
                        Assert.Equal(waiting.Select(message => message.Row), handedBack);
                        answered.AddRange(handedBack);
                        waiting.Clear();
                        break;
                }
            }
            answered.AddRange(window.HandBack());
            Assert.Equal(nextRow, answered.Count);
            Assert.Equal(nextRow, answered.Distinct().Count());
        }).Check(Many);

    [Fact]
    public void Pauses_stay_between_the_minimum_and_a_ceiling_that_doubles() =>
        Prop.ForAll<int>(seed =>
        {
            var backoff = new Backoff(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30), new Random(seed));
            for (var failure = 1; failure <= 2000; failure++)
            {
                var ceiling = Math.Min(30, 0.25 * Math.Pow(2, failure));
                Assert.InRange(backoff.Next().TotalSeconds, 0.25, ceiling);
            }
            Assert.InRange(backoff.Slow().TotalSeconds, 30, 60);
            backoff.Reset();
            Assert.InRange(backoff.Next().TotalSeconds, 0.25, 0.5);
        }).QuickCheckThrowOnFailure();

    private static Config Many => Config.QuickThrowOnFailure.WithMaxTest(2000);
}
