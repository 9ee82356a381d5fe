using System.Collections.Frozen;
using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.Ingest;

/// <summary>Commits a batch however long it takes: waits while the database is away, and finds and sets aside the one message that it will never take.</summary>
/// <remarks>One batch at a time.</remarks>
internal sealed partial class PatientCommit(RecordStore store, Partitions partitions, IngestCounters counters, TimeProvider time, ILogger<PatientCommit> log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private bool _failing;

    public async Task<IReadOnlyList<Receipt>> CommitAsync(Intake intake, CancellationToken cancellationToken)
    {
        var refusals = 0;
        while (true)
        {
            try
            {
                var receipts = await store.CommitAsync(intake, cancellationToken);
                if (_failing)
                    LogBack();
                _failing = false;
                return receipts;
            }
            catch (Exception refused) when (IsAboutTheData(refused))
            {
                if (refusals++ == 0)
                {
                    partitions.Forget(); // another process may have dropped a day
                    continue;
                }
                if (intake.Halves() is not { } halves)
                    return await GiveUpAsync(intake, refused, cancellationToken);
                // Of a gate in both halves the second says more.
                return [.. await CommitAsync(halves.First, cancellationToken), .. await CommitAsync(halves.Second, cancellationToken)];
            }
            catch (Exception unavailable) when (unavailable is NpgsqlException or TimeoutException or IOException)
            {
                counters.Failed(unavailable.Message);
                if (!_failing)
                    LogUnavailable(unavailable); // once for a whole outage
                _failing = true;
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    private async Task<IReadOnlyList<Receipt>> GiveUpAsync(Intake intake, Exception refused, CancellationToken cancellationToken)
    {
        LogRefused(refused);
        var reason = RefusedBecause(refused);
        counters.Failed(reason);
        while (intake.Records is [var record])
        {
            try
            {
                await store.SetAsideAsync(new DamagedMessage(record.Gate, reason, record.Payload), cancellationToken);
                break;
            }
            catch (Exception again) when (IsAboutTheData(again))
            {
                LogLeft(again);
                break;
            }
            catch (Exception unavailable) when (unavailable is NpgsqlException or TimeoutException or IOException)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
        return [];
    }

    /// <summary>In words, for what is set aside.</summary>
    internal static string RefusedBecause(Exception refused) => $"the database does not take it: {(refused is PostgresException { MessageText: var text } ? text : refused.Message)}";

    /// <summary>
    /// Classes of errors about the server, its form, the session or who is at it at once: connection, feature, transaction, cursor and prepared statement, login,
    /// missing database or schema, rollback, missing table or right, resources, state, intervention, system, settings, and its own faults. They pass, or somebody
    /// mends them, and then the same message is taken.
    /// </summary>
    private static readonly FrozenSet<string> AboutTheServer = ["08", "0A", "0B", "24", "25", "26", "28", "2D", "34", "3B", "3D", "3F", "40", "42", "53", "55", "57", "58", "F0", "XX"];

    /// <summary>Any other refusal, or something that cannot even be written to the database: the same again would end the same.</summary>
    internal static bool IsAboutTheData(Exception refused) => refused is PostgresException { SqlState: var state } answer
        ? !answer.IsTransient && !AboutTheServer.Contains(state[..2])
        : refused is ArgumentException or FormatException or OverflowException;

    [LoggerMessage(LogLevel.Error, "The database takes nothing now; tried again each second, and nothing is lost meanwhile: gates keep what has no receipt")]
    private partial void LogUnavailable(Exception cause);

    [LoggerMessage(LogLevel.Information, "The database takes records again")]
    private partial void LogBack();

    [LoggerMessage(LogLevel.Error, "The database will not take a message, so it is to be set aside")]
    private partial void LogRefused(Exception cause);

    [LoggerMessage(LogLevel.Error, "Nor can it be set aside: its gate keeps it")]
    private partial void LogLeft(Exception cause);
}
