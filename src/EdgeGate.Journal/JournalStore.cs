using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EdgeGate.Journal;

/// <summary>
/// The one writing and checkpointing connection. Not thread-safe: it belongs to the journal's writer thread.
/// Throws <see cref="SqliteException"/> and <see cref="JournalException"/>.
/// </summary>
internal sealed class JournalStore : IDisposable
{
    private const int WalFrameHeader = 24;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteParameter _insertSequence;
    private readonly SqliteParameter _insertFrame;

    private JournalStore(SqliteConnection connection)
    {
        _connection = connection;
        _insert = connection.CreateCommand();
        _insert.CommandText = "insert into record (sequence, frame) values ($sequence, $frame)";
        _insertSequence = _insert.Parameters.Add("$sequence", SqliteType.Integer);
        _insertFrame = _insert.Parameters.Add("$frame", SqliteType.Blob);
        State = connection.ReadState();
        VoidRanges = connection.ReadVoidRanges();
        Head = connection.ReadNewest() is { } newest ? new ChainHead(newest.Sequence, newest.Hash) : State.Purged;
        LastSequence = Math.Max(Head.Sequence, VoidRanges is [.., var end] ? end.Last : 0);
    }

    public StoreState State { get; private set; }

    public IReadOnlyList<VoidRange> VoidRanges { get; private set; }

    /// <summary>The newest whole record, or the newest purged one: what the next record's hash builds on.</summary>
    public ChainHead Head { get; private set; }

    /// <summary>The highest number that was ever given or declared void.</summary>
    public long LastSequence { get; private set; }

    /// <summary>Bytes handed to the file system since opening, WAL and checkpoints together.</summary>
    public long BytesWritten { get; private set; }

    public long Commits { get; private set; }

    public static JournalStore Create(string path, string gate, StoreState? state = null)
    {
        var connection = StoreConnection.OpenWriter(path);
        try
        {
            using (var transaction = connection.BeginTransaction())
            {
                connection.MarkAsOurs();
                connection.Execute(RecordTable.Schema);
                connection.Execute("insert into state values ('', 0, 0, zeroblob(32), 0)");
                WriteState(connection, state ?? new StoreState(gate, 0, default, 0));
                transaction.Commit();
            }
            return new JournalStore(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static JournalStore Open(string path)
    {
        var connection = StoreConnection.OpenWriter(path);
        try
        {
            connection.CheckIsOurs();
            return new JournalStore(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes the batch and, when it moved, the outbox cursor in one commit. On return both have survived any power cut;
    /// on an exception neither is in the store.
    /// </summary>
    public void Commit(IReadOnlyList<(long Sequence, byte[] Frame)> batch, ChainHead head, long acknowledged)
    {
        using var transaction = _connection.BeginTransaction();
        _insert.Transaction = transaction;
        foreach (var (sequence, frame) in batch)
        {
            _insertSequence.Value = sequence;
            _insertFrame.Value = frame;
            _insert.ExecuteNonQuery();
        }
        var state = State with { Acknowledged = acknowledged };
        if (state != State)
            WriteState(_connection, state);
        transaction.Commit();

        Commits++;
        State = state;
        Head = head;
        LastSequence = Math.Max(LastSequence, head.Sequence);
        raw.sqlite3_db_status(_connection.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 1);
        BytesWritten += (long)pages * (StoreConnection.PageSize + WalFrameHeader);
        WalPages += pages;
    }

    /// <summary>Pages written to the WAL since the last checkpoint.</summary>
    public int WalPages { get; private set; }

    /// <summary>Moves the WAL's pages into the database file, as far as no reader still needs the old ones.</summary>
    public void Checkpoint()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "pragma wal_checkpoint(passive)";
        using var row = command.ExecuteReader();
        row.Read();
        BytesWritten += (long)Math.Min(row.GetInt32(2), WalPages) * StoreConnection.PageSize;
        WalPages = 0;
    }

    /// <summary>Everything into the database file; closing then removes the WAL.</summary>
    public void CheckpointAll() => _connection.Execute("pragma wal_checkpoint(truncate)");

    public void Dispose()
    {
        _insert.Dispose();
        _connection.Dispose();
    }

    private static void WriteState(SqliteConnection connection, StoreState state)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "update state set gate=$gate, acknowledged=$acknowledged, purged=$purged, purged_hash=$hash, dropped=$dropped";
        var hash = new byte[ChainHash.Length];
        state.Purged.Hash.WriteTo(hash);
        command.Parameters.AddWithValue("$gate", state.Gate);
        command.Parameters.AddWithValue("$acknowledged", state.Acknowledged);
        command.Parameters.AddWithValue("$purged", state.Purged.Sequence);
        command.Parameters.AddWithValue("$hash", hash);
        command.Parameters.AddWithValue("$dropped", state.Dropped);
        command.ExecuteNonQuery();
    }
}
