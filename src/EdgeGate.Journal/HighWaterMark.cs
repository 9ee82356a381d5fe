using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Journal;

/// <summary>
/// What must survive the loss of the store. <paramref name="ReservedUpTo"/>: no record has a higher number. After a clean close
/// (<paramref name="Exact"/>) it is the last number itself; while the store is open it runs up to 1,000 ahead, so that the file
/// is flushed once in 1,000 records. Cursor and purge are as old as the last flush: an old cursor only makes duplicates.
/// </summary>
internal readonly record struct Mark(long ReservedUpTo, bool Exact, long Acknowledged, ChainHead Purged);

/// <summary>
/// Keeps the <see cref="Mark"/> in a small file of two slots, written in turn and flushed, so that a torn write leaves the older one:
/// <code>0 4 "EGM1" | 4 4 CRC-32C from byte 8 | 8 8 generation | 16 8 reserved | 24 8 exact | 32 8 acknowledged | 40 8 purged | 48 32 its hash</code>
/// Both slots are there from the start: writing needs no new disk block, so it works on a full disk.
/// </summary>
internal sealed class HighWaterMark : IDisposable
{
    private const int SlotLength = 80;
    private const int SlotDistance = 4096; // never in one sector or flash page
    private readonly SafeFileHandle _file;
    private long _generation;

    private HighWaterMark(SafeFileHandle file) => _file = file;

    /// <summary>What the file says; null when it was missing or both slots are broken.</summary>
    public Mark? Current { get; private set; }

    public static HighWaterMark Open(string path)
    {
        var mark = new HighWaterMark(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        try
        {
            Span<byte> slot = stackalloc byte[SlotLength];
            foreach (var offset in (ReadOnlySpan<long>)[0, SlotDistance])
                if (RandomAccess.Read(mark._file, slot, offset) == SlotLength)
                    mark.Take(slot);
            return mark;
        }
        catch
        {
            mark.Dispose();
            throw;
        }
    }

    public void Write(Mark mark)
    {
        Span<byte> slot = stackalloc byte[SlotLength];
        "EGM1"u8.CopyTo(slot);
        BinaryPrimitives.WriteInt64BigEndian(slot[8..], ++_generation);
        BinaryPrimitives.WriteInt64BigEndian(slot[16..], mark.ReservedUpTo);
        BinaryPrimitives.WriteInt64BigEndian(slot[24..], mark.Exact ? 1 : 0);
        BinaryPrimitives.WriteInt64BigEndian(slot[32..], mark.Acknowledged);
        BinaryPrimitives.WriteInt64BigEndian(slot[40..], mark.Purged.Sequence);
        mark.Purged.Hash.WriteTo(slot[48..]);
        BinaryPrimitives.WriteUInt32BigEndian(slot[4..], RecordFrame.Crc32C(slot[8..]));
        RandomAccess.Write(_file, slot, _generation % 2 * SlotDistance);
        if (RandomAccess.GetLength(_file) < SlotDistance + SlotLength)
            RandomAccess.Write(_file, slot, (_generation + 1) % 2 * SlotDistance);
        RandomAccess.FlushToDisk(_file);
        Current = mark;
    }

    public void Dispose() => _file.Dispose();

    private void Take(ReadOnlySpan<byte> slot)
    {
        var generation = BinaryPrimitives.ReadInt64BigEndian(slot[8..]);
        if (!slot.StartsWith("EGM1"u8) || generation <= _generation
            || BinaryPrimitives.ReadUInt32BigEndian(slot[4..]) != RecordFrame.Crc32C(slot[8..]))
            return;
        _generation = generation;
        Current = new Mark(
            BinaryPrimitives.ReadInt64BigEndian(slot[16..]),
            BinaryPrimitives.ReadInt64BigEndian(slot[24..]) == 1,
            BinaryPrimitives.ReadInt64BigEndian(slot[32..]),
            new ChainHead(BinaryPrimitives.ReadInt64BigEndian(slot[40..]), ChainHash.Read(slot[48..])));
    }
}
