using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Database;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using EdgeGate.Messages.Registers;
using Npgsql;

namespace EdgeGate.Center.Households;

/// <summary>Somebody of the household, or with a pass of it, passed.</summary>
internal sealed record HouseholdPassage(DateTimeOffset At, string Gate, Direction Direction, Outcome Outcome, string MaskedName);

internal enum ExpectedKind : short
{
    Visitor = 1,
    Delivery = 2,
}

/// <param name="PassText">What the visitor's code says; null when it cannot be opened any more.</param>
/// <param name="What">Of a delivery: a word of <see cref="Announcements.DeliveryKinds"/>.</param>
/// <param name="State">Of a delivery: what guards noted last; null while they noted nothing.</param>
/// <param name="IsOver">Its time is past: shown a while for what became of it.</param>
internal sealed record Expected(
    long Id, ExpectedKind Kind, string Name, DateTimeOffset From, DateTimeOffset Until, string? PassText, string? What = null, string? State = null, bool IsOver = false);

/// <summary>What the residents' page shows.</summary>
/// <param name="DisinfectedAt">When the building was disinfected last, as guards noted; null when nobody did.</param>
/// <param name="Pins">When a PIN for this page was given, and by which account: who lives here knows whether it was for them.</param>
internal sealed record HouseholdSight(
    IReadOnlyList<HouseholdPassage> Passages, DateTimeOffset? DisinfectedAt, IReadOnlyList<string> Notices, IReadOnlyList<(int? Slot, string State, DateTimeOffset At)> Deliveries,
    IReadOnlyList<Expected> Expected, IReadOnlyList<(DateTimeOffset At, string By)> Pins);

/// <summary>The residents' page: what a household may know and do. Site and unit come from the session, so no request can name another's.</summary>
internal sealed class HouseholdView(NpgsqlDataSource database, PassDesk passes, DataKey key, TimeProvider time)
{
    public const int MostExpected = 5, Days = 7;

    /// <summary>Those called off counted: each is a pass on the lists of every gate.</summary>
    public const int MostADay = 20;
    /// <summary>Of all households of a site together: what gates keep in memory and guards can look through.</summary>
    public const int MostExpectedAtSite = 5_000;
    public static TimeSpan LongestVisit { get; } = TimeSpan.FromHours(24);
    public static TimeSpan FurthestAhead { get; } = TimeSpan.FromDays(7);

    private const int MostPassages = 200, VisitorUses = 2;

    /// <summary>A delivery that came may be collected after its time.</summary>
    private static readonly TimeSpan DeliveryShownFor = TimeSpan.FromDays(2);

    private sealed record SealedPass(string Name, string Text, DateTimeOffset From, string? What = null);

    public async Task<HouseholdSight> ReadAsync(Household household, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var passages = await connection.Sql(
            """
            select p.at, g.name, p.direction, p.outcome, coalesce(p.masked_name, e.masked_name)
            from register_entry e join passage p on p.person = e.person join gate g on g.id = p.gate_id and g.site = e.site
            where e.site = $1 and e.register in ('residents', 'passes') and e.unit = $2 and p.at >= $3 and p.at < $4
                and not exists (select from register_entry r where r.site = e.site and r.register = 'revoked-passes' and r.person = e.person)
            order by p.at desc limit $5
            """,
            household.Site, household.Unit, now.AddDays(-Days), now.AddDays(1), MostPassages)
            .ListAsync(row => new HouseholdPassage(row.GetFieldValue<DateTimeOffset>(0), row.GetString(1), (Direction)row.GetInt16(2), (Outcome)row.GetInt16(3), row.GetString(4)), cancellationToken);
        var disinfected = await connection.Sql("select max(at) from round where site = $1 and building = $2 and task = 'disinfection'", household.Site, household.Building)
            .ListAsync(row => row.MaybeTime(0), cancellationToken);
        var notices = await connection.Sql("select text from notice where site = $1 and building in ('', $2) and at <= $3 and until > $3 order by at desc limit 20", household.Site, household.Building, now)
            .ListAsync(row => row.GetString(0), cancellationToken);
        var deliveries = await connection.Sql("select slot, state, at from delivery where site = $1 and building = $2 and at >= $3 order by at desc limit 20", household.Site, household.Building, now.AddDays(-2))
            .ListAsync(row => (row.IsDBNull(0) ? (int?)null : row.GetInt32(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2)), cancellationToken);
        var expected = await ExpectedAsync(connection, household, now, cancellationToken);
        var pins = await connection.Sql("select made_at, made_by from household_pin where site = $1 and unit = $2 and until > $3 order by made_at desc", household.Site, household.Unit, now)
            .ListAsync(row => (row.GetFieldValue<DateTimeOffset>(0), row.GetString(1)), cancellationToken);
        return new HouseholdSight(passages, disinfected[0], notices, deliveries, expected, pins);
    }

    /// <summary>Somebody is expected: a signed pass for two passages, as in and out, which gates and guards learn of with the list of passes.</summary>
    /// <param name="what">Of a delivery: one of <see cref="Announcements.DeliveryKinds"/>; null otherwise.</param>
    /// <returns>Null when as many as may be are expected already.</returns>
    public async Task<Expected?> ExpectAsync(
        Household household, ExpectedKind kind, string name, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken, string? what = null)
    {
        var now = time.GetUtcNow();
        (from, until) = (from < now ? now : from, until > from + LongestVisit ? from + LongestVisit : until);
        if (from > now + FurthestAhead || until <= from)
            return null;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.Sql("select from household_pin where site = $1 and unit = $2 order by pass for update", household.Site, household.Unit).RunAsync(cancellationToken);
        var (current, today) = (await connection.Sql(
            "select count(*) filter (where expires_at > $3 and noted_at is null), count(*) filter (where at > $4) from announcement where site = $1 and unit = $2", household.Site, household.Unit, now, now.AddDays(-1))
            .ListAsync(row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken))[0];
        var atSite = await connection.Sql("select count(*) from announcement where site = $1 and expires_at > $2", household.Site, now).ScalarAsync<long>(cancellationToken);
        if (current >= MostExpected || today >= MostADay || atSite >= MostExpectedAtSite)
            return null;
        var pass = await passes.IssueAsync(
            connection, new PassTerms(household.Site, household.Unit, name, kind is ExpectedKind.Visitor ? Announcements.Visitor : Announcements.Delivery, from, until, VisitorUses, what), AskerOf(household), cancellationToken);
        var id = await connection.Sql(
            "insert into announcement (site, unit, kind, pass, sealed, at, expires_at, delivery, made_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id",
            household.Site, household.Unit, (short)kind, RegisterBook.Bytes(pass.Key), key.Seal(PlaceOf(household), new SealedPass(name, pass.Text, from, what)), now, until.ToUniversalTime(),
            kind is ExpectedKind.Delivery ? passes.AnnouncementOf(household.Site, pass.Key).ToString() : null, RegisterBook.Bytes(household.Pass))
            .ScalarAsync<long>(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new Expected(id, kind, name, from, until, pass.Text, what);
    }

    /// <summary>Nobody is expected any more: the pass is called back.</summary>
    /// <returns>False when this household expects nobody by that number.</returns>
    public async Task<bool> CancelAsync(Household household, long id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // The row stays, without who it was, and counts for the day.
        if (await connection.Sql(
            "update announcement set expires_at = $4, sealed = '' where id = $1 and site = $2 and unit = $3 and expires_at > $4 returning pass", id, household.Site, household.Unit, time.GetUtcNow())
            .ScalarAsync<byte[]>(cancellationToken) is not { } pass)
            return false;
        await passes.RevokeAsync(connection, household.Site, new(pass), AskerOf(household), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<IReadOnlyList<Expected>> ExpectedAsync(NpgsqlConnection connection, Household household, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var announced = await connection.Sql(
            "select id, kind, sealed, expires_at, pass from announcement where site = $1 and unit = $2 and expires_at > $3 and sealed <> '' order by expires_at, id",
            household.Site, household.Unit, now - DeliveryShownFor)
            .ListAsync(
                row => (Expected: key.Open<SealedPass>(PlaceOf(household), row.GetFieldValue<byte[]>(2)) is var pass
                    ? new Expected(
                        row.GetInt64(0), (ExpectedKind)row.GetInt16(1), pass?.Name ?? "", pass?.From ?? default, row.GetFieldValue<DateTimeOffset>(3), pass?.Text, pass?.What,
                        IsOver: row.GetFieldValue<DateTimeOffset>(3) <= now)
                    : default!, Delivery: passes.AnnouncementOf(household.Site, new PersonKey(row.GetFieldValue<byte[]>(4))).ToString()),
                cancellationToken);
        var states = (await connection.Sql("select delivery, state from delivery where site = $1 and delivery = any($2) order by at desc", household.Site, announced.Select(item => item.Delivery).ToArray())
            .ListAsync(row => KeyValuePair.Create(row.GetString(0), row.GetString(1)), cancellationToken)).DistinctBy(state => state.Key).ToDictionary();
        return [.. announced.Select(item => item.Expected with { State = states.GetValueOrDefault(item.Delivery) }).Where(expected => !expected.IsOver || expected.State is not null)];
    }

    /// <summary>The unit stands in the audit only: the name goes out with the list's new version.</summary>
    private static Asker AskerOf(Household household) => Asker.Of("household", $"residents' page of {household.Unit}", out _)!;

    private static string PlaceOf(Household household) => $"announcement/{household.Site}/{household.Unit}";
}
