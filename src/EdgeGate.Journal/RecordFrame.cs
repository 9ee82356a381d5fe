using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace EdgeGate.Journal;

internal enum FrameKind : byte
{
    Record = (byte)'R',
    State = (byte)'S',
}

/// <summary>
/// A record's bytes on disk, complete in themselves: whoever finds a frame anywhere, in a table, in a torn page or in the
/// middle of garbage, can tell that it is whole and which record it is. Numbers are big-endian:
/// <code>
///  0  4  "EGR1", for a state frame "EGS1"
///  4  4  CRC-32C of everything from byte 8 to the end
///  8  8  sequence; of a state frame its revision
/// 16  8  written at, Unix milliseconds
/// 24 32  chain hash; of a state frame, and of no other, zeros
/// 56  4  payload length
/// 60  n  payload
/// </code>
/// </summary>
internal static class RecordFrame
{
    public const int HeaderLength = 60;
    private const int ChecksumAt = 4;
    private const int ChecksummedFrom = 8;
    private const int HashAt = 24;
    private const int LengthAt = 56;

    public static byte[] Encode(FrameKind kind, long sequence, DateTimeOffset writtenAt, ChainHash hash, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderLength + payload.Length];
        Magic(kind).CopyTo(frame);
        BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(8), sequence);
        BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(16), writtenAt.ToUnixTimeMilliseconds());
        hash.WriteTo(frame.AsSpan(HashAt));
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(LengthAt), payload.Length);
        payload.CopyTo(frame.AsSpan(HeaderLength));
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(ChecksumAt), Crc32C(frame.AsSpan(ChecksummedFrom)));
        return frame;
    }

    /// <summary>False when <paramref name="frame"/> is not exactly one whole, unchanged frame of this kind.</summary>
    public static bool TryDecode(FrameKind kind, ReadOnlyMemory<byte> frame, [NotNullWhen(true)] out JournalRecord? record)
    {
        record = null;
        var bytes = frame.Span;
        if (!TryReadLength(kind, bytes, out var length) || length != bytes.Length
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[ChecksumAt..]) != Crc32C(bytes[ChecksummedFrom..]))
            return false;
        record = new JournalRecord(
            BinaryPrimitives.ReadInt64BigEndian(bytes[8..]),
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes[16..])),
            ChainHash.Read(bytes[HashAt..]),
            frame[HeaderLength..]);
        // The magics differ in one bit and lie outside the checksum: a record must not become a state by one flip, nor the other way round.
        if ((kind == FrameKind.State) == (record.Hash == default))
            return true;
        record = null;
        return false;
    }

    /// <summary>The length of the frame that seems to start here; its bytes are not checked yet.</summary>
    public static bool TryReadLength(FrameKind kind, ReadOnlySpan<byte> start, out int length)
    {
        length = 0;
        if (start.Length < HeaderLength || !start.StartsWith(Magic(kind)))
            return false;
        var payload = BinaryPrimitives.ReadInt32BigEndian(start[LengthAt..]);
        length = HeaderLength + payload;
        return payload is >= 0 and <= JournalOptions.LargestPayload;
    }

    public static ReadOnlySpan<byte> Magic(FrameKind kind) => kind == FrameKind.Record ? "EGR1"u8 : "EGS1"u8;

    /// <summary>CRC-32C (Castagnoli) as in RFC 3720 appendix B.4: starts and ends inverted.</summary>
    internal static uint Crc32C(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        while (data.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }
        foreach (var one in data)
            crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }
}
