using System.Buffers;
using System.Buffers.Binary;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Scanners;

/// <summary>What a packet of a GM67 module is about.</summary>
public enum Gm67Opcode : byte
{
    SetParameter = 0xC6,
    Ack = 0xD0,
    Nack = 0xD1,
    Scanned = 0xF3,
    ScannedLong = 0xF4,
}

/// <summary>One packet; for codes the symbology goes before the text.</summary>
public readonly record struct Gm67Packet(Gm67Opcode Opcode, byte Symbology, ReadOnlyMemory<byte> Text);

/// <summary>
/// The packets of GM67 scanner modules (Simple Serial Interface): length, opcode, source, status, data, checksum; for long codes
/// FF F4, length (2 bytes, big-endian), F4, source, status, symbology, text, checksum. The checksum is the two's complement of the
/// 16-bit sum, big-endian. hardware/gm65/README.md
/// </summary>
public static class Gm67Frame
{
    private const byte LongMark = 0xFF, Host = 0x04, Permanent = 0x08;
    private const int HeaderLength = 4, LongHeaderLength = 8, ChecksumLength = 2;

    public static byte[] Ack() => Command(Gm67Opcode.Ack, status: 0);

    /// <summary>As the module says it; for simulated modules.</summary>
    internal static byte[] AckOfModule() => WithChecksum([HeaderLength, (byte)Gm67Opcode.Ack, 0, 0]);

    /// <summary>Asks for the last packet again.</summary>
    public static byte[] Resend()
    {
        const byte Again = 0x01;
        return Command(Gm67Opcode.Nack, status: 0, Again);
    }

    /// <param name="permanent">Also after a loss of power.</param>
    public static byte[] SetParameter(byte parameter, byte value, bool permanent) =>
        Command(Gm67Opcode.SetParameter, permanent ? Permanent : (byte)0, 0, parameter, value);

    /// <summary>What the module sends. A packet with a wrong checksum is dropped whole; the module sends it again when asked.</summary>
    public static Decoded<Gm67Packet> Decode(ref ReadOnlySequence<byte> buffer)
    {
        if (SkipGarbage(ref buffer))
            return Decoded.Corrupt<Gm67Packet>(FrameFault.Garbage);
        if (buffer.Length < HeaderLength)
            return Decoded.NeedMore<Gm67Packet>();
        Span<byte> header = stackalloc byte[HeaderLength];
        buffer.Slice(0, HeaderLength).CopyTo(header);
        var isLong = header[0] == LongMark;
        int length = isLong ? BinaryPrimitives.ReadUInt16BigEndian(header[2..]) : header[0];
        if (length < (isLong ? LongHeaderLength : HeaderLength) || length > LongHeaderLength + ScannedCode.MaxBytes)
        {
            buffer = buffer.Slice(1);
            return Decoded.Corrupt<Gm67Packet>(FrameFault.BadLength, claimed: HeaderLength);
        }
        var whole = length + ChecksumLength;
        if (buffer.Length < whole)
            return Decoded.NeedMore<Gm67Packet>();
        var packet = buffer.Slice(0, whole).ToArray();
        buffer = buffer.Slice(whole);
        if (unchecked((ushort)-Sum(packet.AsSpan(0, length))) != BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(length)))
            return Decoded.Corrupt<Gm67Packet>(FrameFault.BadChecksum);
        return Decoded.Complete(Parse(packet.AsMemory(0, length), isLong), whole);
    }

    /// <summary>A code as the module sends it; for simulated modules.</summary>
    internal static byte[] Scanned(byte symbology, ReadOnlySpan<byte> text)
    {
        var length = HeaderLength + 1 + text.Length;
        if (length <= byte.MaxValue)
            return WithChecksum([(byte)length, (byte)Gm67Opcode.Scanned, 0, 0, symbology, .. text]);
        length = LongHeaderLength + text.Length;
        return WithChecksum([LongMark, (byte)Gm67Opcode.ScannedLong, (byte)(length >> 8), (byte)length, (byte)Gm67Opcode.ScannedLong, 0, 0, symbology, .. text]);
    }

    private static Gm67Packet Parse(ReadOnlyMemory<byte> packet, bool isLong)
    {
        var opcode = (Gm67Opcode)packet.Span[1];
        if (isLong)
            return new(opcode, packet.Span[LongHeaderLength - 1], packet[LongHeaderLength..]);
        return opcode == Gm67Opcode.Scanned && packet.Length > HeaderLength
            ? new(opcode, packet.Span[HeaderLength], packet[(HeaderLength + 1)..])
            : new(opcode, 0, packet[HeaderLength..]);
    }

    /// <summary>Nothing marks a beginning but a length that is followed by an opcode modules send.</summary>
    private static bool SkipGarbage(ref ReadOnlySequence<byte> buffer)
    {
        var held = buffer.Length;
        while (!buffer.IsEmpty)
        {
            var reader = new SequenceReader<byte>(buffer);
            reader.TryRead(out var length);
            var begins = length == LongMark
                ? !reader.TryRead(out var opcode) || opcode == (byte)Gm67Opcode.ScannedLong
                : length >= HeaderLength && (!reader.TryRead(out opcode) || (Gm67Opcode)opcode is Gm67Opcode.Ack or Gm67Opcode.Nack or Gm67Opcode.Scanned);
            if (begins)
                break;
            buffer = buffer.Slice(1);
        }
        return buffer.Length < held;
    }

    private static byte[] Command(Gm67Opcode opcode, byte status, params ReadOnlySpan<byte> data) =>
        WithChecksum([(byte)(HeaderLength + data.Length), (byte)opcode, Host, status, .. data]);

    private static byte[] WithChecksum(byte[] packet)
    {
        var checksum = unchecked((ushort)-Sum(packet));
        return [.. packet, (byte)(checksum >> 8), (byte)checksum];
    }

    private static ushort Sum(ReadOnlySpan<byte> bytes)
    {
        ushort sum = 0;
        foreach (var value in bytes)
            unchecked { sum += value; }
        return sum;
    }
}
