using EdgeGate.Center.Database;
using Npgsql;
using NpgsqlTypes;

namespace EdgeGate.Center.Ingest;

/// <summary>Rows of records and passages, within somebody's transaction that holds their gates.</summary>
internal static class RecordRows
{
    public static async Task WriteAsync(NpgsqlConnection connection, SortedDictionary<(int Gate, long Sequence), IncomingRecord> fresh, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (fresh.Count == 0)
            return;
        await using var rows = await connection.BeginBinaryImportAsync("copy record (gate_id, sequence, at, received_at, kind, payload) from stdin (format binary)", cancellationToken);
        foreach (var ((gate, sequence), record) in fresh)
        {
            await rows.StartRowAsync(cancellationToken);
            await rows.WriteAsync(gate, NpgsqlDbType.Integer, cancellationToken);
            await rows.WriteAsync(sequence, NpgsqlDbType.Bigint, cancellationToken);
            await rows.WriteAsync(record.At, NpgsqlDbType.TimestampTz, cancellationToken);
            await rows.WriteAsync(now, NpgsqlDbType.TimestampTz, cancellationToken);
            await rows.WriteAsync((short)record.Kind, NpgsqlDbType.Smallint, cancellationToken);
            await rows.WriteAsync(record.Payload, NpgsqlDbType.Bytea, cancellationToken);
        }
        await rows.CompleteAsync(cancellationToken);
    }

    /// <summary>One row for each record in which somebody was seen.</summary>
    public static async Task WritePassagesAsync(
        NpgsqlConnection connection, SortedDictionary<(int Gate, long Sequence), IncomingRecord> fresh, IReadOnlyDictionary<(int Gate, string Lane), int> lanes, CancellationToken cancellationToken)
    {
        if (fresh.Count == 0)
            return;
        await using var rows = await connection.BeginBinaryImportAsync(
            "copy passage (at, sequence, gate_id, lane_id, direction, outcome, clock, taken, person, masked_name) from stdin (format binary)", cancellationToken);
        foreach (var ((gate, sequence), record) in fresh)
        {
            if (record.Seen is not { } seen)
                continue;
            await rows.StartRowAsync(cancellationToken);
            await rows.WriteAsync(record.At, NpgsqlDbType.TimestampTz, cancellationToken);
            await rows.WriteAsync(sequence, NpgsqlDbType.Bigint, cancellationToken);
            await rows.WriteAsync(gate, NpgsqlDbType.Integer, cancellationToken);
            await rows.WriteAsync(lanes[(gate, seen.Lane)], NpgsqlDbType.Integer, cancellationToken);
            await rows.WriteAsync((short)seen.Direction, NpgsqlDbType.Smallint, cancellationToken);
            await rows.WriteAsync((short)seen.Outcome, NpgsqlDbType.Smallint, cancellationToken);
            await rows.WriteAsync((short)seen.Clock, NpgsqlDbType.Smallint, cancellationToken);
            await rows.WriteAsync(seen.Outcome is Access.Outcome.Granted, NpgsqlDbType.Boolean, cancellationToken);
            await rows.WriteAsync(seen.Person, NpgsqlDbType.Bytea, cancellationToken);
            if (seen.MaskedName is { } name)
                await rows.WriteAsync(name, NpgsqlDbType.Text, cancellationToken);
            else
                await rows.WriteNullAsync(cancellationToken);
        }
        await rows.CompleteAsync(cancellationToken);
    }

    /// <summary>Rare: the portal could not be told. So it may look into every day for the decision.</summary>
    public static async Task MarkNotTakenAsync(NpgsqlConnection connection, List<(int Gate, string Lane, long Decision)> notTaken, CancellationToken cancellationToken)
    {
        if (notTaken.Count == 0)
            return;
        await connection.Sql(
            """
            update passage p set taken = false
            from unnest($1, $2, $3) as n(gate_id, lane, sequence)
            join lane l on l.gate_id = n.gate_id and l.name = n.lane
            join record r on r.gate_id = n.gate_id and r.sequence = n.sequence
            where p.lane_id = l.id and p.at = r.at and p.gate_id = n.gate_id and p.sequence = n.sequence
            """,
            notTaken.Select(item => item.Gate).ToArray(), notTaken.Select(item => item.Lane).ToArray(), notTaken.Select(item => item.Decision).ToArray()).RunAsync(cancellationToken);
    }
}
