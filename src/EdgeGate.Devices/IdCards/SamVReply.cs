using System.Buffers;
using System.Buffers.Binary;

namespace EdgeGate.Devices.IdCards;

/// <summary>The third status byte of a reply. The two before it were never seen to be other than 00.</summary>
public enum SamVStatus : byte
{
    /// <summary>Not on the wire: a reply whose first two status bytes are not 00, which nobody has documented.</summary>
    Undocumented = 0x00,
    ChecksumWrong = 0x10,
    LengthWrong = 0x11,
    CommandWrong = 0x21,
    NotPermitted = 0x23,
    UnknownError = 0x24,
    CardRefusedModule = 0x31,
    ModuleRefusedCard = 0x32,
    InformationCheckFailed = 0x33,
    CardTypeUnknown = 0x40,
    ReadFailed = 0x41,
    RandomNumberFailed = 0x47,
    SelfTestFailed = 0x60,
    NotAuthorised = 0x66,

    /// <summary>No card, or the card lying there was read already.</summary>
    NoCard = 0x80,
    SelectFailed = 0x81,
    Done = 0x90,

    /// <summary>The card is there and has nothing stored under what was asked for.</summary>
    ItemEmpty = 0x91,
    CardFound = 0x9F,
}

/// <summary>A reply of the module: status and data. Refers to the line's buffer.</summary>
public readonly struct SamVReply(ReadOnlySequence<byte> body)
{
    private const int StatusLength = 3;

    public SamVStatus Status
    {
        get
        {
            Span<byte> words = stackalloc byte[StatusLength];
            body.Slice(0, StatusLength).CopyTo(words);
            return words is [0, 0, var status] ? (SamVStatus)status : SamVStatus.Undocumented;
        }
    }

    public ReadOnlySequence<byte> Data => body.Slice(StatusLength);
}

/// <summary>
/// The data of a read reply: lengths of text, photo and, where they were asked for, fingerprints (2 bytes each,
/// big-endian), then those blocks.
/// </summary>
public readonly ref struct SamVCardData
{
    private SamVCardData(ReadOnlySpan<byte> text, ReadOnlySpan<byte> photo, ReadOnlySpan<byte> fingerprints)
    {
        Text = text;
        Photo = photo;
        Fingerprints = fingerprints;
    }

    /// <summary>256 bytes for <see cref="IdCardText"/>.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>A portrait in the closed WLT format, 1024 bytes or none.</summary>
    public ReadOnlySpan<byte> Photo { get; }

    /// <summary>None, one or two of 512 bytes.</summary>
    public ReadOnlySpan<byte> Fingerprints { get; }

    /// <summary>False when the lengths contradict the data. The two layouts look alike, so one must know which was asked for.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, bool withFingerprints, out SamVCardData card)
    {
        card = default;
        var lengths = withFingerprints ? 6 : 4;
        if (data.Length < lengths)
            return false;
        var text = BinaryPrimitives.ReadUInt16BigEndian(data);
        var photo = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
        var fingerprints = withFingerprints ? BinaryPrimitives.ReadUInt16BigEndian(data[4..]) : 0;
        if (text != IdCardText.Length || lengths + text + photo + fingerprints != data.Length)
            return false;
        var blocks = data[lengths..];
        card = new SamVCardData(blocks[..text], blocks.Slice(text, photo), blocks[(text + photo)..]);
        return true;
    }
}

/// <summary>The module's identity (answer to 12 FF): two 16-bit and three 32-bit numbers, little-endian.</summary>
public readonly record struct SamVModuleId(ushort Kind, ushort Maker, uint Date, uint Number, uint Serial)
{
    public const int Length = 16;

    public static bool TryParse(ReadOnlySpan<byte> data, out SamVModuleId id)
    {
        id = default;
        if (data.Length != Length)
            return false;
        id = new(
            BinaryPrimitives.ReadUInt16LittleEndian(data), BinaryPrimitives.ReadUInt16LittleEndian(data[2..]),
            BinaryPrimitives.ReadUInt32LittleEndian(data[4..]), BinaryPrimitives.ReadUInt32LittleEndian(data[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(data[12..]));
        return true;
    }

    public byte[] ToBytes()
    {
        var data = new byte[Length];
        BinaryPrimitives.WriteUInt16LittleEndian(data, Kind);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(2), Maker);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(4), Date);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(8), Number);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(12), Serial);
        return data;
    }

    /// <summary>As makers print it, for example 05.01-20200101-99999999-123456789.</summary>
    public override string ToString() => $"{Kind:00}.{Maker:00}-{Date}-{Number}-{Serial}";
}
