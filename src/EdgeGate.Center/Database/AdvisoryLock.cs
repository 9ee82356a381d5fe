using System.Data;
using Npgsql;

namespace EdgeGate.Center.Database;

/// <summary>A lock among all processes of the center, held by one connection; one that is lost, and the lock with it, is an <see cref="NpgsqlException"/> of whatever is asked next.</summary>
internal sealed class AdvisoryLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly long _key;

    private AdvisoryLock(NpgsqlConnection connection, long key) => (_connection, _key) = (connection, key);

    /// <summary>Waits for it however long the other has it: the pool's limit for a statement does not hold here.</summary>
    public static async Task<AdvisoryLock> TakeAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken)
    {
        await connection.Sql("select pg_advisory_lock($1)", key).WithoutLimit().RunAsync(cancellationToken);
        return new AdvisoryLock(connection, key);
    }

    /// <returns>Null when another process has it.</returns>
    public static async Task<AdvisoryLock?> TryTakeAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken) =>
        await connection.Sql("select pg_try_advisory_lock($1)", key).ScalarAsync<bool>(cancellationToken) ? new AdvisoryLock(connection, key) : null;

    /// <remarks>Asking a closed connection would throw another exception over the one that says why it is closed, and nobody waits that one out.</remarks>
    public async ValueTask DisposeAsync()
    {
        if (_connection.State is not ConnectionState.Open)
            return;
        try
        {
            await _connection.Sql("select pg_advisory_unlock($1)", _key).RunAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // lost at this moment: the server frees the locks of a session that ended
        }
    }
}
