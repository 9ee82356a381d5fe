using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Messages.Records;
using Npgsql;

namespace EdgeGate.Center.People;

/// <summary>
/// Looks each minute whether a measure that was due has come, and tells of those missing: in the file, and by a notice of how many there are. Ends observations
/// whose time is over.
/// </summary>
internal sealed partial class MeasureWatch(NpgsqlDataSource database, MeasurePlan plan, CenterOutbox outbox, TimeProvider time, ILogger<MeasureWatch> log) : DatabaseWatch(TimeSpan.FromMinutes(1), time, log)
{
    /// <summary>What was due while nobody ran is made good; older than this it is no longer worth a reminder.</summary>
    private static readonly TimeSpan LooksBack = TimeSpan.FromHours(24);

    internal override async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await ReleaseAsync(connection, now, cancellationToken);
        foreach (var (since, due) in plan.Between(now - LooksBack, now))
        {
            foreach (var (site, missing) in await RemindAsync(connection, since, due, now, cancellationToken))
            {
                outbox.PostNotice(site, new MeasuresMissingNotice(due, missing).Write(site, now));
                LogMissing(site, missing, due);
            }
        }
    }

    /// <returns>How many reminders were made now, by site.</returns>
    private static Task<List<(string Site, int Missing)>> RemindAsync(NpgsqlConnection connection, DateTimeOffset since, DateTimeOffset due, DateTimeOffset now, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            with missing as (
                insert into measure_reminder (file_id, due, told_at)
                select f.id, $2, $3 from person_file f
                where f.state = $4 and f.opened_at < $5 and not exists (select from person_measure m where m.file_id = f.id and m.at > $1 and m.at <= $2)
                on conflict do nothing returning file_id),
            told as (insert into person_file_event (file_id, at, kind, by_whom) select file_id, $2, $6, 'center' from missing)
            select f.site, count(*)::int from missing join person_file f on f.id = missing.file_id group by f.site
            """,
            since, due, now, (short)FileState.Open, due - MeasurePlan.FirstAfter, (short)FileEventKind.MeasureMissing)
            .ListAsync(row => (row.GetString(0), row.GetInt32(1)), cancellationToken);

    private static Task<int> ReleaseAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancellationToken) => connection.Sql(
        """
        with over as (update person_file set state = $2, closed_at = until, contact = null where state = $1 and until <= $3 returning id, until)
        insert into person_file_event (file_id, at, kind, by_whom) select id, until, $4, 'center' from over
        """,
        (short)FileState.Open, (short)FileState.Released, now, (short)FileEventKind.Released).RunAsync(cancellationToken);

    [LoggerMessage(LogLevel.Warning, "Site {Site}: {Missing} measures that were due at {Due:O} have not come")]
    private partial void LogMissing(string site, int missing, DateTimeOffset due);
}
