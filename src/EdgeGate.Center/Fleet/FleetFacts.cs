using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using Npgsql;

namespace EdgeGate.Center.Fleet;

/// <summary>What records tell about gates rather than about persons: kept beside the records, in their transaction.</summary>
internal static class FleetFacts
{
    public static async Task KeepAsync(NpgsqlConnection connection, SortedDictionary<(int Gate, long Sequence), IncomingRecord> fresh, CancellationToken cancellationToken)
    {
        foreach (var ((gate, sequence), record) in fresh)
        {
            if (record.Alarm is { } alarm)
            {
                await connection.Sql(
                    "insert into alarm (gate_id, sequence, at, word, lane) values ($1, $2, $3, $4, $5) on conflict do nothing", gate, sequence, record.At, alarm.Word, alarm.Lane).RunAsync(cancellationToken);
            }
            if (record.Trial is { } trial)
            {
                await connection.Sql(
                    "update gate_command set confirmed = $3, trial_cause = $4 where id = $2 and gate_id = $1", gate, trial.Command, trial.Confirmed, trial.Cause).RunAsync(cancellationToken);
            }
        }
    }
}
