using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace EdgeGate.Journal;

/// <summary>
/// Finds whole frames in the raw bytes of a database file and its WAL, without SQLite: page headers, table roots and indexes may all be
/// gone. A frame starts somewhere in a page and, if it is long, goes on in overflow pages; how much lies where follows from its length
/// (SQLite file format, sections 1.5 and 1.6). The checksum decides whether what was put together is a record.
/// </summary>
internal sealed class Salvage : IDisposable
{
    private const int PageSize = StoreConnection.PageSize;
    private const int WalHeader = 32;
    private const int WalFrameHeader = 24;
    private const int PagesAtOnce = 1024;

    private readonly SafeFileHandle? _database;
    private readonly SafeFileHandle? _wal;
    private readonly Dictionary<uint, (long First, long Last)> _walImages = [];

    public Salvage(string databasePath, string walPath)
    {
        _database = File.Exists(databasePath) ? File.OpenHandle(databasePath) : null;
        _wal = File.Exists(walPath) ? File.OpenHandle(walPath) : null;
        IndexWal();
    }

    /// <summary>Every whole frame, in no order and often more than once: the WAL holds old images of pages too.</summary>
    public IEnumerable<(FrameKind Kind, byte[] Frame)> Frames()
    {
        foreach (var page in DatabasePages().Concat(WalPages()))
            for (var at = 0; at <= PageSize - RecordFrame.HeaderLength; at++)
            {
                var next = page.Span[at..].IndexOf("EG"u8);
                if (next < 0)
                    break;
                at += next;
                if (TryRead(FrameKind.Record, page.Span[at..]) is { } record)
                    yield return (FrameKind.Record, record);
                else if (TryRead(FrameKind.State, page.Span[at..]) is { } state)
                    yield return (FrameKind.State, state);
            }
    }

    public void Dispose()
    {
        _database?.Dispose();
        _wal?.Dispose();
    }

    private byte[]? TryRead(FrameKind kind, ReadOnlySpan<byte> start)
    {
        if (!RecordFrame.TryReadLength(kind, start, out var length))
            return null;
        var local = LocalLength(length);
        var spills = local < length;
        if (local + (spills ? sizeof(uint) : 0) > start.Length)
            return null;
        var frame = new byte[length];
        start[..local].CopyTo(frame);
        if (!spills)
            return RecordFrame.TryDecode(kind, frame, out _) ? frame : null;
        var overflow = BinaryPrimitives.ReadUInt32BigEndian(start[local..]);
        // An overflow page may have several images: of its present content, of an older one, of one whose commit never ended.
        foreach (var version in Enum.GetValues<PageVersion>())
            if (TryReadOverflow(overflow, version, frame.AsSpan(local)) && RecordFrame.TryDecode(kind, frame, out _))
                return frame;
        return null;
    }

    /// <summary>How many of a frame's bytes lie in the table's own page.</summary>
    private static int LocalLength(int frameLength)
    {
        // The row: header length, the key's type (null, it is the row id), the blob's type (12 + 2 n) as varints, then the blob.
        var type = 12 + 2L * frameLength;
        var header = 2 + (type < 1 << 7 ? 1 : type < 1 << 14 ? 2 : type < 1 << 21 ? 3 : 4);
        var row = header + frameLength;
        const int most = PageSize - 35;
        const int least = (PageSize - 12) * 32 / 255 - 23;
        if (row <= most)
            return frameLength;
        var some = least + (row - least) % (PageSize - 4);
        return (some <= most ? some : least) - header;
    }

    private bool TryReadOverflow(uint page, PageVersion version, Span<byte> rest)
    {
        Span<byte> image = stackalloc byte[PageSize];
        while (rest.Length > 0)
        {
            if (page == 0 || !TryReadPage(page, version, image))
                return false;
            var part = Math.Min(rest.Length, PageSize - sizeof(uint));
            image.Slice(sizeof(uint), part).CopyTo(rest);
            rest = rest[part..];
            page = BinaryPrimitives.ReadUInt32BigEndian(image);
        }
        return true;
    }

    private bool TryReadPage(uint page, PageVersion version, Span<byte> image)
    {
        if (version != PageVersion.Database && _walImages.TryGetValue(page, out var images))
            return RandomAccess.Read(_wal!, image, version == PageVersion.NewestInWal ? images.Last : images.First) == PageSize;
        return _database is not null && RandomAccess.Read(_database, image, (page - 1L) * PageSize) == PageSize;
    }

    private void IndexWal()
    {
        if (_wal is null)
            return;
        Span<byte> header = stackalloc byte[WalFrameHeader];
        var length = RandomAccess.GetLength(_wal);
        for (long at = WalHeader; at + WalFrameHeader + PageSize <= length; at += WalFrameHeader + PageSize)
        {
            RandomAccess.Read(_wal, header, at);
            var page = BinaryPrimitives.ReadUInt32BigEndian(header);
            var image = at + WalFrameHeader;
            _walImages[page] = _walImages.TryGetValue(page, out var known) ? (known.First, image) : (image, image);
        }
    }

    private IEnumerable<ReadOnlyMemory<byte>> DatabasePages() => Pages(_database, 0, 0);

    private IEnumerable<ReadOnlyMemory<byte>> WalPages() => Pages(_wal, WalHeader, WalFrameHeader);

    /// <summary>Page by page; what lies behind the last whole page is padded with zeros.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Pages(SafeFileHandle? file, long start, int headerBefore)
    {
        if (file is null)
            yield break;
        var step = headerBefore + PageSize;
        var chunk = new byte[step * PagesAtOnce];
        for (var at = start; ; at += chunk.Length)
        {
            var read = ReadFully(file, chunk, at);
            chunk.AsSpan(read).Clear();
            for (var page = 0; page < read; page += step)
                yield return chunk.AsMemory(page + headerBefore, PageSize);
            if (read < chunk.Length)
                yield break;
        }
    }

    /// <summary>Reads up to the end; an unreadable stretch of the disk counts as zeros, what is behind it may be whole.</summary>
    private static int ReadFully(SafeFileHandle file, byte[] chunk, long at)
    {
        var wanted = (int)Math.Min(chunk.Length, Math.Max(0, RandomAccess.GetLength(file) - at));
        const int sector = 4096;
        try
        {
            if (RandomAccess.Read(file, chunk.AsSpan(0, wanted), at) == wanted)
                return wanted;
        }
        catch (IOException)
        {
            // below, piece by piece
        }
        for (var piece = 0; piece < wanted; piece += sector)
        {
            var target = chunk.AsSpan(piece, Math.Min(sector, wanted - piece));
            try
            {
                target[RandomAccess.Read(file, target, at + piece)..].Clear();
            }
            catch (IOException)
            {
                target.Clear();
            }
        }
        return wanted;
    }

    private enum PageVersion
    {
        NewestInWal,
        OldestInWal,
        Database,
    }
}
