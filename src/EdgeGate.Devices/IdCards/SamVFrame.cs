using System.Buffers;
using System.Buffers.Binary;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.IdCards;

/// <summary>
/// A SAM-V frame: AA AA AA 96 69, length (2 bytes, big-endian, counts everything after itself), body, XOR of everything
/// between preamble and itself. The body is command, parameter, data from the host and three status bytes, data from the
/// module. hardware/sam-v/README.md
/// </summary>
public static class SamVFrame
{
    /// <summary>The longest length field any reply has; makers' libraries refuse more.</summary>
    public const int MaxLengthField = 4089;

    public const int MaxLength = HeaderLength + MaxLengthField;

    private const int HeaderLength = 7;
    private const int MinReplyLengthField = 4;
    private const int MinCommandLengthField = 3;

    private static ReadOnlySpan<byte> Start => [0xAA, 0xAA, 0xAA, 0x96, 0x69];

    /// <summary>What the module sends. The reply refers to the buffer.</summary>
    public static Decoded<SamVReply> DecodeReply(ref ReadOnlySequence<byte> buffer)
    {
        var body = Decode(ref buffer, MinReplyLengthField);
        return new(body.Status, body.Status == DecodeStatus.Complete ? new SamVReply(body.Frame) : default, body.Fault, body.Claimed);
    }

    /// <summary>What the host sends, as the simulated module hears it: command, parameter, data.</summary>
    public static Decoded<ReadOnlySequence<byte>> DecodeCommand(ref ReadOnlySequence<byte> buffer) => Decode(ref buffer, MinCommandLengthField);

    public static byte[] Encode(ReadOnlySpan<byte> body)
    {
        var frame = new byte[HeaderLength + body.Length + 1];
        Start.CopyTo(frame);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(5), (ushort)(body.Length + 1));
        body.CopyTo(frame.AsSpan(HeaderLength));
        frame[^1] = Xor(frame.AsSpan(Start.Length..^1));
        return frame;
    }

    private static Decoded<ReadOnlySequence<byte>> Decode(ref ReadOnlySequence<byte> buffer, int minLengthField)
    {
        if (Preamble.Seek(ref buffer, Start))
            return Decoded.Corrupt<ReadOnlySequence<byte>>(FrameFault.Garbage);
        if (buffer.Length < HeaderLength)
            return Decoded.NeedMore<ReadOnlySequence<byte>>();

        Span<byte> header = stackalloc byte[HeaderLength];
        buffer.Slice(0, HeaderLength).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt16BigEndian(header[5..]);
        if (length < minLengthField || length > MaxLengthField)
        {
            buffer = buffer.Slice(1);
            return Decoded.Corrupt<ReadOnlySequence<byte>>(FrameFault.BadLength, claimed: Math.Min(HeaderLength + length, MaxLength));
        }

        var whole = HeaderLength + length;
        if (buffer.Length < whole)
            return Decoded.NeedMore<ReadOnlySequence<byte>>();
        if (Xor(buffer.Slice(Start.Length, whole - Start.Length)) != 0) // the check byte included, a sound frame comes to zero
        {
            buffer = buffer.Slice(1);
            return Decoded.Corrupt<ReadOnlySequence<byte>>(FrameFault.BadChecksum, claimed: whole);
        }
        var body = buffer.Slice(HeaderLength, length - 1);
        buffer = buffer.Slice(whole);
        return Decoded.Complete(body, claimed: whole);
    }

    private static byte Xor(in ReadOnlySequence<byte> bytes)
    {
        byte sum = 0;
        foreach (var segment in bytes)
            sum ^= Xor(segment.Span);
        return sum;
    }

    private static byte Xor(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (var value in bytes)
            sum ^= value;
        return sum;
    }
}
