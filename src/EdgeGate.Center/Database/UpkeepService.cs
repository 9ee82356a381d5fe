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
        await ForgetAsideAsync(connection, now.AddDays(-retention.SetAsideDays), cancellationToken);
        await connection.Sql("delete from unknown_gate where last_at < $1", now.AddDays(-retention.SetAsideDays)).RunAsync(cancellationToken);
        await connection.Sql("delete from alarm where at < $1", now.AddDays(-retention.RecordDays)).RunAsync(cancellationToken);
        await connection.Sql("delete from gate_command where asked_at < $1", now.AddDays(-retention.AuditDays)).RunAsync(cancellationToken); // who ordered what is asked as late as who asked what
        await connection.Sql("delete from audit where at < $1", now.AddDays(-retention.AuditDays)).RunAsync(cancellationToken);
    }

    /// <summary>Gate by gate, each locked as its batches lock it: both count what lies aside, and might wait for one another.</summary>
    private static async Task ForgetAsideAsync(NpgsqlConnection connection, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var gates = await connection.Sql("select distinct site, gate from set_aside where last_at < $1", before).ListAsync(row => (Site: row.GetString(0), Gate: row.GetString(1)), cancellationToken);
        foreach (var (site, gate) in gates)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await connection.Sql("select from gate where site = $1 and name = $2 for no key update", site, gate).RunAsync(cancellationToken);
            await connection.Sql("delete from set_aside where site = $1 and gate = $2 and last_at < $3", site, gate, before).RunAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "Dropped {Table}: older than {Days} days")]
    private partial void LogDropped(string table, int days);

    [LoggerMessage(LogLevel.Warning, "Upkeep of the database is put off")]
    private partial void LogPutOff(Exception cause);
}
