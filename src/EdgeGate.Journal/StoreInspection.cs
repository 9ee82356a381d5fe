using System.Buffers.Binary;

namespace EdgeGate.Journal;

/// <summary>
/// What must be looked at before SQLite opens a store, because SQLite would make it good in its own way: an empty database file makes
/// it delete the WAL, a WAL broken in the middle silently ends there, a missing one is taken for a clean close.
/// Only while the writer has no connection: closing a file drops all locks that this process holds on it.
/// </summary>
internal static class StoreInspection
{
    private const int WalHeaderLength = 32;
    private const int WalFrameLength = 24 + StoreConnection.PageSize;

    /// <summary>
    /// Why the files cannot be what was left, null when nothing speaks against them. <paramref name="walFrames"/>: SQLite must find at least so
    /// many WAL frames, or it did not see all that was committed.
    /// </summary>
    public static string? FindDamage(JournalFiles files, Mark? mark, out long walFrames)
    {
        walFrames = 0;
        var wal = Start(files.Wal, WalHeaderLength);
        if (!File.Exists(files.Store))
            return mark is not null || wal.Length > 0 ? "the store file is missing" : null;
        var header = Start(files.Store, 100);
        if (header.Length == 0)
            return "the store file is empty";
        if (header.Length < 100 || !header.AsSpan().StartsWith("SQLite format 3\0"u8)
            || BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(16)) != StoreConnection.PageSize || header[18] != 2 || header[19] != 2)
            return "the store file's header is broken";
        if (wal.Length == 0 && new FileInfo(files.Store).Length < BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(28)) * (long)StoreConnection.PageSize)
            return "the store file is cut off";
        // A running journal always has a log with something in it.
        if (mark is { Exact: false } && (wal.Length < WalHeaderLength || !IsWhole(wal)))
            return "the write-ahead log is missing or its start is broken";
        return CompareWithIndex(files, wal, out walFrames);
    }

    /// <summary>
    /// True when there are two commits or more behind the last frame that SQLite accepted. One is what a power cut in the middle of a commit
    /// leaves; a second is only begun after the first was flushed.
    /// </summary>
    public static bool HasCommitsBehind(JournalFiles files, long frames)
    {
        using var file = File.OpenHandle(files.Wal, share: FileShare.ReadWrite);
        Span<byte> logHeader = stackalloc byte[WalHeaderLength];
        Span<byte> header = stackalloc byte[24];
        if (RandomAccess.Read(file, logHeader, 0) < WalHeaderLength)
            return false;
        var commits = 0;
        for (var at = WalHeaderLength + frames * WalFrameLength; RandomAccess.Read(file, header, at) == header.Length; at += WalFrameLength)
            if (header[8..16].SequenceEqual(logHeader[16..24]) && BinaryPrimitives.ReadUInt32BigEndian(header[4..]) != 0)
                commits++;
        return commits > 1;
    }

    /// <summary>
    /// The shared-memory index survives a killed process and tells how many frames were committed (SQLite WAL format, section 2.1). After
    /// a power cut it may be older than the log, never newer.
    /// </summary>
    private static string? CompareWithIndex(JournalFiles files, byte[] walHeader, out long committed)
    {
        const int headerLength = 48;
        committed = 0;
        var index = Start(files.SharedMemory, 2 * headerLength);
        if (index.Length < 2 * headerLength || !index.AsSpan(0, headerLength).SequenceEqual(index.AsSpan(headerLength)) || index[12] != 1)
            return null;
        var frames = BitConverter.ToUInt32(index, 16);
        var sameLog = walHeader.Length == WalHeaderLength && walHeader.AsSpan(16, 8).SequenceEqual(index.AsSpan(32, 8));
        if (frames == 0 || !sameLog && walHeader.Length == WalHeaderLength && IsWhole(walHeader))
            return null; // nothing committed yet, or the log was begun anew after the index was last written back
        if (new FileInfo(files.Wal) is not { Exists: true } log || log.Length < WalHeaderLength + frames * (long)WalFrameLength)
            return "the write-ahead log is cut off";
        if (!sameLog)
            return "the write-ahead log's header is broken";
        committed = frames;
        return null;
    }

    /// <summary>The log's own checksum over its first 24 bytes, read as words in the order its magic number says.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> header)
    {
        var bigEndian = (header[3] & 1) == 1;
        uint first = 0, second = 0;
        for (var at = 0; at < 24; at += 8)
        {
            first += Word(header[at..]) + second;
            second += Word(header[(at + 4)..]) + first;
        }
        return BinaryPrimitives.ReadUInt32BigEndian(header[24..]) == first && BinaryPrimitives.ReadUInt32BigEndian(header[28..]) == second;

        uint Word(ReadOnlySpan<byte> source) =>
            bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(source) : BinaryPrimitives.ReadUInt32LittleEndian(source);
    }

    private static byte[] Start(string path, int length)
    {
        if (!File.Exists(path))
            return [];
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite);
        var start = new byte[length];
        return start[..RandomAccess.Read(file, start, 0)];
    }
}
