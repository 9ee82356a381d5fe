using EdgeGate.Access;
using EdgeGate.Center.Database;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using Npgsql;

namespace EdgeGate.Center.Tracing;

/// <summary>Answers who was near whom. Every question is on record, with who asked and why, before its answer is given.</summary>
internal sealed class Tracer(NpgsqlDataSource database, Audit audit)
{
    /// <summary>
    /// Everybody at one lane within a time of somebody's passages there. $1 whose, $2 since when for each of them, $3 until when, $4 within,
    /// $5 who is not asked about, $6 going together, $7 since when for any of them. The period stands there twice so that days outside it are left out before the search begins.
    /// "offset 0" holds the planner to one index search for each passage: it cannot know that each such search touches one day, and would rather read whole months.
    /// </summary>
    internal const string NearSql =
        """
        with whose as (select * from unnest($1, $2) as w(person, since)),
        own as materialized (
            select w.person, p.lane_id, p.at, p.gate_id, p.sequence, p.clock
            from whose w cross join lateral (
                select lane_id, at, gate_id, sequence, clock from passage where person = w.person and at >= w.since and at >= $7 and at < $3 offset 0) p)
        select near.person, own.person, count(distinct (own.gate_id, own.sequence)),
            min(greatest(near.at - own.at, own.at - near.at)),
            count(distinct (own.gate_id, own.sequence)) filter (where near.at between own.at - $6 and own.at + $6),
            min(near.at), max(near.at), min(near.masked_name), max(least(near.clock, own.clock))
        from own cross join lateral (
            select person, at, masked_name, clock from passage
            where lane_id = own.lane_id and at >= own.at - $4 and at <= own.at + $4 and at >= $7 - $4 and at <= $3 + $4 offset 0) near
        where near.person <> all($5)
        group by near.person, own.person
        """;

    /// <summary>
    /// The keys ($1), and those of the same person by passes that were given for an ID card, as far as they lead to anything within a time ($2 to $3): a person
    /// has one for each site, and was at few of them. "offset 0" as in <see cref="NearSql"/>.
    /// </summary>
    internal const string KnownSql =
        """
        with holder as (
            select person, place from unnest($1) with ordinality as k(person, place)
            union all select p.person, k.place from unnest($1) with ordinality as k(pass, place) join pass_person p on p.pass = k.pass),
        own as (
            select person, min(place) as place from (
                select person, place from holder union all select p.pass, h.place from holder h join pass_person p on p.person = h.person) keys
            group by person)
        select k.person from own k
        where exists (select from passage p where p.person = k.person and p.at >= $2 and p.at < $3 offset 0)
            or exists (select from resident r where r.person = k.person offset 0) or exists (select from announcement a where a.pass = k.person offset 0)
        order by k.place, k.person
        """;

    /// <summary>$1 keys, $2 since when each counts: the same with the pass of a card's holder, and the card of a pass's, each with the key it was found by.</summary>
    private const string CarriersSql =
        """
        with given as (select key, since from unnest($1, $2) as k(key, since)),
        holder as (select key as person, since, key from given union all select p.person, g.since, g.key from given g join pass_person p on p.pass = g.key)
        select person, since, key from holder union select p.pass, h.since, h.key from holder h join pass_person p on p.person = h.person
        """;

    /// <summary>Who lives near: $1 whose keys.</summary>
    internal const string NeighboursSql =
        """
        select other.person, other.masked_name, other.unit, me.unit
        from resident me join resident other on other.site = me.site and other.building = me.building and other.person <> all($1)
        where me.person = any($1) and me.building <> ''
        """;

    /// <summary>
    /// Who came to whom: $1 whose keys, $2 from, $3 until, $4 the outcome of who was let in. The announcements of the person as visitor and as host are found
    /// each by an index of its own: one condition over both tables would read all of both.
    /// </summary>
    internal const string VisitsSql =
        """
        with announced as (
            select site, unit, pass, true as is_guest from announcement where pass = any($1)
            union select a.site, a.unit, a.pass, false from resident me join announcement a on a.site = me.site and a.unit = me.unit where me.person = any($1)),
        visit as (
            select a.site, a.unit, a.pass, a.is_guest, min(p.masked_name) as guest_name, count(*) as times, min(p.at) as first, max(p.at) as last
            from announced a join passage p on p.person = a.pass where p.at >= $2 and p.at < $3 and p.outcome = $4 and p.taken group by 1, 2, 3, 4)
        select host.person, host.masked_name, v.unit, v.times, v.first, v.last
        from visit v join resident host on host.site = v.site and host.building = split_part(v.unit, '-', 1) and host.unit = v.unit where v.is_guest
        union all select pass, guest_name, unit, times, first, last from visit where not is_guest
        """;

    /// <summary>More names than these tell nobody more.</summary>
    private const int MostUnheard = 10;

    private sealed record Meeting(byte[] Person, byte[] Whose, int Times, TimeSpan Nearest, int TimesTogether, DateTimeOffset First, DateTimeOffset Last, string? MaskedName, ClockGrade Clock)
    {
        public static Meeting Both(Meeting one, Meeting other) => one with
        {
            Times = one.Times + other.Times,
            Nearest = one.Nearest < other.Nearest ? one.Nearest : other.Nearest,
            TimesTogether = one.TimesTogether + other.TimesTogether,
            First = one.First < other.First ? one.First : other.First,
            Last = one.Last > other.Last ? one.Last : other.Last,
            MaskedName = one.MaskedName ?? other.MaskedName,
            Clock = one.Clock > other.Clock ? one.Clock : other.Clock,
        };
    }

    /// <exception cref="NpgsqlException">The database is away: nothing was answered.</exception>
    public async Task<Trace> AskAsync(TraceQuestion question, Asker asker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        question = question with { Person = await KnownAsync(connection, question, cancellationToken) };
        var passages = await PassagesAsync(connection, question, cancellationToken);
        var contacts = await FirstDegreeAsync(connection, question, cancellationToken);
        if (question.Degrees > 1)
            contacts.AddRange(await SecondDegreeAsync(connection, question, contacts, cancellationToken));
        contacts.Sort(Closer);
        var unheard = await UnheardAsync(connection, question, [.. passages.Select(passage => passage.Site).Distinct()], cancellationToken);
        await audit.WriteAsync(connection, asker, "trace", new
        {
            person = question.Person.Select(key => System.Buffers.Text.Base64Url.EncodeToString(key)),
            from = question.From,
            to = question.To,
            withinSeconds = question.Within.TotalSeconds,
            degrees = question.Degrees,
        }, contacts.Count, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new Trace(question.Person, passages, contacts, unheard);
    }

    /// <summary>Degree, then the way of closeness, then how often, then how near; the key last, so that the order is always the same.</summary>
    internal static int Closer(Contact one, Contact other)
    {
        var order = (one.Degree, one.Closeness, -one.Times, one.Nearest ?? TimeSpan.MaxValue).CompareTo((other.Degree, other.Closeness, -other.Times, other.Nearest ?? TimeSpan.MaxValue));
        return order != 0 ? order : one.Person.AsSpan().SequenceCompareTo(other.Person);
    }

    /// <summary>Those of the keys that lead to anything; the first, so that there is one to tell of, when none does.</summary>
    private static async Task<IReadOnlyList<byte[]>> KnownAsync(NpgsqlConnection connection, TraceQuestion question, CancellationToken cancellationToken)
    {
        var known = await connection.Sql(KnownSql, Keys(question), question.From, question.To).ListAsync(row => row.GetFieldValue<byte[]>(0), cancellationToken);
        return known.Count > 0 ? known : [question.Person[0]];
    }

    /// <summary>Of the sites where the person passed or lives; where nobody knows any, of all.</summary>
    private static Task<List<string>> UnheardAsync(NpgsqlConnection connection, TraceQuestion question, string[] sites, CancellationToken cancellationToken) => connection.Sql(
        """
        with near as materialized (select unnest($1::text[]) as site union select site from resident where person = any($2))
        select site || '/' || name from gate where gap_since is not null and revoked_at is null and (site in (select site from near) or not exists (select from near)) order by 1 limit $3
        """,
        sites, Keys(question), MostUnheard).ListAsync(row => row.GetString(0), cancellationToken);

    private static Task<List<OwnPassage>> PassagesAsync(NpgsqlConnection connection, TraceQuestion question, CancellationToken cancellationToken) => connection.Sql(
        """
        select p.at, g.site, g.name, l.name, p.direction, p.outcome, p.taken, p.clock, a.unit
        from passage p join gate g on g.id = p.gate_id join lane l on l.id = p.lane_id left join announcement a on a.pass = p.person and a.site = g.site
        where p.person = any($1) and p.at >= $2 and p.at < $3 order by p.at, p.gate_id, p.sequence
        """,
        Keys(question), question.From, question.To)
        .ListAsync(
            row => new OwnPassage(
                row.GetFieldValue<DateTimeOffset>(0), row.GetString(1), row.GetString(2), row.GetString(3),
                (Direction)row.GetInt16(4), (Outcome)row.GetInt16(5), row.GetBoolean(6), (ClockGrade)row.GetInt16(7), row.Maybe<string>(8)),
            cancellationToken);

    private static async Task<List<Contact>> FirstDegreeAsync(NpgsqlConnection connection, TraceQuestion question, CancellationToken cancellationToken)
    {
        var near = await NearAsync(connection, question, Keys(question), [.. question.Person.Select(_ => question.From)], Keys(question), cancellationToken);
        // Somebody may have met the person both with the card and with the pass.
        var contacts = near.GroupBy(meeting => Convert.ToHexString(meeting.Person)).ToDictionary(meetings => meetings.Key, meetings => ContactOf(meetings.Aggregate(Meeting.Both)));
        foreach (var neighbour in (await NeighboursAsync(connection, question, cancellationToken)).Concat(await VisitsAsync(connection, question, cancellationToken)))
        {
            var key = Convert.ToHexString(neighbour.Person);
            contacts[key] = contacts.TryGetValue(key, out var met)
                ? met with
                {
                    Unit = neighbour.Unit,
                    MaskedName = neighbour.MaskedName ?? met.MaskedName,
                    Closeness = met.Closeness < neighbour.Closeness ? met.Closeness : neighbour.Closeness,
                    Times = Math.Max(met.Times, neighbour.Times),
                    First = met.First < neighbour.First ? met.First : neighbour.First ?? met.First,
                    Last = met.Last > neighbour.Last ? met.Last : neighbour.Last ?? met.Last,
                }
                : neighbour;
        }
        return [.. contacts.Values];
    }

    private static Contact ContactOf(Meeting meeting) => new(
        meeting.Person, meeting.MaskedName, null, Degree: 1, meeting.TimesTogether > 1 ? Closeness.Companion : Closeness.SameLane,
        meeting.Times, meeting.Nearest, meeting.First, meeting.Last, Through: null, meeting.Clock);

    private static async Task<List<Contact>> SecondDegreeAsync(
        NpgsqlConnection connection, TraceQuestion question, IReadOnlyList<Contact> first, CancellationToken cancellationToken)
    {
        // From the moment they were near the person; who shares a household, always. A whole building is no contact to go on from.
        var carriers = first.Where(contact => contact.Closeness <= Closeness.SameLane).ToArray();
        var keys = (await connection.Sql(
            CarriersSql, carriers.Select(contact => contact.Person).ToArray(), carriers.Select(contact => contact.Closeness is Closeness.Household ? question.From : contact.First!.Value).ToArray())
            .ListAsync(row => (Key: row.GetFieldValue<byte[]>(0), Since: row.GetFieldValue<DateTimeOffset>(1), Of: row.GetFieldValue<byte[]>(2)), cancellationToken))
            .GroupBy(one => Convert.ToHexString(one.Key)).ToDictionary(same => same.Key, same => same.MinBy(one => one.Since));
        byte[][] known = [.. Keys(question), .. first.Select(contact => contact.Person), .. keys.Values.Select(one => one.Key)];
        var near = await NearAsync(connection, question, [.. keys.Values.Select(one => one.Key)], [.. keys.Values.Select(one => one.Since)], known, cancellationToken);
        return [.. near.GroupBy(meeting => Convert.ToHexString(meeting.Person)).Select(meetings =>
        {
            var nearest = meetings.OrderByDescending(meeting => meeting.Times).ThenBy(meeting => meeting.Nearest).ThenBy(meeting => Convert.ToHexString(meeting.Whose), StringComparer.Ordinal).First();
            return new Contact(
                nearest.Person, nearest.MaskedName, null, Degree: 2, nearest.TimesTogether > 1 ? Closeness.Companion : Closeness.SameLane,
                nearest.Times, nearest.Nearest, nearest.First, nearest.Last, keys[Convert.ToHexString(nearest.Whose)].Of, nearest.Clock);
        })];
    }

    private static Task<List<Meeting>> NearAsync(
        NpgsqlConnection connection, TraceQuestion question, byte[][] whose, DateTimeOffset[] since, byte[][] except, CancellationToken cancellationToken) =>
        connection.Sql(NearSql, whose, since, question.To, question.Within, except, TraceQuestion.Together, question.From)
            .ListAsync(
                row => new Meeting(
                    row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1), (int)row.GetInt64(2), row.GetFieldValue<TimeSpan>(3), (int)row.GetInt64(4),
                    row.GetFieldValue<DateTimeOffset>(5), row.GetFieldValue<DateTimeOffset>(6), row.Maybe<string>(7), (ClockGrade)row.GetInt16(8)),
                cancellationToken);

    /// <summary>Who lives near, by the center's own list of residents.</summary>
    private static async Task<List<Contact>> NeighboursAsync(NpgsqlConnection connection, TraceQuestion question, CancellationToken cancellationToken)
    {
        var rows = await connection.Sql(
            NeighboursSql,
            (object)Keys(question))
            .ListAsync(row => (Person: row.GetFieldValue<byte[]>(0), Name: row.GetString(1), Unit: row.GetString(2), Mine: row.GetString(3)), cancellationToken);
        return [.. rows.Select(row => new Contact(
            row.Person, row.Name, row.Unit, Degree: 1,
            row.Unit == row.Mine ? Closeness.Household : UnitName.StairwellOf(row.Unit) == UnitName.StairwellOf(row.Mine) ? Closeness.Stairwell : Closeness.Building,
            Times: 0, Nearest: null, First: null, Last: null, Through: null))];
    }

    /// <summary>Whom the person visited, and who visited the person's household: by passes that households announced and that let somebody in or out within the period.</summary>
    private static Task<List<Contact>> VisitsAsync(NpgsqlConnection connection, TraceQuestion question, CancellationToken cancellationToken) => connection.Sql(
        VisitsSql,
        Keys(question), question.From, question.To, (short)Outcome.Granted)
        .ListAsync(
            row => new Contact(
                row.GetFieldValue<byte[]>(0), row.Maybe<string>(1), row.GetString(2), Degree: 1, Closeness.Visit, (int)row.GetInt64(3), Nearest: null,
                row.GetFieldValue<DateTimeOffset>(4), row.GetFieldValue<DateTimeOffset>(5), Through: null),
            cancellationToken);

    private static byte[][] Keys(TraceQuestion question) => [.. question.Person];
}
