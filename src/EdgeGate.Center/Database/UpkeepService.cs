using EdgeGate.Center.People;
using EdgeGate.Center.Settings;
using Npgsql;

namespace EdgeGate.Center.Database;

/// <summary>What the database needs now and then: days made ahead, days whose retention is over dropped, stamps put right that a gate called wrong.</summary>
internal sealed partial class UpkeepService(NpgsqlDataSource database, Partitions partitions, RetentionSettings retention, PeopleRetention people, TimeProvider time, ILogger<UpkeepService> log)
    : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10), DaysEvery = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var looks = new PeriodicTimer(Look, time);
        long? daysAt = null;
        do
        {
            try
            {
                if (daysAt is not { } at || time.GetElapsedTime(at) >= DaysEvery)
                {
                    await partitions.MakeAheadAsync(stoppingToken);
                    await EnforceRetentionAsync(stoppingToken);
                    daysAt = time.GetTimestamp();
                }
                await new ClockCorrection(database, partitions, retention.RecordDays, time, log).ApplyAsync(stoppingToken);
            }
            catch (Exception unavailable) when (unavailable is NpgsqlException or TimeoutException)
            {
                LogPutOff(unavailable);
            }
        }
        while (await looks.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Nothing about persons is kept after its time; questions about persons are kept longer than the persons' records.</summary>
    internal async Task EnforceRetentionAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var day in await partitions.DropBeforeAsync(Partitions.DayOf(now.AddDays(-retention.RecordDays)), cancellationToken))
            LogDropped(day, retention.RecordDays);
        await people.EnforceAsync(cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.Sql("delete from set_aside where last_at < $1", now.AddDays(-retention.SetAsideDays)).RunAsync(cancellationToken);
        await connection.Sql("delete from unknown_gate where last_at < $1", now.AddDays(-retention.SetAsideDays)).RunAsync(cancellationToken);
        await connection.Sql("delete from alarm where at < $1", now.AddDays(-retention.RecordDays)).RunAsync(cancellationToken);
        await connection.Sql("delete from gate_command where asked_at < $1", now.AddDays(-retention.AuditDays)).RunAsync(cancellationToken); // who ordered what is asked as late as who asked what
        await connection.Sql("delete from audit where at < $1", now.AddDays(-retention.AuditDays)).RunAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Dropped {Table}: older than {Days} days")]
    private partial void LogDropped(string table, int days);

    [LoggerMessage(LogLevel.Warning, "Upkeep of the database is put off")]
    private partial void LogPutOff(Exception cause);
}
