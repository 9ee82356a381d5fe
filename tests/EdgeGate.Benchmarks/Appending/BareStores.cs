using EdgeGate.Benchmarks.Measuring;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;
using SQLitePCL;

namespace EdgeGate.Benchmarks.Appending;

/// <summary>One thread's durable store without anything around it.</summary>
internal interface IBareStore : IDisposable
{
    /// <summary>Returns after the flush.</summary>
    void Commit(IReadOnlyList<byte[]> records);

    /// <summary>Brings it to where it is after a day of use: its files have their length and are written over from now on.</summary>
    void Settle(byte[] record);
}

/// <summary>Who flushes the write-ahead log after a commit.</summary>
internal enum WalFlush
{
    /// <summary>SQLite itself (synchronous=FULL); the build in the package knows only fsync.</summary>
    BySqlite,

    /// <summary>We, with fdatasync, after each commit of synchronous=NORMAL, which leaves out nothing but this flush.</summary>
    Fdatasync,
}

/// <summary>SQLite in WAL mode, durable at every commit: one table, one prepared statement.</summary>
internal sealed class BareWal : IBareStore
{
    private readonly int _checkpointPages;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteParameter _sequence;
    private readonly SqliteParameter _frame;
    private readonly SqliteCommand? _writeState;
    private readonly SqliteCommand _checkpoint;
    private readonly SafeFileHandle? _wal;
    private long _last;
    private int _walPages;
    private bool _walHasItsLength;

    /// <param name="stateBytes">A row of this size is written anew with every commit, as the journal's cursor is; 0 for none.</param>
    public BareWal(string path, int pageSize = 1024, int checkpointPages = 1000, int stateBytes = 0, WalFlush flush = WalFlush.BySqlite)
    {
        _checkpointPages = checkpointPages;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _connection.Open();
        Command($"""
            pragma page_size={pageSize};
            pragma journal_mode=wal;
            pragma synchronous={(flush == WalFlush.BySqlite ? "full" : "normal")};
            pragma wal_autocheckpoint=0;
            create table record (sequence integer primary key, frame blob not null);
            create table state (id integer primary key, frame blob not null);
            """).ExecuteNonQuery();
        _insert = Command("insert into record values ($sequence, $frame)");
        _sequence = _insert.Parameters.Add("$sequence", SqliteType.Integer);
        _frame = _insert.Parameters.Add("$frame", SqliteType.Blob);
        if (stateBytes > 0)
        {
            _writeState = Command("insert or replace into state values (1, $frame)");
            _writeState.Parameters.AddWithValue("$frame", new byte[stateBytes]);
        }
        _checkpoint = Command("pragma wal_checkpoint(passive)");
        if (flush == WalFlush.Fdatasync)
            _wal = File.OpenHandle(path + "-wal", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite); // SQLite's locks are not on this file
    }

    public void Commit(IReadOnlyList<byte[]> records)
    {
        using (var transaction = _connection.BeginTransaction())
        {
            _insert.Transaction = transaction;
            foreach (var record in records)
            {
                _sequence.Value = ++_last;
                _frame.Value = record;
                _insert.ExecuteNonQuery();
            }
            _writeState?.Transaction = transaction;
            _writeState?.ExecuteNonQuery();
            transaction.Commit();
        }
        if (_wal is not null)
            Libc.FlushData(_wal);
        raw.sqlite3_db_status(_connection.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 1);
        _walPages += pages;
        if (_walPages < _checkpointPages)
            return;
        _checkpoint.ExecuteNonQuery();
        _walPages = 0;
        _walHasItsLength = true;
    }

    public void Settle(byte[] record)
    {
        while (!_walHasItsLength)
            Commit([record]);
    }

    public void Dispose()
    {
        _insert.Dispose();
        _writeState?.Dispose();
        _checkpoint.Dispose();
        _wal?.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}

/// <summary>
/// Less is not possible: the bytes themselves behind each other into a file whose blocks were written before, then fdatasync. At its end it
/// begins again.
/// </summary>
internal sealed class BareFlush : IBareStore
{
    private const int Length = 64 * 1024 * 1024;
    private readonly SafeFileHandle _file;
    private readonly byte[] _buffer = new byte[1024 * 1024];
    private long _at;

    public BareFlush(string path)
    {
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        var page = new byte[4096]; // page by page: larger writes make cache folios whose every change counts as the whole folio
        for (long at = 0; at < Length; at += page.Length)
            RandomAccess.Write(_file, page, at);
        RandomAccess.FlushToDisk(_file);
    }

    public void Commit(IReadOnlyList<byte[]> records)
    {
        var filled = 0;
        foreach (var record in records)
        {
            record.CopyTo(_buffer, filled);
            filled += record.Length;
        }
        if (_at + filled > Length)
            _at = 0;
        RandomAccess.Write(_file, _buffer.AsSpan(..filled), _at);
        _at += filled;
        Libc.FlushData(_file);
    }

    public void Settle(byte[] record)
    {
    }

    public void Dispose() => _file.Dispose();
}
