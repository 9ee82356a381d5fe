using System.Text.Json;
using EdgeGate.Center.Ingest;
using Npgsql;

namespace EdgeGate.Center.Database;

/// <summary>
/// A gate noticed that its clock had been wrong: the records it names are moved to when they happened. Their bytes keep the old stamp. Each step is
/// done in one transaction and forgotten, so several processes may try; one that the database refuses is forgotten undone, since it would hold up all others.
/// </summary>
/// <param name="keptDays">Nothing is moved to before these days, or ahead of the clock here.</param>
internal sealed partial class ClockCorrection(NpgsqlDataSource database, Partitions partitions, int keptDays, TimeProvider time, ILogger log)
{
    private const int Chunk = 500;
    private const string Untouched = "untouched";

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
            await connection.Sql("select from gate where id = $1 for no key update", step.Gate).RunAsync(cancellationToken); // as every batch of the gate does
            await transaction.SaveAsync(Untouched, cancellationToken);
            try
            {
                for (long? after = step.First - 1; after is { } number;)
                    after = await MoveAsync(connection, step, number, cancellationToken);
            }
            catch (Exception refused) when (PatientCommit.IsAboutTheData(refused))
            {
                await transaction.RollbackAsync(Untouched, cancellationToken);
                LogRefused(step.Gate, step.Sequence, refused);
            }
            await connection.Sql("delete from clock_step where gate_id = $1 and sequence = $2", step.Gate, step.Sequence).RunAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    /// <summary>Some records, in the order of their numbers.</summary>
    /// <returns>The last of them; null when there are no more.</returns>
    private async Task<long?> MoveAsync(NpgsqlConnection connection, Step step, long after, CancellationToken cancellationToken)
    {
        // Locked: who reads a record again makes its passage meanwhile, and that must move with it.
        var found = await connection.Sql(
            "select sequence, at, payload from record where gate_id = $1 and sequence > $2 and sequence <= $3 order by sequence limit $4 for update", step.Gate, after, step.Last, Chunk)
            .ListAsync(row => (Sequence: row.GetInt64(0), Was: row.GetFieldValue<DateTimeOffset>(1), Stamp: StampOf(row.GetFieldValue<byte[]>(2))), cancellationToken);
        if (found.Count == 0)
            return null;
        var (earliest, latest) = RecordStore.Possible(time.GetUtcNow(), keptDays);
        // Asked before it is added: the sum may lie outside the calendar.
        var rows = found.Where(row => step.By >= earliest - row.Stamp && step.By <= latest - row.Stamp).Select(row => (row.Sequence, row.Was, Is: row.Stamp + step.By)).ToArray();
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
        await connection.Sql(
            "update ahead a set at = n.is_at from unnest($2, $3) as n(sequence, is_at) where a.gate_id = $1 and a.sequence = n.sequence", step.Gate, sequences, @is).RunAsync(cancellationToken);
        return found[^1].Sequence;
    }

    private static DateTimeOffset StampOf(byte[] payload)
    {
        using var json = JsonDocument.Parse(payload);
        return json.RootElement.GetProperty("time").GetDateTimeOffset().ToUniversalTime();
    }

    [LoggerMessage(LogLevel.Error, "What record {Sequence} of gate number {Gate} says about its clock is left undone: the database does not take it")]
    private partial void LogRefused(int gate, long sequence, Exception cause);
}
