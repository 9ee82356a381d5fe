using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeGate.Mqtt.Tests;

/// <summary>A server that does only what the test tells it to, one packet at a time.</summary>
internal sealed class FakeServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public FakeServer()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    public int Port { get; }

    public bool SomebodyKnocks => _listener.Pending();

    public async Task<FakePeer> AcceptAsync() => new(await LinkUnderTest.Within(_listener.AcceptSocketAsync(), "a connection"));

    /// <summary>Accepts, reads CONNECT and answers it.</summary>
    public async Task<FakePeer> LoginAsync(byte[]? connAck = null)
    {
        var peer = await AcceptAsync();
        await peer.ExpectAsync(0x10);
        await peer.SendAsync(connAck ?? Answer.Welcome());
        return peer;
    }

    public void Dispose() => _listener.Dispose();
}

internal readonly record struct Packet(byte FirstByte, byte[] Body)
{
    public ushort PacketId => (FirstByte & 0xF0) == 0x30
        ? (ushort)((Body[2 + Body[1]] << 8) | Body[3 + Body[1]]) // after a topic shorter than 256 bytes
        : (ushort)((Body[0] << 8) | Body[1]);

    public bool Dup => (FirstByte & 0x08) != 0;

    /// <summary>The row number that the tests publish as payload, in a message without properties.</summary>
    public int Row => int.Parse(Encoding.UTF8.GetString(Body.AsSpan(2 + Body[1] + 2 + 1)));
}

internal sealed class FakePeer(Socket socket) : IDisposable
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);

    /// <summary>The next packet; null when the client is gone.</summary>
    public async Task<Packet?> ReadAsync()
    {
        try
        {
            var firstByte = await ByteAsync();
            var length = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = await ByteAsync();
                length |= (next & 0x7F) << shift;
                if (next < 0x80)
                    break;
            }
            var body = new byte[length];
            await LinkUnderTest.Within(_stream.ReadExactlyAsync(body).AsTask().ContinueWith(read => read.IsCompletedSuccessfully, TaskScheduler.Default), "a packet's body");
            return new Packet(firstByte, body);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public async Task<Packet> ExpectAsync(byte firstByte)
    {
        var packet = await ReadAsync();
        Assert.NotNull(packet);
        Assert.Equal($"0x{firstByte:X2}", $"0x{packet.Value.FirstByte:X2}");
        return packet.Value;
    }

    /// <summary>A QoS 1 message that nobody sent before.</summary>
    public Task<Packet> ExpectPublishAsync() => ExpectAsync(0x32);

    public async Task SendAsync(params byte[] bytes) => await _stream.WriteAsync(bytes);

    public Task AcknowledgeAsync(ushort packetId) => SendAsync(0x40, 0x02, (byte)(packetId >> 8), (byte)packetId);

    public void Dispose() => _stream.Dispose();

    private async Task<byte> ByteAsync()
    {
        var one = new byte[1];
        var read = await LinkUnderTest.Within(_stream.ReadAsync(one).AsTask(), "a byte");
        return read == 1 ? one[0] : throw new EndOfStreamException();
    }
}

/// <summary>What servers say, in bytes.</summary>
internal static class Answer
{
    /// <summary>CONNACK of MQTT 5 without refusal, section 3.2.</summary>
    public static byte[] Welcome(bool sessionPresent = false, params byte[] properties) =>
        [0x20, (byte)(3 + properties.Length), (byte)(sessionPresent ? 1 : 0), 0x00, (byte)properties.Length, .. properties];

    public static byte[] ReceiveMaximum(byte value) => [0x21, 0x00, value];

    public static byte[] ReasonString(string text) => [0x1F, 0x00, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    /// <summary>CONNACK of MQTT 5 with a refusal.</summary>
    public static byte[] Refused(byte reason, params byte[] properties) =>
        [0x20, (byte)(3 + properties.Length), 0x00, reason, (byte)properties.Length, .. properties];

    /// <summary>CONNACK of MQTT 3.1.1, section 3.2: two bytes.</summary>
    public static byte[] Old(byte returnCode, bool sessionPresent = false) => [0x20, 0x02, (byte)(sessionPresent ? 1 : 0), returnCode];

    public static byte[] PubAck(ushort packetId, byte reason, params byte[] properties) =>
        [0x40, (byte)(4 + properties.Length), (byte)(packetId >> 8), (byte)packetId, reason, (byte)properties.Length, .. properties];

    public static byte[] Disconnect(byte reason, params byte[] properties) =>
        [0xE0, (byte)(2 + properties.Length), reason, (byte)properties.Length, .. properties];

    public static byte[] SubAck(ushort packetId, byte reason) => [0x90, 0x04, (byte)(packetId >> 8), (byte)packetId, 0x00, reason];

    /// <summary>PUBLISH at QoS 1 without properties; topic "t".</summary>
    public static byte[] Message(ushort packetId, string payload) =>
        [0x32, (byte)(6 + payload.Length), 0x00, 0x01, (byte)'t', (byte)(packetId >> 8), (byte)packetId, 0x00, .. Encoding.UTF8.GetBytes(payload)];
}
