using Npgsql;

namespace EdgeGate.Center.Database;

/// <summary>
/// Looks now and then whether there is something to do in the database. A look that failed because the database was not to be had is made good by the
/// next one. Several processes look; the database lets each thing be done once.
/// </summary>
internal abstract partial class DatabaseWatch(TimeSpan every, TimeProvider time, ILogger log) : BackgroundService
{
    private protected readonly ILogger Log = log;

    private protected TimeProvider Time => time;

    /// <summary>Does what is due now.</summary>
    internal abstract Task LookAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var looks = new PeriodicTimer(every, time);
        while (await looks.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception unavailable) when (unavailable is NpgsqlException or TimeoutException)
            {
                LogPutOff(GetType().Name, unavailable);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Watch}: the database is not to be had; looks again soon")]
    private partial void LogPutOff(string watch, Exception cause);
}
