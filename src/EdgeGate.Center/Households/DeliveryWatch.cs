using EdgeGate.Access.Registers;
using EdgeGate.Center.Database;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using Npgsql;

namespace EdgeGate.Center.Households;

/// <summary>
/// Ends what households announced when the guards of one gate have noted what became of it, so that the other gates of the site do not go on expecting it.
/// The row of the announcement lets each be ended once. What is noted between two looks is one version of the site's list: a hundred deliveries at noon
/// are a few lists for each gate, and none waits longer than from one look to the next.
/// </summary>
internal sealed class DeliveryWatch(NpgsqlDataSource database, PassDesk passes, TimeProvider time, ILogger<DeliveryWatch> log) : DatabaseWatch(TimeSpan.FromSeconds(15), time, log)
{
    private const int MostAtOnce = 500;

    private const string Noted =
        "a.delivery is not null and a.noted_at is null and a.expires_at > $1 and exists (select from delivery d where d.site = a.site and d.delivery = a.delivery and d.state <> 'announced')";

    internal override async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        foreach (var site in await connection.Sql($"select distinct a.site from announcement a where {Noted}", Time.GetUtcNow()).ListAsync(row => row.GetString(0), cancellationToken))
            await EndAsync(connection, site, cancellationToken);
    }

    private async Task EndAsync(NpgsqlConnection connection, string site, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var noted = await connection.Sql(
            $"""
            update announcement set noted_at = $1, delivery = null
            where id in (select a.id from announcement a where a.site = $2 and {Noted} order by a.id limit $3 for update of a skip locked) returning pass
            """,
            Time.GetUtcNow(), site, MostAtOnce).ListAsync(row => new PersonKey(row.GetFieldValue<byte[]>(0)), cancellationToken);
        if (noted.Count == 0)
            return; // another process is at it
        await passes.EndExpectingAsync(connection, site, noted, Asker.Of("center", "gates noted what became of deliveries", out _)!, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
