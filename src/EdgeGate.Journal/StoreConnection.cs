using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EdgeGate.Journal;

/// <summary>
/// Opens SQLite the only way that lost nothing in power-cut trials: WAL with synchronous=FULL, both read back, since a pragma
/// that is not understood is silently ignored. No connection checkpoints by itself: the writer does it by hand, everybody else
/// never, because SQLite 3.50.4 can corrupt a WAL that two connections reset at the same moment.
/// </summary>
internal static class StoreConnection
{
    /// <summary>A record of 400 bytes costs a quarter less flash with 1 kB pages than with SQLite's 4 kB.</summary>
    public const int PageSize = 1024;

    /// <summary>"EGJ1": marks the file as ours for <c>file(1)</c> and for a person with a hex editor.</summary>
    private const int ApplicationId = 0x45474A31;

    public static SqliteConnection OpenWriter(string path)
    {
        var connection = Open(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            connection.SetWalRemovalOnClose(false);
            connection.Execute($"pragma page_size={PageSize}"); // only takes effect in an empty file
            Require(connection, "journal_mode=wal", "wal");
            Require(connection, "page_size", PageSize);
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
    /// Whether closing the last connection checkpoints and removes the WAL, as SQLite does by itself. Here only a clean close may: before that
    /// the WAL may hold what a salvage needs, and its absence means that it was lost.
    /// </summary>
    public static void SetWalRemovalOnClose(this SqliteConnection connection, bool remove) =>
        raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, remove ? 0 : 1, out _);

    public static void MarkAsOurs(this SqliteConnection connection) =>
        connection.Execute($"pragma application_id={ApplicationId}; pragma user_version=1");

    public static void CheckIsOurs(this SqliteConnection connection)
    {
        Require(connection, "application_id", (long)ApplicationId);
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

    /// <summary>What SQLite's failure means for the journal.</summary>
    public static JournalException Translate(SqliteException failure, string path) =>
        new(CauseOf(failure), $"The journal {path} failed: {failure.Message}.", failure);

    public static JournalFailure CauseOf(SqliteException failure)
    {
        const int ioErrorShortRead = 522;
        const int ioErrorData = 8202; // a page's own checksum
        const int ioErrorCorruptFileSystem = 8458;
        return failure switch
        {
            { SqliteExtendedErrorCode: ioErrorShortRead or ioErrorData or ioErrorCorruptFileSystem } => JournalFailure.Damaged,
            { SqliteErrorCode: 1 or 11 or 19 or 26 } => JournalFailure.Damaged, // no such table, corrupt, number already there, not a database
            { SqliteErrorCode: 13 } => JournalFailure.DiskFull,
            { SqliteErrorCode: 8 } => JournalFailure.ReadOnly,
            _ => JournalFailure.Io,
        };
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

    private static void Require<T>(SqliteConnection connection, string pragma, T expected)
    {
        var found = connection.Scalar($"pragma {pragma}");
        if (!Equals(found, expected) && !Equals(found, expected is int number ? (long)number : null))
            throw new JournalException(JournalFailure.Damaged, $"The journal {connection.DataSource} answers '{found}' to 'pragma {pragma}' instead of '{expected}'.");
    }
}
