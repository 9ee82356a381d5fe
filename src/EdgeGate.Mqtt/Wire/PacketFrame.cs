using System.Buffers;

namespace EdgeGate.Mqtt.Wire;

internal enum FrameStatus
{
    NeedMore,
    Malformed,
    TooLarge,
    Complete,
}

/// <summary>A packet that we send: knows its first byte and how to write what follows the fixed header.</summary>
internal interface IOutgoingPacket
{
    byte FirstByte { get; }

    void WriteBody(ref WireWriter writer);
}

/// <summary>The fixed header that every MQTT packet starts with, MQTT 5 section 2.1: type and flags, then the length of the rest.</summary>
internal static class PacketFrame
{
    private const int MaximumLengthBytes = 4;

    /// <summary>
    /// Takes one packet off the front of <paramref name="buffer"/>. The size is judged by its header alone, so an
    /// announced giant costs no memory.
    /// </summary>
    /// <param name="buffer">Bytes received and not yet used; moved past the packet when it is complete.</param>
    /// <param name="maximumPacketSize">In bytes, fixed header included (section 3.1.2.11.4).</param>
    /// <param name="firstByte">Packet type in the upper four bits, flags in the lower four.</param>
    /// <param name="body">What follows the fixed header; valid as long as the buffer is.</param>
    public static FrameStatus TryRead(ref ReadOnlySequence<byte> buffer, int maximumPacketSize, out byte firstByte, out ReadOnlySequence<byte> body)
    {
        firstByte = 0;
        body = default;
        Span<byte> header = stackalloc byte[1 + MaximumLengthBytes];
        header = header[..(int)Math.Min(buffer.Length, header.Length)];
        buffer.Slice(0, header.Length).CopyTo(header);
        if (header.Length < 2)
            return FrameStatus.NeedMore;

        var lastLengthByte = header[1..].IndexOfAnyInRange((byte)0, (byte)0x7F);
        if (lastLengthByte < 0)
            return header.Length < 1 + MaximumLengthBytes ? FrameStatus.NeedMore : FrameStatus.Malformed;
        var length = new WireReader(header[1..]);
        var bodySize = length.VariableByteInteger();
        if (length.Malformed)
            return FrameStatus.Malformed;

        var headerSize = 2 + lastLengthByte;
        if (headerSize + bodySize > maximumPacketSize)
            return FrameStatus.TooLarge;
        if (buffer.Length < headerSize + bodySize)
            return FrameStatus.NeedMore;
        firstByte = header[0];
        body = buffer.Slice(headerSize, bodySize);
        buffer = buffer.Slice(body.End);
        return FrameStatus.Complete;
    }

    /// <summary>Size on the wire in bytes, fixed header included.</summary>
    public static int SizeOf<T>(in T packet) where T : IOutgoingPacket, allows ref struct
    {
        var writer = WireWriter.Measuring();
        Write(ref writer, packet);
        return writer.Length;
    }

    public static byte[] Encode<T>(in T packet) where T : IOutgoingPacket, allows ref struct
    {
        var bytes = new byte[SizeOf(packet)];
        Encode(packet, bytes);
        return bytes;
    }

    /// <summary>Writes the packet to the front of <paramref name="into"/>, which holds at least <see cref="SizeOf"/> bytes.</summary>
    public static void Encode<T>(in T packet, Span<byte> into) where T : IOutgoingPacket, allows ref struct
    {
        var writer = new WireWriter(into);
        Write(ref writer, packet);
    }

    private static void Write<T>(ref WireWriter writer, in T packet) where T : IOutgoingPacket, allows ref struct
    {
        var body = WireWriter.Measuring();
        packet.WriteBody(ref body);
        writer.Byte(packet.FirstByte);
        writer.VariableByteInteger(body.Length);
        packet.WriteBody(ref writer);
    }
}
