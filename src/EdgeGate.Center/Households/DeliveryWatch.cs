using EdgeGate.Access.Registers;
using EdgeGate.Center.Database;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Tracing;
using Npgsql;

namespace EdgeGate.Center.Households;

/// <summary>
/// Ends what a household announced when the guards of one gate have noted what became of it, so that the other gates of the site do not go on expecting it.
/// The row of the announcement lets each be ended once.
/// </summary>
internal sealed class DeliveryWatch(NpgsqlDataSource database, PassDesk passes, TimeProvider time, ILogger<DeliveryWatch> log) : DatabaseWatch(TimeSpan.FromSeconds(5), time, log)
{
    private const int MostAtOnce = 500;

    internal override async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var noted = await connection.Sql(
            """
            select a.id, a.site, a.pass from announcement a
            where a.delivery is not null and a.noted_at is null and a.expires_at > $1
                and exists (select from delivery d where d.site = a.site and d.delivery = a.delivery and d.state <> 'announced')
            order by a.id limit $2
            """,
            Time.GetUtcNow(), MostAtOnce)
            .ListAsync(row => (Id: row.GetInt64(0), Site: row.GetString(1), Pass: new PersonKey(row.GetFieldValue<byte[]>(2))), cancellationToken);
        foreach (var (id, site, pass) in noted)
            await EndAsync(connection, id, site, pass, cancellationToken);
    }

    private async Task EndAsync(NpgsqlConnection connection, long id, string site, PersonKey pass, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await connection.Sql("update announcement set noted_at = $2, delivery = null where id = $1 and noted_at is null", id, Time.GetUtcNow()).RunAsync(cancellationToken) == 0)
            return; // another process did
        await passes.EndExpectingAsync(connection, site, pass, Asker.Of("center", "a gate noted what became of a delivery", out _)!, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
