using Npgsql;

namespace EdgeGate.Center.Ingest;

/// <summary>After an update: reads again what the program before did not understand, once, beside the day's work.</summary>
internal sealed partial class SecondReadingService(SecondReading reading, TimeProvider time, ILogger<SecondReadingService> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50), TryAgain = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                if (await reading.IsDoneAsync(stoppingToken))
                    return;
                if (await reading.ReadAsync(Pause, stoppingToken) is { } report)
                {
                    if (report.Total > 0)
                        LogRead(report.Understood.Values.Sum(), report.Arrived, report.StillAside.Values.Sum());
                    return;
                }
            }
            catch (Exception unavailable) when (unavailable is NpgsqlException or TimeoutException)
            {
                LogPutOff(unavailable);
            }
            await Task.Delay(TryAgain, time, stoppingToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "Of what had been set aside {Understood} records are understood now, {Arrived} had come since, {Still} stay: edgegate-center set-aside")]
    private partial void LogRead(long understood, long arrived, long still);

    [LoggerMessage(LogLevel.Warning, "What was set aside could not be read again; tried again in a minute")]
    private partial void LogPutOff(Exception cause);
}
