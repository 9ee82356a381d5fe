using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Messages.Records;
using Npgsql;

namespace EdgeGate.Center.People;

/// <summary>
/// Looks each minute whether a measure that was due has come, and tells of those missing: in the file, and by a notice of how many there are. Ends observations
/// whose time is over. A notice stands in the database from the moment of its reminders until the broker has it: neither a crash nor a broker that is away loses one.
/// </summary>
internal sealed partial class MeasureWatch(NpgsqlDataSource database, MeasurePlan plan, CenterOutbox outbox, TimeProvider time, ILogger<MeasureWatch> log) : DatabaseWatch(TimeSpan.FromMinutes(1), time, log)
{
    /// <summary>What was due while nobody ran is made good; older than this it is no longer worth a reminder.</summary>
    private static readonly TimeSpan LooksBack = TimeSpan.FromHours(24);

    /// <summary>So long no other process of the center tells what this one is about to.</summary>
    internal static readonly TimeSpan Claim = TimeSpan.FromMinutes(5);

    /// <summary>What this process has posted, by its row, until the broker answers.</summary>
    private readonly Dictionary<long, Task> _posted = [];

    /// <summary>Completes when the broker has answered all that this process posted, and the database knows.</summary>
    internal Task Answered => Task.WhenAll(_posted.Values);

    internal override async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await ReleaseAsync(connection, now, cancellationToken);
        foreach (var (since, due) in plan.Between(now - LooksBack, now))
        {
            foreach (var (site, missing) in await RemindAsync(connection, since, due, now, cancellationToken))
                LogMissing(site, missing, due);
        }
        await TellAsync(connection, now, cancellationToken);
    }

    private async Task TellAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var (done, _) in _posted.Where(posted => posted.Value.IsCompleted).ToArray())
            _posted.Remove(done);
        await connection.Sql("delete from measure_notice where due < $1", now - LooksBack).RunAsync(cancellationToken);
        var untold = await connection.Sql(
            """
            update measure_notice set claimed_until = $2 where id in (select id from measure_notice where claimed_until is null or claimed_until <= $1 order by id for update skip locked)
            returning id, site, due, missing
            """,
            now, now + Claim).ListAsync(row => (Id: row.GetInt64(0), Site: row.GetString(1), Notice: new MeasuresMissingNotice(row.GetFieldValue<DateTimeOffset>(2), row.GetInt32(3))), cancellationToken);
        foreach (var (id, site, notice) in untold)
        {
            if (!_posted.ContainsKey(id)) // else it waits for the broker
                _posted[id] = TellAsync(id, outbox.PostNotice(site, notice.Write(site, now)));
        }
    }

    private async Task TellAsync(long id, Task<bool> posted)
    {
        try
        {
            if (!await posted)
                return; // told again when the claim is over
            await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
            await connection.Sql("delete from measure_notice where id = $1", id).RunAsync(CancellationToken.None);
        }
        catch (Exception unavailable) when (unavailable is NpgsqlException or TimeoutException or ObjectDisposedException)
        {
            LogToldAgain(unavailable);
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
            insert into measure_notice (site, due, missing)
            select f.site, $2, count(*)::int from missing join person_file f on f.id = missing.file_id group by f.site
            returning site, missing
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

    [LoggerMessage(LogLevel.Warning, "A notice of missing measures was told, and the database could not be told so: it is told once more")]
    private partial void LogToldAgain(Exception cause);
}
