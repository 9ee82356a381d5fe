using System.Globalization;
using EdgeGate.Center.Database;
using Npgsql;
using NpgsqlTypes;

namespace EdgeGate.Center.Ingest;

/// <summary>Rows of records and passages, within somebody's transaction that holds their gates.</summary>
internal static class RecordRows
{
    /// <summary>How many numbers after a decision its passage may stand: others pass and other lanes work meanwhile.</summary>
    private const int PassageWithin = 1000;

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

    /// <summary>
    /// Not rare: each person whom a lane's sensor did not see go. A question about all kept days plans and locks every one of them, so the decisions are looked for
    /// beside the passages first, day by day; only what is not there, since a clock was put right between, is looked for everywhere.
    /// </summary>
    public static async Task MarkNotTakenAsync(NpgsqlConnection connection, IReadOnlyCollection<NotTakenPassage> notTaken, CancellationToken cancellationToken)
    {
        var elsewhere = new List<NotTakenPassage>();
        foreach (var day in notTaken.GroupBy(passage => passage.At.UtcDateTime.Date))
        {
            elsewhere.AddRange(await MarkNotTakenAsync(
                connection, [.. day], string.Create(CultureInfo.InvariantCulture, $"between timestamptz '{day.Key.AddDays(-1):yyyy-MM-dd} 00:00Z' and timestamptz '{day.Key.AddDays(1):yyyy-MM-dd} 01:00Z'"), cancellationToken));
        }
        if (elsewhere.Count > 0)
            await MarkNotTakenAsync(connection, elsewhere, "is not null", cancellationToken);
    }

    /// <param name="time">Within the statement, and not beside it: a prepared one with arguments is planned for every day, and locks them all.</param>
    /// <returns>Those whose decision is not among the records of that time.</returns>
    private static async Task<IEnumerable<NotTakenPassage>> MarkNotTakenAsync(
        NpgsqlConnection connection, IReadOnlyList<NotTakenPassage> notTaken, string time, CancellationToken cancellationToken)
    {
        var decided = await connection.Sql(
            $"""
            with decided as (
                select n.gate_id, n.lane, n.sequence, r.at from unnest($1, $2, $3) as n(gate_id, lane, sequence)
                join record r on r.gate_id = n.gate_id and r.sequence = n.sequence and r.at {time}),
            marked as (
                update passage p set taken = false from decided d join lane l on l.gate_id = d.gate_id and l.name in (d.lane, '{LaneIds.Others}')
                where p.lane_id = l.id and p.at = d.at and p.at {time} and p.gate_id = d.gate_id and p.sequence = d.sequence)
            select gate_id, sequence from decided
            """,
            notTaken.Select(passage => passage.Gate).ToArray(), notTaken.Select(passage => passage.Lane).ToArray(), notTaken.Select(passage => passage.Decision).ToArray())
            .ListAsync(row => (Gate: row.GetInt32(0), Decision: row.GetInt64(1)), cancellationToken);
        var found = decided.ToHashSet();
        return notTaken.Where(passage => !found.Contains((passage.Gate, passage.Decision)));
    }

    /// <summary>What passages say of these decisions, and what these records say of decisions. The passage of a decision that was not understood was understood, and marked nothing.</summary>
    public static async Task<List<NotTakenPassage>> NotTakenAsync(
        NpgsqlConnection connection, int gate, SortedDictionary<(int Gate, long Sequence), IncomingRecord> understood, CancellationToken cancellationToken)
    {
        var ranges = new List<(long First, long Last)>();
        foreach (var ((_, sequence), _) in understood.Where(record => record.Value.Seen is not null))
        {
            var last = sequence + PassageWithin;
            if (ranges is [.., var before] && before.Last >= sequence)
                ranges[^1] = (before.First, last);
            else
                ranges.Add((sequence + 1, last));
        }
        var payloads = await connection.Sql(
            "select g.site, split_part(g.name, '~', 1), r.payload, r.at from unnest($2, $3) as n(first, last) join record r on r.gate_id = $1 and r.sequence between n.first and n.last and r.kind = $4 join gate g on g.id = r.gate_id",
            gate, ranges.Select(range => range.First).ToArray(), ranges.Select(range => range.Last).ToArray(), (short)RecordKind.Passage)
            .ListAsync(row => RecordReading.Read(new GateName(row.GetString(0), row.GetString(1)), row.GetFieldValue<byte[]>(2), out _) is { } record ? record with { At = row.GetFieldValue<DateTimeOffset>(3) } : null, cancellationToken);
        return [.. payloads.OfType<IncomingRecord>().Concat(understood.Values).Where(record => record.NotTaken is not null)
            .Select(record => new NotTakenPassage(gate, record.NotTaken!.Value.Lane, record.NotTaken.Value.Decision, record.At)).Distinct()];
    }
}
