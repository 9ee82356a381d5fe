using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.Tests.Fleet;

/// <summary>What the gates counted themselves, against what the database holds.</summary>
internal static class FleetComparison
{
    /// <summary>Lost 0, doubled 0, each gate's chain the one that the gate made.</summary>
    public static async Task AssertAllAreHereOnceAsync(this SimulatedFleet fleet, NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync();
        var held = (await connection.Sql(
            """
            select g.site || '/' || g.name, g.up_to, encode(g.chain, 'hex'), count(r.sequence), count(distinct r.sequence), (select count(*) from passage p where p.gate_id = g.id), g.ahead
            from gate g left join record r on r.gate_id = g.id group by g.id
            """)
            .ListAsync(row => (Gate: row.GetString(0), UpTo: row.GetInt64(1), Chain: row.GetString(2), Count: row.GetInt64(3), Distinct: row.GetInt64(4), Passages: row.GetInt64(5), Ahead: row.GetInt32(6)), CancellationToken.None))
            .ToDictionary(row => row.Gate);
        foreach (var gate in fleet.Gates)
        {
            var name = $"{gate.Topics.Site}/{gate.Name}";
            Assert.Equal((name, gate.Made, gate.Chain, gate.Made, gate.Made, gate.Made, 0), held[name]);
        }
    }
}
