using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;
using SQLitePCL;

namespace EdgeGate.Journal;

/// <summary>
/// The one writing and checkpointing connection. Not thread-safe: it belongs to whoever has the writer's turn.
/// Throws <see cref="SqliteException"/> and <see cref="JournalException"/>.
/// </summary>
internal sealed class JournalStore : IDisposable
{
    private const int WalFrameHeader = 24;

    /// <summary>Stores up to this size are read whole when opened: some 10,000 records, a few dozen milliseconds.</summary>
    private const int SmallStore = 4 * 1024 * 1024;

    private const int RecordsPerPage = 1000;

    /// <summary>No gate ran before this: an earlier stamp is from a clock that nobody had set.</summary>
    private static readonly DateTimeOffset ClockWasSet = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TimeProvider _time;
    private readonly SqliteConnection _connection;
    private readonly SafeFileHandle _log;
    private readonly StoreTransactions _transactions;
    private readonly SqliteCommand _insert;
    private readonly SqliteParameter _insertSequence;
    private readonly SqliteParameter _insertFrame;
    private readonly SqliteCommand _pageCount;
    private readonly SqliteCommand _freePages;

    private JournalStore(SqliteConnection connection, TimeProvider time)
    {
        _time = time;
        _connection = connection;
        _transactions = new StoreTransactions(connection);
        _insert = connection.CreateCommand();
        _insert.CommandText = "insert into record values ($sequence, $frame)";
        _insertSequence = _insert.Parameters.Add("$sequence", SqliteType.Integer);
        _insertFrame = _insert.Parameters.Add("$frame", SqliteType.Blob);
        _pageCount = connection.CreateCommand();
        _pageCount.CommandText = "pragma page_count";
        _freePages = connection.CreateCommand();
        _freePages.CommandText = "pragma freelist_count";
        State = connection.ReadState();
        ReadHead();
        connection.LeaveFlushToUser();
        _log = connection.OpenLog(); // last: nothing that may throw comes after it
    }

    public StoreState State { get; private set; }

    /// <summary>The newest whole record, or the newest purged one: what the next record's hash builds on.</summary>
    public ChainHead Head { get; private set; }

    /// <summary>The highest number that was ever given or declared void.</summary>
    public long LastSequence { get; private set; }

    /// <summary>When the newest record was written, by its own stamp; null while there is none.</summary>
    public DateTimeOffset? NewestStamp => _connection.ReadNewest()?.WrittenAt;

    /// <summary>Bytes handed to the file system since opening, WAL and checkpoints together.</summary>
    public long BytesWritten { get; private set; }

    public long Commits { get; private set; }

    /// <summary>How many whole, committed frames SQLite found in the WAL when the store was opened.</summary>
    public long WalFramesFound { get; private set; }

    /// <summary>Pages written to the WAL since the last checkpoint.</summary>
    public int WalPages { get; private set; }

    /// <summary>Makes an empty store in a file that does not exist yet.</summary>
    public static void Create(string path, string gate, DateTimeOffset now)
    {
        using var connection = StoreConnection.OpenWriter(path);
        using var transaction = connection.BeginTransaction();
        connection.MarkAsOurs();
        connection.Execute(RecordTable.Schema);
        connection.WriteState(new StoreState { Gate = gate }.Encode(now));
        transaction.Commit();
        connection.PrepareCleanClose();
    }

    /// <summary>
    /// Opens a store and looks at enough of it to find what would harm new records: the log's end, the newest records, and in a small store
    /// everything. Damage further back is found when it is read. Costs the same for a thousand records and for ten million.
    /// </summary>
    public static JournalStore Open(string path, TimeProvider time, long walFrames)
    {
        var connection = StoreConnection.OpenWriter(path);
        try
        {
            connection.CheckIsOurs();
            var store = new JournalStore(connection, time);
            store.WalFramesFound = store.Checkpoint();
            if (store.WalFramesFound < walFrames)
                throw RecordTable.Damage(connection, "its write-ahead log is broken in the middle");
            store.CheckRecords(wholly: new FileInfo(path).Length <= SmallStore);
            return store;
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
        using var transaction = _transactions.Begin();
        foreach (var (sequence, frame) in batch)
        {
            _insertSequence.Value = sequence;
            _insertFrame.Value = frame;
            _insert.ExecuteNonQuery();
        }
        Finish(transaction, State.Acknowledged == acknowledged ? State : State with { Acknowledged = acknowledged });
        Head = head;
        LastSequence = Math.Max(LastSequence, head.Sequence);
    }

    /// <summary>Writes the cursor alone.</summary>
    public void CommitState(long acknowledged)
    {
        using var transaction = _transactions.Begin();
        Finish(transaction, State with { Acknowledged = acknowledged });
    }

    public void CommitDeadLetters(IReadOnlyList<DeadLetter> letters)
    {
        using var transaction = _transactions.Begin();
        Finish(transaction, State with { DeadLetters = letters });
    }

    /// <summary>Declares all numbers up to <paramref name="last"/> used that were not given yet.</summary>
    public void AddVoid(long last, VoidCause cause)
    {
        using var transaction = _transactions.Begin();
        Finish(transaction, State with { VoidRanges = [.. State.VoidRanges, new VoidRange(LastSequence + 1, last, cause)] });
        LastSequence = last;
    }

    /// <summary>Removes records whose commit seemed to fail and whose appenders were told so.</summary>
    public void RemoveAfter(long sequence)
    {
        using (var transaction = _transactions.Begin())
        {
            _connection.Execute($"delete from record where sequence > {sequence}");
            Finish(transaction, State);
        }
        ReadHead();
    }

    /// <summary>
    /// Moves the WAL's pages into the database file, as far as no reader still needs the old ones. Returns how many whole, committed frames
    /// the WAL had.
    /// </summary>
    public long Checkpoint()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "pragma wal_checkpoint(passive)"; // answers busy, frames in the log, frames moved
        using var row = command.ExecuteReader();
        row.Read();
        BytesWritten += (long)Math.Min(row.GetInt32(2), WalPages) * StoreConnection.PageSize;
        WalPages = 0;
        return row.GetInt64(1);
    }

    /// <summary>How many bytes of the file hold something, and how many are free for new records without the file growing.</summary>
    public (long Used, long Free) Size()
    {
        var pages = (long)_pageCount.ExecuteScalar()!;
        var free = (long)_freePages.ExecuteScalar()!;
        return ((pages - free) * StoreConnection.PageSize, free * StoreConnection.PageSize);
    }

    /// <summary>
    /// Deletes up to <paramref name="max"/> records from the old end, none after <paramref name="upTo"/>, none younger than
    /// <paramref name="olderThan"/>. Those the cursor has not passed, and dead letters, are counted as dropped. Returns how many went.
    /// </summary>
    public int Purge(long acknowledged, long upTo, DateTimeOffset? olderThan, int max)
    {
        using var transaction = _transactions.Begin();
        var oldest = _connection.ReadRecordsInSnapshot(0, upTo, max);
        var going = olderThan is { } limit ? CountOlder(oldest, limit) : oldest.Count;
        if (going == 0)
            return 0;
        var last = oldest[going - 1];
        _connection.Execute($"delete from record where sequence <= {last.Sequence}");
        var voids = State.VoidRanges.ToList();
        long dropped = State.DeadLetters.Count(letter => letter.Sequence <= Math.Min(acknowledged, last.Sequence));
        foreach (var record in oldest.Take(going).Where(record => record.Sequence > acknowledged))
        {
            VoidRange.Add(voids, record.Sequence, VoidCause.Dropped);
            dropped++;
        }
        voids.RemoveAll(range => range.Last <= Math.Min(acknowledged, last.Sequence));
        Finish(transaction, State with
        {
            Acknowledged = acknowledged,
            Purged = last.Sequence,
            PurgedHash = last.Hash,
            Dropped = State.Dropped + dropped,
            VoidRanges = voids,
            DeadLetters = [.. State.DeadLetters.Where(letter => letter.Sequence > last.Sequence)],
        });
        return going;
    }

    /// <inheritdoc cref="StoreConnection.PrepareCleanClose"/>
    public void PrepareCleanClose() => _connection.PrepareCleanClose();

    public void Dispose()
    {
        _log.Dispose();
        _transactions.Dispose();
        _insert.Dispose();
        _pageCount.Dispose();
        _freePages.Dispose();
        _connection.Dispose();
    }

    /// <summary>How many records from the start are older than the limit, going by stamps that can be believed.</summary>
    private int CountOlder(List<JournalRecord> records, DateTimeOffset limit)
    {
        var older = 0;
        for (var i = 0; i < records.Count; i++)
        {
            if (!IsBelievable(records[i].WrittenAt))
                continue; // as old as the next one that can be believed
            if (records[i].WrittenAt > limit)
                return older;
            older = i + 1;
        }
        // A whole page from a clock that was not set: the first believable stamp behind it decides.
        return older > 0 || records.Count == 0 ? older
            : _connection.ReadFirstStamp(records[^1].Sequence + 1, IsBelievable) <= limit ? records.Count : 0;
    }

    private bool IsBelievable(DateTimeOffset stamp) => stamp >= ClockWasSet && stamp <= _time.GetUtcNow();

    private void Finish(StoreTransactions.Transaction transaction, StoreState state)
    {
        if (!ReferenceEquals(state, State))
        {
            state = state with { Revision = State.Revision + 1 };
            _connection.WriteState(state.Encode(_time.GetUtcNow()));
        }
        transaction.Commit();
        FlushLog();
        State = state;
        Commits++;
        raw.sqlite3_db_status(_connection.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 1);
        BytesWritten += (long)pages * (StoreConnection.PageSize + WalFrameHeader);
        WalPages += pages;
    }

    private void FlushLog()
    {
        try
        {
            DiskFlush.SyncData(_log);
        }
        catch (IOException failure)
        {
            // Whatever the cause, full disk too: SQLite holds the commit for done, so only a new connection can take it back.
            throw new JournalException(JournalFailure.Io, $"The journal {_connection.DataSource} failed: {failure.Message}", failure);
        }
    }

    private void ReadHead()
    {
        Head = _connection.ReadNewest() is { } newest ? new ChainHead(newest.Sequence, newest.Hash) : new ChainHead(State.Purged, State.PurgedHash);
        LastSequence = Math.Max(Head.Sequence, State.VoidRanges is [.., var end] ? end.Last : 0);
    }

    private void CheckRecords(bool wholly)
    {
        if (wholly && _connection.Scalar("pragma quick_check(1)") is not "ok")
            throw RecordTable.Damage(_connection, "SQLite's own check fails");
        var from = wholly ? 1 : LastSequence - RecordsPerPage + 1;
        while (_connection.ReadRecords(from, LastSequence, RecordsPerPage) is [.., var newest])
            from = newest.Sequence + 1;
    }
}
