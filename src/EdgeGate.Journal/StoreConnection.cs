using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;
using SQLitePCL;

namespace EdgeGate.Journal;

/// <summary>
/// Opens SQLite the only way that lost nothing in power-cut trials: WAL with every commit flushed, by SQLite (synchronous=FULL) or by
/// <see cref="JournalStore"/>. What was set is read back, since a pragma that is not understood is silently ignored. No connection
/// checkpoints by itself: the writer does it by hand, everybody else never, because SQLite 3.50.4 can corrupt a WAL that two connections
/// reset at the same moment.
/// </summary>
internal static class StoreConnection
{
    /// <summary>A lone record costs half the flash that it does with SQLite's 4 kB (tests/EdgeGate.Benchmarks/README.md).</summary>
    public const int PageSize = 1024;

    /// <summary>"EGJ1": marks the file as ours for <c>file(1)</c> and for a person with a hex editor.</summary>
    private const long ApplicationId = 0x45474A31;

    public static SqliteConnection OpenWriter(string path)
    {
        var connection = Open(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            connection.SetWalRemovalOnClose(false);
            connection.Execute($"pragma page_size={PageSize}"); // only takes effect in an empty file
            Require(connection, "journal_mode=wal", "wal");
            Require(connection, "page_size", (long)PageSize);
            Require(connection, "synchronous=full; pragma synchronous", 2L);
            Require(connection, "wal_autocheckpoint=0", 0L);
            // Purged rows are overwritten with zeros: they hold personal data, and a salvage must not find them again.
            Require(connection, "secure_delete=on", 1L);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SqliteConnection OpenReader(string path)
    {
        var connection = Open(path, SqliteOpenMode.ReadOnly);
        try
        {
            Require(connection, "synchronous=full; pragma synchronous", 2L); // it never writes; so that no connection differs
            Require(connection, "wal_autocheckpoint=0", 0L);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Everything into the database file; closing then removes the WAL. Asked for by name, because the checkpoint that closing does by itself
    /// cannot report that the disk was full, and the file without its WAL would pass for whole.
    /// </summary>
    public static void PrepareCleanClose(this SqliteConnection connection)
    {
        connection.Execute("pragma wal_checkpoint(truncate)");
        connection.SetWalRemovalOnClose(true);
    }

    /// <summary>
    /// Whether closing the last connection checkpoints and removes the WAL, as SQLite does by itself. Here only a clean close may: before that
    /// the WAL may hold what a salvage needs, and its absence means that it was lost.
    /// </summary>
    private static void SetWalRemovalOnClose(this SqliteConnection connection, bool remove) =>
        raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, remove ? 0 : 1, out _);

    /// <summary>
    /// For a connection whose user flushes the log after every commit (<see cref="DiskFlush.SyncData"/>): synchronous=NORMAL differs from
    /// FULL in WAL mode by nothing but that flush (SQLite, pragma synchronous).
    /// </summary>
    /// <remarks>
    /// SQLite's own flush is fsync here, since the package is built without HAVE_FDATASYNC. It writes the log's new time too, and with it
    /// the file system's journal: on ext4 11 of the 19 kB that a lone record then costs, and a second flush of the device
    /// (tests/EdgeGate.Benchmarks/README.md).
    /// </remarks>
    public static void LeaveFlushToUser(this SqliteConnection connection) =>
        Require(connection, "synchronous=normal; pragma synchronous", 1L);

    /// <summary>The write-ahead log of an open connection. Closing this drops no lock: SQLite's are on the other two files.</summary>
    public static SafeFileHandle OpenLog(this SqliteConnection connection) =>
        File.OpenHandle(connection.DataSource + "-wal", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    public static void MarkAsOurs(this SqliteConnection connection) =>
        connection.Execute($"pragma application_id={ApplicationId}; pragma user_version=1");

    public static void CheckIsOurs(this SqliteConnection connection)
    {
        Require(connection, "application_id", ApplicationId);
        Require(connection, "user_version", 1L);
    }

    public static int Execute(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }

    public static object? Scalar(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false, // a pooled connection would keep the files of a store that was set aside
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Require(SqliteConnection connection, string pragma, object expected)
    {
        var found = connection.Scalar($"pragma {pragma}");
        if (!Equals(found, expected))
            throw new JournalException(JournalFailure.Damaged, $"The journal {connection.DataSource} answers '{found}' to 'pragma {pragma}' instead of '{expected}'.");
    }
}
