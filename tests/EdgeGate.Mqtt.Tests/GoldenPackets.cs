using System.Buffers;
using System.Text;
using EdgeGate.Mqtt.Wire;

namespace EdgeGate.Mqtt.Tests;

/// <summary>Packets put together by hand from the OASIS specifications; section numbers are MQTT 5 unless said otherwise.</summary>
public sealed class GoldenPackets
{
    private static readonly MqttLinkOptions Plain = new()
    {
        Endpoints = [new MqttEndpoint("localhost", 1883)],
        ClientId = "g1",
        KeepAlive = TimeSpan.FromSeconds(60),
        SessionExpiry = TimeSpan.FromSeconds(3600),
        ReceiveMaximum = 64,
        MaximumPacketSize = 0x100000,
    };

    [Fact]
    public void Connect_with_everything_is_section_3_1()
    {
        var options = Plain with
        {
            Will = new MqttWill
            {
                Topic = "w",
                Payload = login => login == 7 ? "x"u8.ToArray() : default,
                Retain = true,
                Delay = TimeSpan.FromSeconds(5),
                ContentType = "c",
                UserProperties = MqttUserProperties.Encode(("k", "v")),
            },
        };
        AssertBytes(
            """
            10 39                     fixed header, 3.1.1
            00 04 4D 51 54 54         protocol name, 3.1.2.1
            05                        version, 3.1.2.2
            EC                        user name, password, will retain, will QoS 1, will; no clean start, 3.1.2.3
            00 3C                     keep alive 60 s, 3.1.2.10
            0D                        property length
            11 00 00 0E 10            session expiry 3600 s, 3.1.2.11.2
            21 00 40                  receive maximum 64, 3.1.2.11.3
            27 00 10 00 00            maximum packet size 1 MiB, 3.1.2.11.4
            00 02 67 31               client id, 3.1.3.1
            10                        will property length, 3.1.3.2
            18 00 00 00 05            will delay 5 s, 3.1.3.2.2
            03 00 01 63               content type, 3.1.3.2.5
            26 00 01 6B 00 01 76      user property, 3.1.3.2.8
            00 01 77                  will topic, 3.1.3.3
            00 01 78                  will payload, 3.1.3.4
            00 01 75                  user name, 3.1.3.5
            00 01 70                  password, 3.1.3.6
            """,
            PacketFrame.Encode(new ConnectPacket(options, new MqttCredentials("u", "p"), MqttVersion.V5, login: 7)));
    }

    [Fact]
    public void Connect_without_session_in_the_old_version_is_its_section_3_1() =>
        AssertBytes(
            """
            10 0E
            00 04 4D 51 54 54 04      protocol name and level, MQTT 3.1.1 section 3.1.2.1
            02 00 3C                  clean session, keep alive
            00 02 67 31               client id
            """,
            PacketFrame.Encode(new ConnectPacket(Plain with { SessionExpiry = TimeSpan.Zero }, MqttCredentials.None, MqttVersion.V311)));

    [Fact]
    public void Publish_with_properties_is_section_3_3()
    {
        var message = new MqttOutgoing
        {
            Topic = "a/b"u8,
            Payload = "hi"u8,
            Retain = true,
            ExpiresAfter = TimeSpan.FromSeconds(60),
            ContentType = "c"u8,
            ResponseTopic = "r"u8,
            CorrelationData = [0xFF],
            UserProperties = MqttUserProperties.Encode(("k", "v")),
        };
        AssertBytes(
            """
            33 22                     QoS 1, retain, 3.3.1
            00 03 61 2F 62            topic name, 3.3.2.1
            00 0A                     packet id, 3.3.2.2
            18                        property length
            02 00 00 00 3C            message expiry 60 s, 3.3.2.3.3
            03 00 01 63               content type, 3.3.2.3.9
            08 00 01 72               response topic, 3.3.2.3.5
            09 00 01 FF               correlation data, 3.3.2.3.6
            26 00 01 6B 00 01 76      user property, 3.3.2.3.7
            68 69                     payload, 3.3.3
            """,
            PacketFrame.Encode(new PublishPacket(message, 10, MqttVersion.V5)));
        AssertBytes("33 09  00 03 61 2F 62  00 0A  68 69", PacketFrame.Encode(new PublishPacket(message, 10, MqttVersion.V311)));
    }

    [Fact]
    public void Publish_at_most_once_has_no_packet_id() =>
        AssertBytes("30 04  00 01 74  00", PacketFrame.Encode(new PublishPacket(new MqttOutgoing { Topic = "t"u8, AtMostOnce = true }, 10, MqttVersion.V5)));

    [Fact]
    public void Small_packets_are_as_short_as_they_may_be()
    {
        AssertBytes("40 02 00 07", PacketFrame.Encode(new PubAckPacket(7, MqttReason.Success, null, MqttVersion.V5))); // 3.4.2.1
        AssertBytes("40 03 00 07 83", PacketFrame.Encode(new PubAckPacket(7, MqttReason.ImplementationSpecificError, null, MqttVersion.V5)));
        AssertBytes("40 02 00 07", PacketFrame.Encode(new PubAckPacket(7, MqttReason.ImplementationSpecificError, null, MqttVersion.V311)));
        AssertBytes("C0 00", PacketFrame.Encode(new PingReqPacket())); // 3.12
        AssertBytes("E0 00", PacketFrame.Encode(new DisconnectPacket(MqttReason.Success, null, MqttVersion.V5))); // 3.14.2.1
        AssertBytes("E0 01 95", PacketFrame.Encode(new DisconnectPacket(MqttReason.PacketTooLarge, null, MqttVersion.V5)));
        AssertBytes("82 07 00 09 00 00 01 74 01", PacketFrame.Encode(new SubscribePacket(9, "t", MqttVersion.V5))); // 3.8
        AssertBytes("82 06 00 09 00 01 74 01", PacketFrame.Encode(new SubscribePacket(9, "t", MqttVersion.V311)));
    }

    [Fact]
    public void ConnAck_with_properties_is_section_3_2()
    {
        var body = Bytes(
            """
            01 00                     session present, success, 3.2.2.1 and 3.2.2.2
            29                        property length
            11 00 00 00 3C            session expiry 60 s, 3.2.2.3.2
            21 00 14                  receive maximum 20, 3.2.2.3.3
            24 01                     maximum QoS 1, 3.2.2.3.4
            25 00                     retain not available, 3.2.2.3.5
            27 00 00 07 D0            maximum packet size 2000, 3.2.2.3.6
            12 00 01 61               assigned client id, 3.2.2.3.7
            22 00 05                  topic alias maximum, 3.2.2.3.8
            1F 00 01 68               reason string, 3.2.2.3.9
            28 00                     wildcards not available, 3.2.2.3.11
            13 00 14                  server keep alive 20 s, 3.2.2.3.14
            1C 00 05 6F 74 68 65 72   server reference, 3.2.2.3.16
            """);

        Assert.True(ConnAckPacket.TryDecode(body, MqttVersion.V5, out var ack));
        Assert.True(ack is
        {
            SessionPresent: true,
            Reason: MqttReason.Success,
            SessionExpiryInterval: 60,
            ReceiveMaximum: 20,
            MaximumQos: 1,
            RetainAvailable: false,
            MaximumPacketSize: 2000,
            ReasonString: "h",
            ServerKeepAlive: 20,
            ServerReference: "other",
        });
    }

    [Theory]
    [InlineData("00")] // no reason
    [InlineData("02 00 00")] // reserved flag, 3.2.2.1
    [InlineData("00 00 03 21 00 00")] // receive maximum 0 is a protocol error, 3.2.2.3.3
    [InlineData("00 00 02 7F 00")] // unknown property
    [InlineData("00 00 05 21 00 14")] // property length beyond the packet
    public void What_is_no_ConnAck_is_not_taken_for_one(string hex) =>
        Assert.False(ConnAckPacket.TryDecode(Bytes(hex), MqttVersion.V5, out _));

    [Fact]
    public void A_received_publish_is_section_3_3()
    {
        var body = Bytes("00 01 74  00 07  15  01 01  02 00 00 00 09  0B 80 01  03 00 01 63  26 00 01 6B 00 01 76  68 69");

        Assert.Null(ReceivedPublish.TryDecode(0x3B, body, MqttVersion.V5, out var packet));
        Assert.Equal((7, "t", "hi"), (packet.PacketId, packet.Message.Topic, Encoding.UTF8.GetString(packet.Message.Payload.Span)));
        Assert.True(packet.Message is { Retained: true, Redelivered: true, ContentType: "c", UserProperties: [{ Key: "k", Value: "v" }] });
    }

    [Theory]
    [InlineData("00 01 00 00 07 00")] // U+0000 in the topic, 1.5.4
    [InlineData("00 01 C3 00 07 00")] // half a character
    [InlineData("00 01 74 00 00 00")] // packet id 0, 2.2.1
    [InlineData("00 01 74 00 07 81 00")] // property length in two bytes where one does, 1.5.5
    public void A_malformed_publish_is_told_apart(string hex) =>
        Assert.Equal(MqttReason.MalformedPacket, ReceivedPublish.TryDecode(0x32, Bytes(hex), MqttVersion.V5, out _));

    [Fact]
    public void Answers_to_us_are_read_with_and_without_their_optional_ends()
    {
        Assert.True(PubAckPacket.TryDecode(Bytes("00 07"), MqttVersion.V5, out var bare));
        Assert.Equal((7, MqttReason.Success), (bare.PacketId, bare.Reason));
        Assert.True(PubAckPacket.TryDecode(Bytes("00 07 97"), MqttVersion.V5, out var withReason));
        Assert.Equal(MqttReason.QuotaExceeded, withReason.Reason);
        Assert.True(PubAckPacket.TryDecode(Bytes("00 07 97 04 1F 00 01 68"), MqttVersion.V5, out var withText));
        Assert.Equal("h", withText.ReasonString);
        Assert.True(SubAckPacket.TryDecode(Bytes("00 09 00 01"), MqttVersion.V5, out var granted)); // 3.9
        Assert.Equal((9, MqttReason.GrantedQos1), (granted.PacketId, granted.Reason));
        Assert.True(SubAckPacket.TryDecode(Bytes("00 09 80"), MqttVersion.V311, out var refused));
        Assert.Equal(MqttReason.UnspecifiedError, refused.Reason);
        Assert.True(DisconnectPacket.TryDecode([], MqttVersion.V5, out var normal)); // 3.14.2.1
        Assert.Equal(MqttReason.Success, normal.Reason);
    }

    [Theory] // table 1-1 of section 1.5.5
    [InlineData(0, "00")]
    [InlineData(127, "7F")]
    [InlineData(128, "80 01")]
    [InlineData(16_383, "FF 7F")]
    [InlineData(16_384, "80 80 01")]
    [InlineData(2_097_151, "FF FF 7F")]
    [InlineData(2_097_152, "80 80 80 01")]
    [InlineData(268_435_455, "FF FF FF 7F")]
    public void Variable_byte_integers_have_the_lengths_of_table_1_1(int value, string hex)
    {
        var bytes = new byte[4];
        var writer = new WireWriter(bytes);
        writer.VariableByteInteger(value);
        AssertBytes(hex, bytes[..writer.Length]);
        Assert.Equal(value, new WireReader(Bytes(hex)).VariableByteInteger());
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(2), InlineData(5)]
    public void A_packet_arriving_in_two_pieces_is_one_packet(int cut)
    {
        var packet = Bytes("40 04 00 07 10 00");
        var partial = new ReadOnlySequence<byte>(packet.AsMemory(..cut));
        Assert.Equal(FrameStatus.NeedMore, PacketFrame.TryRead(ref partial, 100, out _, out _));
        Assert.Equal(cut, partial.Length);

        var whole = Segments.Of(packet[..cut], packet[cut..], [0xC0]);
        Assert.Equal(FrameStatus.Complete, PacketFrame.TryRead(ref whole, 100, out var firstByte, out var body));
        Assert.Equal((0x40, 4L, 1L), (firstByte, body.Length, whole.Length));
    }

    [Fact]
    public void A_packet_is_too_large_from_the_first_byte_over_the_limit()
    {
        var packet = new ReadOnlySequence<byte>(Bytes("40 04 00 07 10 00"));
        Assert.Equal(FrameStatus.TooLarge, PacketFrame.TryRead(ref packet, 5, out _, out _));
        Assert.Equal(FrameStatus.Complete, PacketFrame.TryRead(ref packet, 6, out _, out _));
    }

    private static void AssertBytes(string expected, byte[] actual) => Assert.Equal(Convert.ToHexString(Bytes(expected)), Convert.ToHexString(actual));

    /// <summary>Hexadecimal bytes at the start of each line; what follows them is a remark.</summary>
    private static byte[] Bytes(string listing)
    {
        var bytes = new List<byte>();
        foreach (var line in listing.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            bytes.AddRange(words.TakeWhile(word => word.Length == 2 && word.All(char.IsAsciiHexDigitUpper)).Select(word => Convert.ToByte(word, 16)));
        }
        return [.. bytes];
    }
}
