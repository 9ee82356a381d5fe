using System.Text.Json;
using Npgsql;

namespace EdgeGate.Center.Database;

/// <summary>
/// A gate noticed that its clock had been wrong: the records it names are moved to when they happened. Their bytes keep the old stamp. Each step is
/// done in one transaction and forgotten, so several processes may try.
/// </summary>
internal sealed class ClockCorrection(NpgsqlDataSource database, Partitions partitions)
{
    private const int Chunk = 500;

    private sealed record Step(int Gate, long Sequence, long First, long Last, TimeSpan By);

    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var steps = await connection.Sql("select gate_id, sequence, first, last, step from clock_step order by gate_id, sequence limit 1 for update skip locked")
                .ListAsync(row => new Step(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetFieldValue<TimeSpan>(4)), cancellationToken);
            if (steps is not [var step])
                return;
            for (var from = step.First; from <= step.Last; from += Chunk)
                await MoveAsync(connection, step, from, Math.Min(step.Last, from + Chunk - 1), cancellationToken);
            await connection.Sql("delete from clock_step where gate_id = $1 and sequence = $2", step.Gate, step.Sequence).RunAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    private async Task MoveAsync(NpgsqlConnection connection, Step step, long from, long to, CancellationToken cancellationToken)
    {
        // Locked: who reads a record again makes its passage meanwhile, and that must move with it.
        var rows = await connection.Sql("select sequence, at, payload from record where gate_id = $1 and sequence between $2 and $3 for update", step.Gate, from, to)
            .ListAsync(row => (Sequence: row.GetInt64(0), Was: row.GetFieldValue<DateTimeOffset>(1), Is: StampOf(row.GetFieldValue<byte[]>(2)) + step.By), cancellationToken);
        if (rows.Count == 0)
            return;
        await partitions.MakeAsync([.. rows.Select(row => Partitions.DayOf(row.Is)).Distinct()], cancellationToken);
        var (sequences, was, @is) = (rows.Select(row => row.Sequence).ToArray(), rows.Select(row => row.Was).ToArray(), rows.Select(row => row.Is).ToArray());
        await connection.Sql(
            """
            update passage p set at = n.is_at from unnest($2, $3, $4) as n(sequence, was_at, is_at), lane l
            where l.gate_id = $1 and p.lane_id = l.id and p.at = n.was_at and p.gate_id = $1 and p.sequence = n.sequence
            """,
            step.Gate, sequences, was, @is).RunAsync(cancellationToken);
        await connection.Sql(
            """
            update record r set at = n.is_at from unnest($2, $3, $4) as n(sequence, was_at, is_at)
            where r.gate_id = $1 and r.sequence = n.sequence and r.at = n.was_at
            """,
            step.Gate, sequences, was, @is).RunAsync(cancellationToken);
    }

    private static DateTimeOffset StampOf(byte[] payload)
    {
        using var json = JsonDocument.Parse(payload);
        return json.RootElement.GetProperty("time").GetDateTimeOffset().ToUniversalTime();
    }
}
