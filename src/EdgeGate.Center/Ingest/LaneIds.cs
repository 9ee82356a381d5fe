using System.Collections.Concurrent;
using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.Ingest;

/// <summary>Lanes have numbers in the database, since a passage names its lane a hundred million times. A lane is made when its first record comes.</summary>
internal sealed class LaneIds
{
    private readonly ConcurrentDictionary<(int Gate, string Lane), int> _known = new();

    /// <summary>The numbers of all lanes of these records. The gates' rows are locked, so nobody else makes a lane of theirs meanwhile.</summary>
    public async Task<IReadOnlyDictionary<(int Gate, string Lane), int>> ResolveAsync(
        NpgsqlConnection connection, IReadOnlyDictionary<(int Gate, long Sequence), IncomingRecord> records, CancellationToken cancellationToken)
    {
        var needed = records.Where(record => record.Value.Seen is not null).Select(record => (record.Key.Gate, record.Value.Seen!.Lane)).ToHashSet();
        var resolved = new Dictionary<(int, string), int>();
        foreach (var lane in needed)
        {
            if (_known.TryGetValue(lane, out var id))
                resolved[lane] = id;
        }
        var missing = needed.Where(lane => !resolved.ContainsKey(lane)).ToArray();
        if (missing.Length == 0)
            return resolved;
        var (gates, names) = (missing.Select(lane => lane.Gate).ToArray(), missing.Select(lane => lane.Lane).ToArray());
        await connection.Sql("insert into lane (gate_id, name) select * from unnest($1, $2) on conflict do nothing", gates, names).RunAsync(cancellationToken);
        var found = await connection.Sql(
            "select l.gate_id, l.name, l.id from lane l join unnest($1, $2) as n(gate_id, name) on l.gate_id = n.gate_id and l.name = n.name", gates, names)
            .ListAsync(row => (Lane: (row.GetInt32(0), row.GetString(1)), Id: row.GetInt32(2)), cancellationToken);
        foreach (var (lane, id) in found)
            resolved[lane] = id;
        return resolved;
    }

    /// <summary>Only after the commit: a number that was rolled back belongs to nobody.</summary>
    public void Remember(IReadOnlyDictionary<(int Gate, string Lane), int> committed)
    {
        foreach (var (lane, id) in committed)
            _known[lane] = id;
    }
}
