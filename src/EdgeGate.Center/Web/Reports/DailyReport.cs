using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.People;
using EdgeGate.Messages.Records;
using Npgsql;

namespace EdgeGate.Center.Web.Reports;

/// <summary>One estate's day in numbers.</summary>
/// <param name="In">Granted and taken, by the hour: 24 numbers.</param>
/// <param name="Denials">How often a gate said no or sent to a guard, by reason; one decision may have several. The most frequent first.</param>
/// <param name="OverdueMeasures">Persons under observation now of whom a measure is missing.</param>
/// <param name="OverdueDisinfection">Buildings without a disinfection within a day, and when the last one was, if ever.</param>
/// <param name="VisitorsInside">Persons not among the residents whose last passage within two days was in; nobody who was never recorded.</param>
internal sealed record DailyReport(
    string Site, DateOnly Day, long[] In, long[] Out, long Decisions, long Denied, long ToGuard, long Fevers, IReadOnlyList<(DenyReason Reason, long Times)> Denials, long VisitorsInside, long Alarms,
    long OverdueMeasures, IReadOnlyList<(string Building, DateTimeOffset? Last)> OverdueDisinfection);

/// <summary>Counts a day from the records. What the numbers are of is in the open; no sealed part is touched, and no person is named.</summary>
internal sealed class DailyReports(NpgsqlDataSource database, TimeProvider time)
{
    private static readonly TimeSpan VisitsEnd = TimeSpan.FromDays(2), DisinfectedEvery = TimeSpan.FromDays(1);

    public async Task<IReadOnlyList<string>> SitesAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql("select distinct site from gate order by site").ListAsync(row => row.GetString(0), cancellationToken);
    }

    /// <param name="from">The day's beginning.</param>
    /// <param name="to">Its end, exclusive.</param>
    public async Task<DailyReport> ReadAsync(string site, DateOnly day, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken); // all numbers of one moment
        var (@in, @out) = (new long[24], new long[24]);
        foreach (var (hour, direction, count) in await connection.Sql(
            """
            select floor(extract(epoch from p.at - $2) / 3600)::int, p.direction, count(*) from gate g join lane l on l.gate_id = g.id join passage p on p.lane_id = l.id
            where g.site = $1 and p.at >= $2 and p.at < $3 and p.taken group by 1, 2
            """,
            site, from, to).ListAsync(row => (row.GetInt32(0), row.GetInt16(1), row.GetInt64(2)), cancellationToken))
        {
            // Where clocks are changed a day has 23 or 25 hours: the last one takes what is over.
            (direction == (short)Direction.Entry ? @in : @out)[Math.Min(hour, 23)] += count;
        }
        var decisions = await CountDecisionsAsync(connection, site, from, to, cancellationToken);
        var until = to < time.GetUtcNow() ? to : time.GetUtcNow();
        var visitors = await connection.Sql(
            """
            select count(*) from (
                select distinct on (p.person) p.person, p.direction from gate g join lane l on l.gate_id = g.id join passage p on p.lane_id = l.id
                where g.site = $1 and p.at >= $2 and p.at < $3 and p.taken order by p.person, p.at desc, p.sequence desc) last
            where last.direction = 0 and not exists (select from resident r where r.site = $1 and r.person = last.person)
            """,
            site, until - VisitsEnd, until).ScalarAsync<long>(cancellationToken);
        var alarms = await connection.Sql("select count(*) from alarm a join gate g on g.id = a.gate_id where g.site = $1 and a.at >= $2 and a.at < $3", site, from, to).ScalarAsync<long>(cancellationToken);
        var measures = await connection.Sql(
            """
            select count(*) from person_file f where f.site = $1 and f.state = $2 and exists (
                select from measure_reminder r where r.file_id = f.id and r.due > coalesce((select max(m.at) from person_measure m where m.file_id = f.id), '-infinity'))
            """,
            site, (short)FileState.Open).ScalarAsync<long>(cancellationToken);
        var disinfection = await connection.Sql(
            """
            select b.building, max(r.at) from (select distinct building from resident where site = $1 and building <> '') b
            left join round r on r.site = $1 and r.building = b.building and r.task = 'disinfection' and r.at < $2
            group by b.building having max(r.at) is null or max(r.at) < $3 order by b.building
            """,
            site, until, until - DisinfectedEvery).ListAsync(row => (row.GetString(0), row.MaybeTime(1)), cancellationToken);
        return new DailyReport(
            site, day, @in, @out, decisions.All, decisions.Denied, decisions.ToGuard, decisions.Reasons.GetValueOrDefault(DenyReason.TemperatureTooHigh),
            [.. decisions.Reasons.Select(reason => (reason.Key, reason.Value)).OrderByDescending(reason => reason.Value).ThenBy(reason => reason.Key)], visitors, alarms, measures, disinfection);
    }

    private sealed class Decisions
    {
        public long All { get; set; }
        public long Denied { get; set; }
        public long ToGuard { get; set; }
        public Dictionary<DenyReason, long> Reasons { get; } = [];
    }

    /// <summary>Reads every decision of the day. PostgreSQL could not: it refuses JSON that gates may write, such as U+0000 in a text.</summary>
    private static async Task<Decisions> CountDecisionsAsync(NpgsqlConnection connection, string site, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var counted = new Decisions();
        await using var command = connection.Sql(
            "select r.payload from gate g join record r on r.gate_id = g.id where g.site = $1 and r.at >= $2 and r.at < $3 and r.kind = $4", site, from, to, (short)RecordKind.Decided);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            using var json = JsonDocument.Parse(rows.GetFieldValue<byte[]>(0));
            if (json.RootElement.GetProperty("data").Deserialize(RecordShapes.Default.DecidedRecord) is not { } decided) // understood when it came
                continue;
            counted.All++;
            counted.Denied += decided.Outcome is Outcome.Denied ? 1 : 0;
            counted.ToGuard += decided.Outcome is Outcome.Guard ? 1 : 0;
            foreach (var reason in decided.Reasons.Distinct())
                counted.Reasons[reason] = counted.Reasons.GetValueOrDefault(reason) + 1;
        }
        return counted;
    }
}
