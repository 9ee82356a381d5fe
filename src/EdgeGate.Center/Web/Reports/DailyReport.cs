using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.Web.Reports;

/// <summary>One estate's day in numbers.</summary>
/// <param name="In">Granted and taken, by the hour: 24 numbers.</param>
/// <param name="Denials">How often a gate said no or sent to a guard, by reason; one decision may have several. The most frequent first.</param>
/// <param name="VisitorsInside">Persons not among the residents whose last passage within two days was in; nobody who was never recorded.</param>
internal sealed record DailyReport(
    string Site, DateOnly Day, long[] In, long[] Out, long Decisions, long Denied, long ToGuard, long Fevers, IReadOnlyList<(string Reason, long Times)> Denials, long VisitorsInside, long Alarms);

/// <summary>Counts a day from the records. What the numbers are of is in the open; no sealed part is touched, and no person is named.</summary>
internal sealed class DailyReports(NpgsqlDataSource database, TimeProvider time)
{
    private const short Decided = (short)Ingest.RecordKind.Decided;
    private static readonly TimeSpan VisitsEnd = TimeSpan.FromDays(2);

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
            select floor(extract(epoch from p.at - $2) / 3600)::int, p.direction, count(*) from passage p join gate g on g.id = p.gate_id
            where g.site = $1 and p.at >= $2 and p.at < $3 and p.taken group by 1, 2
            """,
            site, from, to).ListAsync(row => (row.GetInt32(0), row.GetInt16(1), row.GetInt64(2)), cancellationToken))
        {
            // Where clocks are changed a day has 23 or 25 hours: the last one takes what is over.
            (direction == (short)Access.Direction.Entry ? @in : @out)[Math.Min(hour, 23)] += count;
        }
        var outcomes = await connection.Sql(
            """
            select d.data->>'outcome', count(*), count(*) filter (where d.data->'reasons' ? 'temperature-too-high')
            from record r join gate g on g.id = r.gate_id cross join lateral (select convert_from(r.payload, 'UTF8')::jsonb->'data' as data) d
            where g.site = $1 and r.at >= $2 and r.at < $3 and r.kind = $4 group by 1
            """,
            site, from, to, Decided).ListAsync(row => (Outcome: row.Maybe<string>(0), Count: row.GetInt64(1), Fevers: row.GetInt64(2)), cancellationToken);
        var denials = await connection.Sql(
            """
            select reason, count(*) from record r join gate g on g.id = r.gate_id cross join lateral jsonb_array_elements_text(convert_from(r.payload, 'UTF8')::jsonb->'data'->'reasons') as reason
            where g.site = $1 and r.at >= $2 and r.at < $3 and r.kind = $4 group by 1 order by 2 desc, 1
            """,
            site, from, to, Decided).ListAsync(row => (row.GetString(0), row.GetInt64(1)), cancellationToken);
        var until = to < time.GetUtcNow() ? to : time.GetUtcNow();
        var visitors = await connection.Sql(
            """
            select count(*) from (
                select distinct on (p.person) p.person, p.direction from passage p join gate g on g.id = p.gate_id
                where g.site = $1 and p.at >= $2 and p.at < $3 and p.taken order by p.person, p.at desc, p.sequence desc) last
            where last.direction = 0 and not exists (select from resident r where r.site = $1 and r.person = last.person)
            """,
            site, until - VisitsEnd, until).ScalarAsync<long>(cancellationToken);
        var alarms = await connection.Sql("select count(*) from alarm a join gate g on g.id = a.gate_id where g.site = $1 and a.at >= $2 and a.at < $3", site, from, to).ScalarAsync<long>(cancellationToken);
        return new DailyReport(
            site, day, @in, @out, outcomes.Sum(row => row.Count), outcomes.Where(row => row.Outcome == "denied").Sum(row => row.Count), outcomes.Where(row => row.Outcome == "guard").Sum(row => row.Count),
            outcomes.Sum(row => row.Fevers), denials, visitors, alarms);
    }
}
