using System.Collections.Concurrent;
using EdgeGate.Center.Database;
using Npgsql;

namespace EdgeGate.Center.Fleet;

/// <summary>One gate as the center knows it.</summary>
/// <param name="Online">Null while it never said.</param>
/// <param name="Made">The highest number known to have been given.</param>
/// <param name="Here">Of those how many are here.</param>
/// <param name="Void">Numbers that the gate declared will never come.</param>
/// <param name="Backlog">What is missing and since when; null when nothing is.</param>
/// <param name="Clock">The grade in its newest tally: synchronised, holdover, unset.</param>
/// <param name="Dropped">Records deleted undelivered, by its newest tally.</param>
/// <param name="Troubles">Devices that are not connected.</param>
internal sealed record GateView(
    int Id, GateName Name, bool? Online, DateTimeOffset? OnlineAt, string? Version, long Made, long Here, long Void, Backlog? Backlog, string? Clock, DateTimeOffset? TallyAt,
    long Dropped, string? Fault, int Devices, int Troubles, int OpenAlarms, (int X, int Y)? Place)
{
    /// <summary>Must come to zero.</summary>
    public long Missing => Made - Here - Void;

    public bool IsRetired => Name.Gate.Contains('~');
}

/// <param name="Since">When the last record before the first missing one happened, or an earlier one: what is missing is no older. Null when nothing of the gate is here.</param>
/// <param name="DrainsIn">At the pace between the two newest tallies; null when it grows, or nobody can tell.</param>
internal sealed record Backlog(DateTimeOffset? Since, TimeSpan? DrainsIn);

internal sealed record DeviceView(string Device, string State, string? Cause, DateTimeOffset Since)
{
    public bool IsWell => State == "connected";
}

/// <param name="AcknowledgedBy">Null while it is open.</param>
internal sealed record AlarmView(GateName Gate, long Sequence, DateTimeOffset At, string Word, string? Lane, string? AcknowledgedBy, DateTimeOffset? AcknowledgedAt, string? Note);

/// <param name="Outcome">taken, refused, failed; null while there is no answer.</param>
/// <param name="Confirmed">Of settings on trial, when it has ended.</param>
internal sealed record CommandView(
    string Id, GateName Gate, string AskedBy, DateTimeOffset AskedAt, DateTimeOffset Expires, string Kind, string Words, string? Outcome, string? Answer, bool? Confirmed, string? TrialCause);

/// <summary>Messages that could not be taken as they were, for one reason.</summary>
/// <param name="Last">When the newest of them came.</param>
/// <param name="OfAll">For whatever reason.</param>
internal sealed record AsideCount(string Reason, long Messages, int Gates, DateTimeOffset Last, long OfAll);

/// <summary>Reads what the fleet page shows. Gates, and not their records: a few rows for each.</summary>
internal sealed class FleetBoard(NpgsqlDataSource database, TimeProvider time)
{
    private const int MostRows = 200, MostOpenOfOne = 20, MostReasons = 20;

    /// <summary>Gaps whose beginning is looked up for one page: each is searched for in every day. The next page looks up the next.</summary>
    private const int MostLookUps = 100;

    // Of each gate by itself: a page of one gate must not read what there is of all.
    private const string GatesSql =
        """
        select g.id, g.site, g.name, r.online, r.online_at, r.version, g.highest, g.up_to + g.ahead, coalesce(v.count, 0)::bigint, r.tally->'clock'->>'grade', r.tally_at,
            coalesce((r.tally->>'dropped')::bigint, 0), g.fault, d.devices::int, d.troubles::int, a.count::int, p.x, p.y,
            greatest((r.tally->>'made')::bigint - r.tally_up_to, 0), r.missing_before, r.tally_before_at, g.up_to
        from gate g left join gate_report r on r.gate_id = g.id left join gate_place p on p.gate_id = g.id
        cross join lateral (select sum(last - first + 1) as count from missing where gate_id = g.id) v
        cross join lateral (select count(*) as devices, count(*) filter (where state <> 'connected') as troubles from gate_device where gate_id = g.id) d
        cross join lateral (select count(*) as count from alarm where gate_id = g.id and acknowledged_at is null) a
        """;

    /// <summary>$1 its site, $2 its name.</summary>
    internal const string GateSql = GatesSql + " where g.site = $1 and g.name = $2";

    internal const string AsideSql =
        """
        select reason, sum(messages)::bigint, count(distinct (site, gate))::int, max(last_at), (sum(sum(messages)) over ())::bigint from set_aside_count where $2::text[] is null or site = any($2)
        group by reason order by 2 desc, 1 limit $1
        """;

    /// <summary>Gate by gate when its record before its first missing one happened, null when there is none. A clock put right may move it while the gap is there: the gate's next movement shows it.</summary>
    private readonly ConcurrentDictionary<int, (long UpTo, DateTimeOffset? At)> _lastBeforeGap = new();

    /// <summary>Retired ones last.</summary>
    public Task<IReadOnlyList<GateView>> GatesAsync(CancellationToken cancellationToken) => ReadAsync(GatesSql + " order by g.name like '%~%', g.site, g.name", cancellationToken);

    /// <summary>Those of one site; retired ones last.</summary>
    public Task<IReadOnlyList<GateView>> GatesAsync(string site, CancellationToken cancellationToken) =>
        ReadAsync(GatesSql + " where g.site = $1 order by g.name like '%~%', g.name", cancellationToken, site);

    /// <summary>Null when there is no such gate.</summary>
    public async Task<GateView?> FindAsync(GateName gate, CancellationToken cancellationToken) => await ReadAsync(GateSql, cancellationToken, gate.Site, gate.Gate) is [var found] ? found : null;

    private async Task<IReadOnlyList<GateView>> ReadAsync(string sql, CancellationToken cancellationToken, params object?[] arguments)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var gates = await connection.Sql(sql, arguments).ListAsync(row => (View: Of(row), UpTo: row.GetInt64(21)), cancellationToken);
        var unknown = gates.Where(gate => gate.View.Backlog is not null && (!_lastBeforeGap.TryGetValue(gate.View.Id, out var last) || last.UpTo != gate.UpTo)).Take(MostLookUps).ToArray();
        if (unknown.Length > 0)
        {
            var found = (await connection.Sql(
                "select g.id, r.at from unnest($1, $2) as g(id, up_to) cross join lateral (select at from record where gate_id = g.id and sequence = g.up_to offset 0) r",
                unknown.Select(gate => gate.View.Id).ToArray(), unknown.Select(gate => gate.UpTo).ToArray())
                .ListAsync(row => (Gate: row.GetInt32(0), At: row.GetFieldValue<DateTimeOffset>(1)), cancellationToken)).ToDictionary(last => last.Gate, last => last.At);
            foreach (var (gate, upTo) in unknown)
                _lastBeforeGap[gate.Id] = (upTo, found.TryGetValue(gate.Id, out var at) ? at : null);
        }
        // Of a gate whose turn to be looked up did not come yet an earlier record may be known: what is missing is no older than that one either.
        return [.. gates.Select(gate => gate.View.Backlog is { } backlog && _lastBeforeGap.TryGetValue(gate.View.Id, out var last) ? gate.View with { Backlog = backlog with { Since = last.At } } : gate.View)];
    }

    /// <summary>What lies aside, by reason, the most frequent first; no more than some reasons, since gates can make them up.</summary>
    public async Task<IReadOnlyList<AsideCount>> AsideAsync(CancellationToken cancellationToken, IReadOnlyList<string>? sites = null)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(AsideSql, MostReasons, sites?.ToArray())
            .ListAsync(row => new AsideCount(row.GetString(0), row.GetInt64(1), row.GetInt32(2), row.GetFieldValue<DateTimeOffset>(3), row.GetInt64(4)), cancellationToken);
    }

    public async Task<IReadOnlyList<DeviceView>> DevicesAsync(int gate, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql("select device, state, cause, since from gate_device where gate_id = $1 order by device", gate)
            .ListAsync(row => new DeviceView(row.GetString(0), row.GetString(1), row.Maybe<string>(2), row.GetFieldValue<DateTimeOffset>(3)), cancellationToken);
    }

    public async Task<IReadOnlyList<string>> LanesAsync(int gate, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql("select name from lane where gate_id = $1 order by name", gate).ListAsync(row => row.GetString(0), cancellationToken);
    }

    /// <summary>The newest first: open ones, or all of one gate.</summary>
    /// <param name="gate">Null for the open ones of all gates, of each no more than some: one that cries without end must not hide the others.</param>
    /// <param name="sites">Of these only; null for all.</param>
    public async Task<IReadOnlyList<AlarmView>> AlarmsAsync(int? gate, CancellationToken cancellationToken, IReadOnlyList<string>? sites = null)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        const string Columns = "select g.site, g.name, a.sequence, a.at, a.word, a.lane, a.acknowledged_by, a.acknowledged_at, a.note from ";
        const string Newest = " order by a.at desc, a.gate_id, a.sequence desc limit $1";
        var query = gate is { } one
            ? connection.Sql(Columns + "alarm a join gate g on g.id = a.gate_id where a.gate_id = $2" + Newest, MostRows, one)
            : connection.Sql(Columns + "gate g cross join lateral (select * from alarm where gate_id = g.id and acknowledged_at is null order by at desc, sequence desc limit $2) a where ($3::text[] is null or g.site = any($3))" + Newest, MostRows, MostOpenOfOne, sites?.ToArray());
        return await query
            .ListAsync(
                row => new AlarmView(
                    new(row.GetString(0), row.GetString(1)), row.GetInt64(2), row.GetFieldValue<DateTimeOffset>(3), row.GetString(4), row.Maybe<string>(5), row.Maybe<string>(6), row.MaybeTime(7), row.Maybe<string>(8)),
                cancellationToken);
    }

    /// <summary>Of several people the first has acknowledged it.</summary>
    /// <returns>False when there is no such open alarm.</returns>
    public async Task<bool> AcknowledgeAsync(GateName gate, long sequence, string account, string? note, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(
            """
            update alarm a set acknowledged_at = $5, acknowledged_by = $4, note = $6
            from gate g where g.id = a.gate_id and g.site = $1 and g.name = $2 and a.sequence = $3 and a.acknowledged_at is null
            """,
            gate.Site, gate.Gate, sequence, account, time.GetUtcNow(), note).RunAsync(cancellationToken) > 0;
    }

    /// <summary>The newest first.</summary>
    /// <param name="gate">Null for those to all gates.</param>
    public async Task<IReadOnlyList<CommandView>> CommandsAsync(int? gate, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(
            """
            select c.id, g.site, g.name, c.asked_by, c.asked_at, c.expires_at, c.kind, c.words, c.outcome, c.answer, c.confirmed, c.trial_cause from gate_command c join gate g on g.id = c.gate_id
            where $1::int is null or c.gate_id = $1 order by c.asked_at desc, c.id limit $2
            """,
            gate, MostRows)
            .ListAsync(
                row => new CommandView(
                    row.GetString(0), new(row.GetString(1), row.GetString(2)), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4), row.GetFieldValue<DateTimeOffset>(5), row.GetString(6), row.GetString(7),
                    row.Maybe<string>(8), row.Maybe<string>(9), row.IsDBNull(10) ? null : row.GetBoolean(10), row.Maybe<string>(11)),
                cancellationToken);
    }

    /// <summary>How long a backlog still takes at the pace of the two newest tallies; null when it does not become less.</summary>
    internal static TimeSpan? DrainsIn(long missing, long missingThen, DateTimeOffset? then, long missingBefore, DateTimeOffset? before)
    {
        if (then - before is not { Ticks: > 0 } apart || missingThen >= missingBefore)
            return null;
        var perSecond = (missingBefore - missingThen) / apart.TotalSeconds;
        return TimeSpan.FromSeconds(Math.Min(missing / perSecond, TimeSpan.FromDays(365).TotalSeconds));
    }

    private static GateView Of(NpgsqlDataReader row)
    {
        var (made, here, @void) = (row.GetInt64(6), row.GetInt64(7), row.GetInt64(8));
        // Void numbers below up_to are counted there as if they were here.
        here -= @void;
        var missing = made - here - @void;
        var tallyAt = row.MaybeTime(10);
        return new GateView(
            row.GetInt32(0), new(row.GetString(1), row.GetString(2)), row.IsDBNull(3) ? null : row.GetBoolean(3), row.MaybeTime(4), row.Maybe<string>(5), made, here, @void,
            missing > 0 ? new Backlog(Since: null, DrainsIn(missing, row.IsDBNull(18) ? 0 : row.GetInt64(18), tallyAt, row.IsDBNull(19) ? 0 : row.GetInt64(19), row.MaybeTime(20))) : null,
            row.Maybe<string>(9), tallyAt, row.GetInt64(11), row.Maybe<string>(12), row.GetInt32(13), row.GetInt32(14), row.GetInt32(15),
            row.IsDBNull(16) ? null : (row.GetInt32(16), row.GetInt32(17)));
    }
}
