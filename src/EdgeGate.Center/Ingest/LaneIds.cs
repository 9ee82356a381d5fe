using System.Collections.Concurrent;
using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.Ingest;

/// <summary>
/// Lanes have numbers in the database, since a passage names its lane a hundred million times. A lane is made when its first record comes. A gate that makes up
/// ever new ones gets no more than some; passages of all others stand under one name.
/// </summary>
internal sealed class LaneIds
{
    public const int MostOfOneGate = 200;
    public const string Others = "other lanes";

    /// <summary>More than all lanes of two thousand estates; above it all are asked for anew.</summary>
    private const int MostKnown = 100_000;

    private readonly ConcurrentDictionary<(int Gate, string Lane), int> _known = new();

    /// <summary>The numbers of all lanes of these records. The gates' rows are locked, so nobody else makes a lane of theirs meanwhile.</summary>
    public async Task<IReadOnlyDictionary<(int Gate, string Lane), int>> ResolveAsync(
        NpgsqlConnection connection, IReadOnlyDictionary<(int Gate, long Sequence), IncomingRecord> records, CancellationToken cancellationToken)
    {
        var needed = records.Where(record => record.Value.Seen is not null).Select(record => (record.Key.Gate, record.Value.Seen!.Lane)).ToHashSet();
        var resolved = new Dictionary<(int Gate, string Lane), int>();
        foreach (var lane in needed)
        {
            if (_known.TryGetValue(lane, out var id))
                resolved[lane] = id;
        }
        var missing = needed.Where(lane => !resolved.ContainsKey(lane)).ToArray();
        if (missing.Length == 0)
            return resolved;
        var (gates, names) = (missing.Select(lane => lane.Gate).ToArray(), missing.Select(lane => lane.Lane).ToArray());
        await connection.Sql(
            """
            insert into lane (gate_id, name)
            select gate_id, name from (
                select n.gate_id, n.name, row_number() over (partition by n.gate_id order by n.name) as place from unnest($1, $2) as n(gate_id, name)
                where not exists (select from lane l where l.gate_id = n.gate_id and l.name = n.name)) as new
            where place + (select count(*) from lane l where l.gate_id = new.gate_id) <= $3
            """,
            gates, names, MostOfOneGate).RunAsync(cancellationToken);
        await FindAsync(connection, gates, names, resolved, cancellationToken);
        var tooMany = missing.Where(lane => !resolved.ContainsKey(lane)).ToArray();
        if (tooMany.Length == 0)
            return resolved;
        var (withOthers, others) = (tooMany.Select(lane => lane.Gate).Distinct().ToArray(), new Dictionary<(int Gate, string Lane), int>());
        await connection.Sql("insert into lane (gate_id, name) select gate_id, $2 from unnest($1) as n(gate_id) on conflict do nothing", withOthers, Others).RunAsync(cancellationToken);
        await FindAsync(connection, withOthers, [.. withOthers.Select(_ => Others)], others, cancellationToken);
        foreach (var lane in tooMany)
            resolved[lane] = others[(lane.Gate, Others)];
        return resolved;
    }

    private static async Task FindAsync(NpgsqlConnection connection, int[] gates, string[] names, Dictionary<(int Gate, string Lane), int> found, CancellationToken cancellationToken)
    {
        var rows = await connection.Sql(
            "select l.gate_id, l.name, l.id from lane l join unnest($1, $2) as n(gate_id, name) on l.gate_id = n.gate_id and l.name = n.name", gates, names)
            .ListAsync(row => (Lane: (row.GetInt32(0), row.GetString(1)), Id: row.GetInt32(2)), cancellationToken);
        foreach (var (lane, id) in rows)
            found[lane] = id;
    }

    /// <summary>Only after the commit: a number that was rolled back belongs to nobody.</summary>
    public void Remember(IReadOnlyDictionary<(int Gate, string Lane), int> committed)
    {
        if (_known.Count >= MostKnown)
            _known.Clear();
        foreach (var (lane, id) in committed)
            _known[lane] = id;
    }
}
