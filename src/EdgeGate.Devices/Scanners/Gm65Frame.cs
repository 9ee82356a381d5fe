using System.Buffers;
using System.Buffers.Binary;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Scanners;

/// <summary>What a module says of a command.</summary>
public enum Gm65Status : byte
{
    Done = 0,
    CrcWrong = 1,
    CommandInvalid = 3,
}

/// <summary>A module's answer; the data are what was read.</summary>
public readonly record struct Gm65Reply(Gm65Status Status, ReadOnlyMemory<byte> Data);

/// <summary>
/// The register protocol of GM65 scanner modules and their relatives: 7E 00, type, length, zone (2 bytes, big-endian), data,
/// CRC from the host; 02 00, status, length, data, CRC from the module. hardware/gm65/README.md
/// </summary>
public static class Gm65Frame
{
    private const byte ReadZones = 0x07, WriteZones = 0x08, SaveZones = 0x09;
    private const int ReplyHeader = 4, CrcLength = 2;

    private static ReadOnlySpan<byte> ReplyStart => [0x02, 0x00];

    /// <summary>Keeps what was written over a loss of power.</summary>
    public static byte[] Save() => Command(SaveZones, zone: 0, 0);

    public static byte[] Read(ushort zone, byte count) => Command(ReadZones, zone, count);

    public static byte[] Write(ushort zone, params ReadOnlySpan<byte> values) => Command(WriteZones, zone, values);

    /// <summary>Whether the buffer begins with a reply, or with as much of one as has come.</summary>
    internal static bool IsReply(in ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        return reader.TryRead(out var first) && first == ReplyStart[0] && (!reader.TryRead(out var second) || second == ReplyStart[1]);
    }

    /// <summary>
    /// One reply at the start of the buffer. One with a wrong CRC is dropped whole: what follows is text, in which anything
    /// could look like a beginning.
    /// </summary>
    internal static Decoded<Gm65Reply> DecodeReply(ref ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length < ReplyHeader)
            return Decoded.NeedMore<Gm65Reply>();
        Span<byte> header = stackalloc byte[ReplyHeader];
        buffer.Slice(0, ReplyHeader).CopyTo(header);
        var dataLength = header[3] == 0 ? 256 : header[3];
        var length = ReplyHeader + dataLength + CrcLength;
        if (buffer.Length < length)
            return Decoded.NeedMore<Gm65Reply>();
        var frame = buffer.Slice(0, length).ToArray();
        buffer = buffer.Slice(length);
        return Crc16.Compute(frame.AsSpan(ReplyStart.Length..^CrcLength), start: 0) == BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(^CrcLength..))
            ? Decoded.Complete(new Gm65Reply((Gm65Status)frame[2], frame.AsMemory(ReplyHeader, dataLength)), length)
            : Decoded.Corrupt<Gm65Reply>(FrameFault.BadChecksum);
    }

    /// <summary>The way back; for simulated modules.</summary>
    internal static byte[] Encode(Gm65Reply reply) =>
        WithCrc([.. ReplyStart, (byte)reply.Status, (byte)reply.Data.Length, .. reply.Data.Span], ReplyStart.Length);

    private static byte[] Command(byte type, ushort zone, params ReadOnlySpan<byte> data) =>
        WithCrc([0x7E, 0x00, type, (byte)data.Length, (byte)(zone >> 8), (byte)zone, .. data], headerLength: 2);

    private static byte[] WithCrc(byte[] frame, int headerLength)
    {
        var crc = Crc16.Compute(frame.AsSpan(headerLength), start: 0);
        return [.. frame, (byte)(crc >> 8), (byte)crc];
    }
}

/// <summary>What a GM65 module sends: an answer to a command, or a code.</summary>
/// <param name="Reply">Null for a code.</param>
public readonly record struct Gm65Message(Gm65Reply? Reply, ScannedCode Code);

/// <summary>
/// Answers between codes, which end with CR, LF or both. A code that itself begins with STX NUL cannot be told from an
/// answer. Not quite pure: it remembers that it is inside a line too long to hold.
/// </summary>
public sealed class Gm65Framing(ScannerText text)
{
    private readonly LineFraming _lines = new(text);

    public Decoded<Gm65Message> Decode(ref ReadOnlySequence<byte> buffer)
    {
        if (!_lines.IsSkipping)
        {
            SkipTerminators(ref buffer);
            if (Gm65Frame.IsReply(buffer))
            {
                var reply = Gm65Frame.DecodeReply(ref buffer);
                return new(reply.Status, new Gm65Message(reply.Frame, default), reply.Fault, reply.Claimed);
            }
        }
        var code = _lines.Decode(ref buffer);
        return new(code.Status, new Gm65Message(null, code.Frame), code.Fault, code.Claimed);
    }

    private static void SkipTerminators(ref ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        reader.AdvancePastAny((byte)'\r', (byte)'\n');
        buffer = buffer.Slice(reader.Position);
    }
}
