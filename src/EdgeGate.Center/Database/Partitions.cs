using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;

namespace EdgeGate.Center.Database;

/// <summary>
/// Records and passages lie in one table per day (UTC): a question about a week reads a week, and a day whose retention is over goes in one
/// stroke.
/// </summary>
internal sealed class Partitions(NpgsqlDataSource database, TimeProvider time)
{
    private const long LockKey = 0x4564_6765_4461_7973; // "EdgeDays"
    private static readonly string[] Tables = ["record", "passage"];
    private static readonly TimeSpan MadeAhead = TimeSpan.FromDays(3);

    private readonly ConcurrentDictionary<DateOnly, bool> _known = new();

    /// <summary>Days from today on, so that nobody waits for them at midnight.</summary>
    public Task MakeAheadAsync(CancellationToken cancellationToken)
    {
        var today = DayOf(time.GetUtcNow());
        return MakeAsync([.. Enumerable.Range(0, MadeAhead.Days + 1).Select(today.AddDays)], cancellationToken);
    }

    /// <summary>Makes those days that are not there.</summary>
    public async Task MakeAsync(IReadOnlyCollection<DateOnly> days, CancellationToken cancellationToken)
    {
        if (days.All(_known.ContainsKey))
            return;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.Sql("select pg_advisory_xact_lock($1)", LockKey).RunAsync(cancellationToken);
        foreach (var day in days.Where(day => !_known.ContainsKey(day)))
        {
            foreach (var table in Tables)
            {
                if (await connection.Sql("select to_regclass($1) is not null", NameOf(table, day)).ScalarAsync<bool>(cancellationToken))
                    continue;
                // Made apart and then attached: "create table … partition of" would lock out everybody who reads or writes other days.
                await connection.Sql($"create table {NameOf(table, day)} (like {table} including all)").RunAsync(cancellationToken);
                await connection.Sql($"alter table {table} attach partition {NameOf(table, day)} for values from ('{day:yyyy-MM-dd} 00:00+00') to ('{day.AddDays(1):yyyy-MM-dd} 00:00+00')")
                    .RunAsync(cancellationToken);
            }
        }
        await transaction.CommitAsync(cancellationToken);
        foreach (var day in days)
            _known[day] = true;
    }

    /// <summary>Drops the days before this one.</summary>
    /// <returns>Which were dropped.</returns>
    public async Task<IReadOnlyList<string>> DropBeforeAsync(DateOnly first, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var names = await connection.Sql(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent where p.relname = any($1) order by 1", (object)Tables)
            .ListAsync(row => row.GetString(0), cancellationToken);
        var old = names.Where(name => DayIn(name) < first).ToArray();
        foreach (var name in old)
        {
            // The parent is locked for a moment; rather another time than behind a long question, with all ingest behind us.
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await connection.Sql("set local lock_timeout = '2s'").RunAsync(cancellationToken);
            await ForgetAheadAsync(connection, DayIn(name), cancellationToken);
            await connection.Sql($"drop table {name}").RunAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        Forget();
        return old;
    }

    /// <summary>Records of the day that came before their turn are gone with it, and wanted again: their gate could never get past their numbers.</summary>
    private static async Task ForgetAheadAsync(NpgsqlConnection connection, DateOnly? day, CancellationToken cancellationToken)
    {
        var end = day!.Value.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        await connection.Sql("select from gate where id in (select gate_id from ahead where at < $1) order by id for no key update", end).RunAsync(cancellationToken); // as every batch of theirs does
        await connection.Sql(
            """
            with gone as (delete from ahead where at < $1 returning gate_id)
            update gate g set ahead = g.ahead - n.records from (select gate_id, count(*)::int as records from gone group by gate_id) n where g.id = n.gate_id
            """,
            end).RunAsync(cancellationToken);
    }

    private static DateOnly? DayIn(string name) => DateOnly.TryParseExact(name[(name.LastIndexOf('_') + 1)..], "yyyyMMdd", out var day) ? day : null;

    /// <summary>Another process may have dropped days that this one knows.</summary>
    public void Forget() => _known.Clear();

    public static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    private static string NameOf(string table, DateOnly day) => table + "_" + day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
