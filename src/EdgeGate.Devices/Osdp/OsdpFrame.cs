using System.Buffers;
using System.Buffers.Binary;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Osdp;

/// <param name="Address">The peripheral's, 0 to 7E; 7F is every peripheral's.</param>
/// <param name="IsReply">From a peripheral; else from the panel.</param>
/// <param name="Sequence">0 to start, then 1, 2, 3, 1, …; a reply repeats the command's.</param>
/// <param name="UsesCrc">CRC-16 at the end; else an 8-bit checksum.</param>
public readonly record struct OsdpHeader(byte Address, bool IsReply, int Sequence, bool UsesCrc);

/// <summary>
/// One message of the Open Supervised Device Protocol v2 (IEC 60839-11-5): 53, address with bit 7 set in replies, length
/// (2 bytes, little-endian, 53 to the last check byte), control, security block, code, data, MAC, CRC or checksum. A mark
/// byte FF goes before it and belongs to no frame. hardware/osdp/README.md
/// </summary>
public sealed class OsdpFrame
{
    /// <summary>The longest length field the standard knows.</summary>
    public const int MaxLength = 1440;

    /// <summary>The address every peripheral listens to.</summary>
    public const byte Broadcast = 0x7F;

    internal const int MacLength = 4;

    private const byte Mark = 0xFF, Start = 0x53, ReplyBit = 0x80;
    private const byte SequenceBits = 0x03, CrcBit = 0x04, SecurityBit = 0x08;
    private const int HeaderLength = 5, LengthField = 4, ShortestLength = 7;
    private const ushort CrcStart = 0x1D0F;

    private readonly byte[] _wire; // the mark byte, then the frame

    private OsdpFrame(byte[] wire) => _wire = wire;

    /// <summary>As sent, the mark byte in front.</summary>
    public ReadOnlyMemory<byte> Wire => _wire;

    public OsdpHeader Header => new((byte)(Frame[1] & ~ReplyBit), (Frame[1] & ReplyBit) != 0, Frame[4] & SequenceBits, (Frame[4] & CrcBit) != 0);

    public OsdpSecurity Security => BlockLength > 0 ? (OsdpSecurity)Frame[HeaderLength + 1] : OsdpSecurity.None;

    /// <summary>The security block without its length and type.</summary>
    public ReadOnlySpan<byte> BlockData => BlockLength > 0 ? Frame.Slice(HeaderLength + 2, BlockLength - 2) : default;

    public OsdpCommandCode Command => (OsdpCommandCode)Frame[CodeAt];

    public OsdpReplyCode Reply => (OsdpReplyCode)Frame[CodeAt];

    /// <summary>As sent, in an encrypted frame the cipher text.</summary>
    public ReadOnlySpan<byte> Data => Frame[(CodeAt + 1)..(Frame.Length - CheckLength - MacLengthHere)];

    /// <summary>What the MAC is made of: everything before it.</summary>
    internal ReadOnlySpan<byte> Authenticated => Frame[..(Frame.Length - CheckLength - MacLengthHere)];

    internal ReadOnlySpan<byte> Mac => Frame.Slice(Frame.Length - CheckLength - MacLengthHere, MacLengthHere);

    private ReadOnlySpan<byte> Frame => _wire.AsSpan(1);

    private int BlockLength => (Frame[4] & SecurityBit) != 0 ? Frame[HeaderLength] : 0;

    private int CodeAt => HeaderLength + BlockLength;

    private int CheckLength => CheckLengthOf(Frame[4]);

    private int MacLengthHere => Security >= OsdpSecurity.CommandWithMac ? MacLength : 0;

    /// <summary>A frame outside a secure session.</summary>
    /// <exception cref="ArgumentException">The data are longer than a frame can be.</exception>
    public static OsdpFrame Create(OsdpHeader header, byte code, ReadOnlySpan<byte> data) => Create(header, [], code, data, mac: null);

    /// <param name="header">Who speaks to whom.</param>
    /// <param name="block">The security block's type and data; empty for none.</param>
    /// <param name="code">Of the command or reply.</param>
    /// <param name="data">As they go on the line.</param>
    /// <param name="mac">Makes the MAC (4 bytes or more) of everything before it; null for none.</param>
    internal static OsdpFrame Create(
        OsdpHeader header, ReadOnlySpan<byte> block, byte code, ReadOnlySpan<byte> data, Func<ReadOnlySpan<byte>, byte[]>? mac)
    {
        var control = (byte)(header.Sequence | (header.UsesCrc ? CrcBit : 0) | (block.IsEmpty ? 0 : SecurityBit));
        var blockLength = block.IsEmpty ? 0 : block.Length + 1;
        var authenticated = HeaderLength + blockLength + 1 + data.Length;
        var length = authenticated + (mac is null ? 0 : MacLength) + CheckLengthOf(control);
        if (length > MaxLength)
            throw new ArgumentException($"an OSDP frame has at most {MaxLength} bytes; this one would have {length}", nameof(data));

        var wire = new byte[1 + length];
        wire[0] = Mark;
        var frame = wire.AsSpan(1);
        frame[0] = Start;
        frame[1] = (byte)(header.Address | (header.IsReply ? ReplyBit : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(frame[2..], (ushort)length);
        frame[4] = control;
        if (!block.IsEmpty)
        {
            frame[HeaderLength] = (byte)blockLength;
            block.CopyTo(frame[(HeaderLength + 1)..]);
        }
        frame[HeaderLength + blockLength] = code;
        data.CopyTo(frame[(HeaderLength + blockLength + 1)..]);
        mac?.Invoke(frame[..authenticated]).AsSpan(0, MacLength).CopyTo(frame[authenticated..]);
        WriteCheck(frame);
        return new(wire);
    }

    /// <summary>Takes one frame of either direction.</summary>
    public static Decoded<OsdpFrame> Decode(ref ReadOnlySequence<byte> buffer)
    {
        var marks = SkipMarks(ref buffer);
        if (Preamble.Seek(ref buffer, [Start]))
            return Decoded.Corrupt<OsdpFrame>(FrameFault.Garbage);
        if (buffer.Length < LengthField)
            return Decoded.NeedMore<OsdpFrame>();

        Span<byte> head = stackalloc byte[LengthField];
        buffer.Slice(0, LengthField).CopyTo(head);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(head[2..]);
        if (length is < ShortestLength or > MaxLength)
        {
            buffer = buffer.Slice(1);
            return Decoded.Corrupt<OsdpFrame>(FrameFault.BadLength, marks + Math.Clamp(length, LengthField, MaxLength));
        }
        if (buffer.Length < length)
            return Decoded.NeedMore<OsdpFrame>();

        var wire = new byte[1 + length];
        wire[0] = Mark;
        buffer.Slice(0, length).CopyTo(wire.AsSpan(1));
        if (!HasGoodCheck(wire.AsSpan(1)))
        {
            buffer = buffer.Slice(1);
            return Decoded.Corrupt<OsdpFrame>(FrameFault.BadChecksum, marks + length);
        }
        buffer = buffer.Slice(length);
        var frame = new OsdpFrame(wire);
        return frame.HasRoomForItsParts()
            ? Decoded.Complete(frame, marks + length)
            : Decoded.Corrupt<OsdpFrame>(FrameFault.BadInnerLength, marks + length);
    }

    /// <summary>A line may idle on mark bytes for as long as it likes.</summary>
    private static long SkipMarks(ref ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        var marks = reader.AdvancePast(Mark);
        buffer = buffer.Slice(reader.Position);
        return marks;
    }

    private bool HasRoomForItsParts()
    {
        var hasBlock = (Frame[4] & SecurityBit) != 0;
        if (hasBlock && BlockLength < 2 || CodeAt >= Frame.Length)
            return false;
        return CodeAt + 1 + MacLengthHere + CheckLength <= Frame.Length;
    }

    private static bool HasGoodCheck(ReadOnlySpan<byte> frame) =>
        (frame[4] & CrcBit) != 0
            ? Crc16.Compute(frame[..^2], CrcStart) == BinaryPrimitives.ReadUInt16LittleEndian(frame[^2..])
            : Sum(frame) == 0; // the checksum included, a sound frame comes to zero

    private static void WriteCheck(Span<byte> frame)
    {
        if ((frame[4] & CrcBit) != 0)
            BinaryPrimitives.WriteUInt16LittleEndian(frame[^2..], Crc16.Compute(frame[..^2], CrcStart));
        else
            frame[^1] = unchecked((byte)-Sum(frame[..^1]));
    }

    private static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (var value in bytes)
            unchecked { sum += value; }
        return sum;
    }

    private static int CheckLengthOf(byte control) => (control & CrcBit) != 0 ? 2 : 1;
}
