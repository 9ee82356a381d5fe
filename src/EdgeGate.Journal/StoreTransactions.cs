using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EdgeGate.Journal;

/// <summary>
/// The writing connection's transactions, one at a time, by statements prepared once: the provider's own class has SQLite parse two texts for each.
/// Throws <see cref="SqliteException"/>.
/// </summary>
internal sealed class StoreTransactions(SqliteConnection connection) : IDisposable
{
    private readonly SqliteCommand _begin = Command(connection, "begin immediate");
    private readonly SqliteCommand _commit = Command(connection, "commit");
    private readonly SqliteCommand _rollback = Command(connection, "rollback");

    /// <summary>To be disposed of: what is not committed by then is rolled back.</summary>
    public Transaction Begin()
    {
        _begin.ExecuteNonQuery();
        return new Transaction(this);
    }

    public void Dispose()
    {
        _begin.Dispose();
        _commit.Dispose();
        _rollback.Dispose();
    }

    /// <summary>SQLite has itself rolled back after some errors, a full disk for one.</summary>
    private void EndIfOpen()
    {
        if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
            _rollback.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string text)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }

    internal readonly struct Transaction(StoreTransactions of) : IDisposable
    {
        public void Commit() => of._commit.ExecuteNonQuery();

        public void Dispose() => of.EndIfOpen();
    }
}
