using EdgeGate.Center.Settings;
using Npgsql;

namespace EdgeGate.Center.Database;

/// <summary>Brings the database to this program's form before anything else begins, and waits for it as long as it is away.</summary>
internal sealed partial class MigrationService(NpgsqlDataSource database, DatabaseSettings settings, Partitions partitions, TimeProvider time, ILogger<MigrationService> log)
    : IHostedLifecycleService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <exception cref="MigrationException">The database is not of a form this program can bring up to its own.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                if (settings.MigrateAtStart)
                {
                    foreach (var step in await Migrations.ApplyAsync(database, time, cancellationToken))
                        LogApplied(step.Number, step.Name);
                }
                await partitions.MakeAheadAsync(cancellationToken);
                return;
            }
            catch (Exception unavailable) when (unavailable is NpgsqlException or TimeoutException)
            {
                if (isFirst)
                    LogWaiting(unavailable);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "Database: did step {Number}, {Name}")]
    private partial void LogApplied(int number, string name);

    [LoggerMessage(LogLevel.Warning, "The database is not there yet, or not in this program's form (edgegate-center migrate); tried again each second")]
    private partial void LogWaiting(Exception cause);
}
