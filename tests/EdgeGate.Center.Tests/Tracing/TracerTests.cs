using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access;
using EdgeGate.Center.Database;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Tracing;
using EdgeGate.Testing;
using FsCheck;
using FsCheck.Fluent;
using Npgsql;

namespace EdgeGate.Center.Tests.Tracing;

/// <summary>Traces on a real PostgreSQL, against an oracle that compares everybody with everybody.</summary>
[Collection(nameof(CenterDatabase))]
public sealed class TracerTests(CenterDatabase server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 22, 0, 0, TimeSpan.Zero); // two hours before a new day's table
    private static readonly Asker Officer = Asker.Of("officer-1", "case 17", out _)!;
    private NpgsqlDataSource _database = null!;
    private Tracer _tracer = null!;

    internal sealed record Seen(int Person, int Lane, int AtSeconds);

    internal sealed record Town(IReadOnlyList<Seen> Passages, IReadOnlyList<(int Person, string Unit)> Residents, int WithinSeconds, int FromSeconds, int ToSeconds);

    public async Task InitializeAsync()
    {
        _database = await server.NewAsync();
        _tracer = new Tracer(_database, new Audit(new ManualTime(Start)));
        await new Partitions(_database, new ManualTime(Start)).MakeAheadAsync(CancellationToken.None);
        await using var connection = await _database.OpenConnectionAsync();
        await connection.Sql("insert into gate (site, name, added_at) values ('estate', 'north', now()), ('estate', 'south', now())").RunAsync(CancellationToken.None);
        await connection.Sql("insert into lane (gate_id, name) values (1, 'lane-1'), (1, 'lane-2'), (2, 'lane-1'), (2, 'lane-2')").RunAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_trace_finds_exactly_whom_comparing_everybody_with_everybody_finds_in_the_same_order()
    {
        var towns = Gen.Sample(Towns(), 40, size: 60);
        foreach (var town in towns)
        {
            await FillAsync(town);
            var question = new TraceQuestion([Key(0)], Start.AddSeconds(town.FromSeconds), Start.AddSeconds(town.ToSeconds), TimeSpan.FromSeconds(town.WithinSeconds), Degrees: 2);

            var trace = await _tracer.AskAsync(question, Officer, CancellationToken.None);

            var expected = Oracle.Contacts(town);
            Assert.Equal(expected, trace.Contacts.Select(Line));
            Assert.Equal(town.Passages.Count(seen => seen.Person == 0 && seen.AtSeconds >= town.FromSeconds && seen.AtSeconds < town.ToSeconds), trace.Passages.Count);
        }
    }

    [SkippableFact]
    public async Task Who_is_closer_comes_first_and_the_reason_says_why()
    {
        await FillAsync(new Town(
            [
                new(0, 1, 0), new(0, 1, 4000), new(0, 2, 6000),
                new(1, 1, 10), new(1, 1, 4020), // goes with 0 each time
                new(2, 1, 200), // stood near once
                new(3, 3, 0), // another lane
                new(4, 1, 340), // near 2, not near 0
            ],
            [(0, "3-1-502"), (5, "3-1-502"), (6, "3-1-101"), (7, "3-2-101"), (8, "4-1-502"), (2, "3-9-9")], WithinSeconds: 300, 0, 10_000));

        var trace = await _tracer.AskAsync(new TraceQuestion([Key(0)], Start, Start.AddHours(3), TimeSpan.FromMinutes(5), 2), Officer, CancellationToken.None);

        Assert.Equal(
            ["5 same household", "1 went together 2 times, nearest 10 s", "2 at the same lane once, nearest 3 min", "6 same stairwell", "7 same building", "4 near a contact once, nearest 2 min"],
            trace.Contacts.Select(contact => $"{PersonOf(contact.Person)} {contact.Reason}"));
        Assert.Equal(2, PersonOf(trace.Contacts[^1].Through!));
        Assert.Equal("3-9-9", trace.Contacts[2].Unit);
    }

    [SkippableFact]
    public async Task A_trace_says_which_gates_have_more_to_tell_and_what_the_clocks_were_worth()
    {
        await FillAsync(new Town([new(0, 1, 0), new(1, 1, 10), new(2, 1, 20)], [], WithinSeconds: 60, 0, 10_000));
        await using (var connection = await _database.OpenConnectionAsync())
        {
            await connection.Sql("update passage set clock = 0 where person = $1", Key(1)).RunAsync(CancellationToken.None);
            Assert.Empty((await AskAsync(0)).Unheard);
            await connection.Sql("update gate set gap_since = now()").RunAsync(CancellationToken.None);
            await connection.Sql("insert into gate (site, name, added_at, gap_since) values ('elsewhere', 'north', now(), now())").RunAsync(CancellationToken.None);
        }

        var trace = await AskAsync(0);

        Assert.All(trace.Unheard, gate => Assert.StartsWith("estate/", gate, StringComparison.Ordinal));
        Assert.NotEmpty(trace.Unheard);
        Assert.Equal([("1", ClockGrade.Unset), ("2", ClockGrade.Synchronised)], trace.Contacts.Where(contact => contact.Degree == 1).Select(contact => ($"{PersonOf(contact.Person)}", contact.Clock!.Value)).Order());
        Assert.Contains("elsewhere/north", (await AskAsync(77)).Unheard); // whom nobody has seen yet
    }

    [SkippableFact]
    public async Task A_visitor_is_near_the_household_that_announced_the_visit_and_to_nobody_when_nobody_came()
    {
        await FillAsync(new Town(
            [new(9, 1, 0), new(9, 1, 1800), new(10, 2, 40_000)], // 10 came after the period, 11 never
            [(1, "3-1-502"), (2, "3-1-502"), (3, "3-1-503")], WithinSeconds: 60, 0, 10_000));
        await AnnounceAsync((9, "3-1-502"), (10, "3-1-502"), (11, "3-1-502"));

        var (visitor, host) = (await AskAsync(9), await AskAsync(1));

        Assert.Equal(["1 visit to 3-1-502 × 2", "2 visit to 3-1-502 × 2"], visitor.Contacts.Select(contact => $"{PersonOf(contact.Person)} {contact.Reason} × {contact.Times}").Order(StringComparer.Ordinal));
        Assert.Equal(["3-1-502", "3-1-502"], visitor.Passages.Select(passage => passage.Visits));
        Assert.Equal(["2 same household", "9 visit to 3-1-502", "3 same stairwell"], host.Contacts.Select(contact => $"{PersonOf(contact.Person)} {contact.Reason}"));
    }

    [SkippableFact]
    public async Task Who_lives_there_and_comes_by_pass_is_the_household()
    {
        await FillAsync(new Town([new(1, 1, 0), new(2, 2, 0)], [(0, "3-1-502")], WithinSeconds: 60, 0, 10_000));
        await PassesAsync((1, "3-1-502", "resident"), (2, "3-1-503", "resident"), (3, "3-1-502", "visitor"), (4, "3-2-101", "delivery"));
        await AnnounceAsync((5, "3-1-502"));

        var (resident, holder) = (await AskAsync(0), await AskAsync(1));

        Assert.Equal(["1 same household", "2 same stairwell"], resident.Contacts.Select(contact => $"{PersonOf(contact.Person)} {contact.Reason}"));
        Assert.Equal(["0 same household", "2 same stairwell"], holder.Contacts.Select(contact => $"{PersonOf(contact.Person)} {contact.Reason}"));
        Assert.Equal(["3-1-502", "3-1-503"], resident.Contacts.Select(contact => contact.Unit));
    }

    [SkippableFact]
    public async Task A_pass_that_was_given_for_an_id_card_and_the_card_are_one_person()
    {
        await FillAsync(new Town([new(0, 1, 0), new(5, 1, 10), new(1, 2, 600), new(5, 2, 620)], [(0, "3-1-502"), (6, "3-1-502")], WithinSeconds: 60, 0, 10_000));
        await PassesAsync((1, "3-1-502", "resident"), (2, "3-1-502", "resident"));
        await using (var connection = await _database.OpenConnectionAsync())
            await connection.Sql("insert into pass_person (site, pass, person) values ('estate', $1, $2)", Key(1), Key(0)).RunAsync(CancellationToken.None);

        foreach (var trace in (Trace[])[await AskAsync(0), await AskAsync(1)])
        {
            Assert.Equal([1, 2], trace.Passages.Select(passage => passage.Lane == "lane-1" ? 1 : 2));
            Assert.Equal(["2 same household", "5 went together 2 times, nearest 10 s", "6 same household"], trace.Contacts.Select(contact => $"{PersonOf(contact.Person)} {contact.Reason}").Order(StringComparer.Ordinal));
        }
    }

    [SkippableFact]
    public async Task Who_was_met_by_pass_and_went_on_by_card_is_followed()
    {
        await FillAsync(new Town([new(0, 1, 0), new(1, 1, 10), new(2, 2, 600), new(6, 2, 620)], [], WithinSeconds: 60, 0, 10_000));
        await PassesAsync((1, "3-1-502", "resident"));
        await using (var connection = await _database.OpenConnectionAsync())
            await connection.Sql("insert into pass_person (site, pass, person) values ('estate', $1, $2)", Key(1), Key(2)).RunAsync(CancellationToken.None);

        var trace = await AskAsync(0);

        Assert.Equal(["1 1 of -", "6 2 of 1"], trace.Contacts.Select(contact => $"{PersonOf(contact.Person)} {contact.Degree} of {(contact.Through is { } via ? $"{PersonOf(via)}" : "-")}"));
    }

    [SkippableFact]
    public async Task A_pass_that_was_called_back_makes_nobody_a_resident()
    {
        await FillAsync(new Town([new(0, 1, 0)], [(0, "3-1-502")], WithinSeconds: 60, 0, 10_000));
        await PassesAsync((1, "3-1-502", "resident"), (2, "3-1-502", "resident"));
        await using (var connection = await _database.OpenConnectionAsync())
        {
            await connection.Sql("insert into register (site, name, version, issued_at, persons) values ('estate', 'revoked-passes', 1, now(), 1)").RunAsync(CancellationToken.None);
            await connection.Sql("insert into register_entry (site, register, person, masked_name, unit, terms) values ('estate', 'revoked-passes', $1, '', '', '')", Key(2)).RunAsync(CancellationToken.None);
        }
        Assert.Equal("1 same household", Assert.Single((await AskAsync(0)).Contacts.Select(contact => $"{PersonOf(contact.Person)} {contact.Reason}")));
    }

    [SkippableFact]
    public async Task Whom_a_household_announced_is_near_those_who_come_by_pass_too()
    {
        await FillAsync(new Town([new(9, 1, 0)], [], WithinSeconds: 60, 0, 10_000));
        await PassesAsync((1, "3-1-502", "resident"));
        await AnnounceAsync((9, "3-1-502"));

        Assert.Equal("1 visit to 3-1-502", Assert.Single((await AskAsync(9)).Contacts.Select(contact => $"{PersonOf(contact.Person)} {contact.Reason}")));
        Assert.Equal("9 visit to 3-1-502", Assert.Single((await AskAsync(1)).Contacts.Select(contact => $"{PersonOf(contact.Person)} {contact.Reason}")));
    }

    [SkippableFact]
    public async Task Among_many_residents_and_announcements_a_trace_reads_those_of_the_person_only()
    {
        await using (var connection = await _database.OpenConnectionAsync())
        {
            await connection.Sql("insert into register (site, name, version, issued_at, persons) values ('estate', 'residents', 1, now(), 0), ('estate', 'passes', 1, now(), 0)").RunAsync(CancellationToken.None);
            await connection.Sql(
                """
                insert into register_entry (site, register, person, masked_name, unit, terms)
                select 'estate', case when n % 5 = 0 then 'passes' else 'residents' end, sha256(int4send(n)), '测**', n / 40 || '-' || n / 10 % 4 || '-' || n / 3, 'resident;;;;' from generate_series(1, 100000) n
                """).RunAsync(CancellationToken.None);
            await connection.Sql(
                """
                insert into announcement (site, unit, kind, pass, sealed, at, expires_at)
                select 'estate', n / 40 || '-' || n / 10 % 4 || '-' || n / 3, 1, sha256(int4send(-n)), '', $1, $1 from generate_series(1, 100000) n
                """, Start).RunAsync(CancellationToken.None);
            await connection.Sql(
                """
                insert into passage (at, sequence, gate_id, lane_id, direction, outcome, clock, taken, person, masked_name)
                select $1::timestamptz + n % 3600 * interval '1 s', n, 1, 1, 0, 0, 2, true, sha256(int4send(n)), '测**' from generate_series(-100000, 100000) n
                """, Start).RunAsync(CancellationToken.None);
            await connection.Sql("analyze register_entry, announcement, passage").RunAsync(CancellationToken.None);
        }

        var whose = new[] { Key(0) };
        foreach (var plan in (string[])[await QueryPlan.OfAsync(_database, Tracer.KnownSql, Enumerable.Range(0, 2000).Select(Key).ToArray(), Start, Start.AddDays(1)), await QueryPlan.OfAsync(_database, Tracer.VisitsSql, whose, Start, Start.AddDays(1), (short)0), await QueryPlan.OfAsync(_database, Tracer.NeighboursSql, (object)whose)])
            Assert.False(QueryPlan.ReadWhole(plan, "announcement", "register_entry").Any(), plan);
    }

    [SkippableFact]
    public async Task Every_question_is_on_record_and_names_nobody()
    {
        await FillAsync(new Town([new(0, 1, 0), new(1, 1, 1)], [], 300, 0, 10));

        await _tracer.AskAsync(new TraceQuestion([Key(0)], Start, Start.AddHours(1), TimeSpan.FromMinutes(5), 1), Officer, CancellationToken.None);

        await using var connection = await _database.OpenConnectionAsync();
        var entry = Assert.Single(await connection.Sql("select asked_by, purpose, action, answers, details->'person'->>0 from audit")
            .ListAsync(row => (row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetString(4)), CancellationToken.None));
        Assert.Equal(("officer-1", "case 17", "trace", 1, System.Buffers.Text.Base64Url.EncodeToString(Key(0))), entry);
    }

    [Theory]
    [InlineData("", "case 17")]
    [InlineData("officer-1", "  ")]
    public void Without_a_name_and_a_purpose_nothing_is_asked(string name, string purpose) => Assert.Null(Asker.Of(name, purpose, out _));

    [Theory, InlineData("="), InlineData("-"), InlineData("＝"), InlineData("＠"), InlineData("\t=")]
    public void A_spreadsheet_finds_no_formula_in_the_export(string sign)
    {
        var contact = new Contact(Key(1), "测**", sign + "1+1", 1, Closeness.SameLane, 1, TimeSpan.FromSeconds(5), Start, Start, null);
        var csv = new StringWriter();

        TraceCsv.Write(new Trace([], [], [contact], []), csv);

        Assert.Contains($",'{sign}1+1,", csv.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A dozen persons at four lanes around midnight; few seconds are possible, so that meetings and equal distances are common.</summary>
    private static Gen<Town> Towns()
    {
        var seen = from person in Gen.Choose(0, 11) from lane in Gen.Choose(1, 4) from step in Gen.Choose(0, 480) select new Seen(person, lane, step * 30);
        var resident = from person in Gen.Choose(0, 11) from building in Gen.Choose(1, 2) from stair in Gen.Choose(1, 2) from flat in Gen.Choose(1, 2) select (person, $"{building}-{stair}-{flat}");
        return from passages in seen.ListOf()
               from residents in resident.ListOf()
               from within in Gen.Elements(30, 60, 300, 900)
               from first in Gen.Choose(0, 100)
               from length in Gen.Choose(1, 480)
               select new Town([.. passages.Distinct()], [.. residents.DistinctBy(item => item.person)], within, first * 30, (first + length) * 30);
    }

    private Task<Trace> AskAsync(int person) => _tracer.AskAsync(new TraceQuestion([Key(person)], Start, Start.AddHours(3), TimeSpan.FromMinutes(1), 2), Officer, CancellationToken.None);

    private async Task PassesAsync(params (int Person, string Unit, string Status)[] passes)
    {
        await using var connection = await _database.OpenConnectionAsync();
        await connection.Sql("insert into register (site, name, version, issued_at, persons) values ('estate', 'passes', 1, now(), 0)").RunAsync(CancellationToken.None);
        foreach (var (person, unit, status) in passes)
            await connection.Sql("insert into register_entry (site, register, person, masked_name, unit, terms) values ('estate', 'passes', $1, '测**', $2, $3)", Key(person), unit, $"{status};;;;").RunAsync(CancellationToken.None);
    }

    private async Task AnnounceAsync(params (int Pass, string Unit)[] visitors)
    {
        await using var connection = await _database.OpenConnectionAsync();
        foreach (var (pass, unit) in visitors)
            await connection.Sql("insert into announcement (site, unit, kind, pass, sealed, at, expires_at) values ('estate', $1, 1, $2, '', $3, $3)", unit, Key(pass), Start).RunAsync(CancellationToken.None);
    }

    private async Task FillAsync(Town town)
    {
        await using var connection = await _database.OpenConnectionAsync();
        await connection.Sql("truncate passage, register, announcement cascade").RunAsync(CancellationToken.None);
        await connection.Sql(
            """
            insert into passage (at, sequence, gate_id, lane_id, direction, outcome, clock, taken, person, masked_name)
            select at, row_number() over (), (lane + 1) / 2, lane, 0, 0, 2, true, person, '测**' from unnest($1, $2, $3) as p(at, lane, person)
            """,
            town.Passages.Select(seen => Start.AddSeconds(seen.AtSeconds)).ToArray(), town.Passages.Select(seen => seen.Lane).ToArray(), town.Passages.Select(seen => Key(seen.Person)).ToArray())
            .RunAsync(CancellationToken.None);
        await connection.Sql("insert into register (site, name, version, issued_at, persons) values ('estate', 'residents', 1, now(), 0)").RunAsync(CancellationToken.None);
        await connection.Sql(
            "insert into register_entry (site, register, person, masked_name, unit, terms) select 'estate', 'residents', person, '测**', unit, ';;;;' from unnest($1, $2) as r(person, unit)",
            town.Residents.Select(resident => Key(resident.Person)).ToArray(), town.Residents.Select(resident => resident.Unit).ToArray()).RunAsync(CancellationToken.None);
    }

    private static byte[] Key(int person) => SHA256.HashData(Encoding.UTF8.GetBytes($"person {person}"));

    private static int PersonOf(byte[] key) => Enumerable.Range(0, 20).Single(person => Key(person).AsSpan().SequenceEqual(key));

    private static string Line(Contact contact) =>
        $"{contact.Degree} {contact.Closeness} {PersonOf(contact.Person)} × {contact.Times}, {contact.Nearest?.TotalSeconds}, {(contact.Through is { } through ? PersonOf(through) : -1)}";

    /// <summary>The same answer, without an index, a join or SQL.</summary>
    private static class Oracle
    {
        public static IEnumerable<string> Contacts(Town town)
        {
            var first = FirstDegree(town);
            var second = SecondDegree(town, first);
            return first.Concat(second).Order(Comparer<Contact>.Create(Tracer.Closer)).Select(Line);
        }

        private static List<Contact> FirstDegree(Town town)
        {
            var unit = town.Residents.Where(resident => resident.Person == 0).Select(resident => resident.Unit).FirstOrDefault();
            var contacts = new List<Contact>();
            for (var other = 1; other < 12; other++)
            {
                var met = Met(town, 0, other, town.FromSeconds);
                var home = unit is null ? null : Home(unit, town.Residents.Where(resident => resident.Person == other).Select(resident => resident.Unit).FirstOrDefault());
                var way = met is null ? null : met.Together > 1 ? Closeness.Companion : (Closeness?)Closeness.SameLane;
                if ((way ?? home) is not { } closest)
                    continue;
                closest = home is { } near && near < closest ? near : closest;
                contacts.Add(new Contact(Key(other), null, null, 1, closest, met?.Times ?? 0, met?.Nearest, met?.First, null, null));
            }
            return contacts;
        }

        private static List<Contact> SecondDegree(Town town, List<Contact> first)
        {
            var contacts = new List<Contact>();
            var known = first.Select(contact => PersonOf(contact.Person)).Append(0).ToHashSet();
            foreach (var other in Enumerable.Range(1, 11).Where(person => !known.Contains(person)))
            {
                var best = first.Where(contact => contact.Closeness <= Closeness.SameLane)
                    .Select(contact => (Carrier: contact.Person, Met: Met(town, PersonOf(contact.Person), other,
                        contact.Closeness is Closeness.Household ? town.FromSeconds : (int)(contact.First!.Value - Start).TotalSeconds)))
                    .Where(pair => pair.Met is not null)
                    .OrderByDescending(pair => pair.Met!.Times).ThenBy(pair => pair.Met!.Nearest).ThenBy(pair => Convert.ToHexString(pair.Carrier), StringComparer.Ordinal)
                    .FirstOrDefault();
                if (best.Met is { } met)
                    contacts.Add(new Contact(Key(other), null, null, 2, met.Together > 1 ? Closeness.Companion : Closeness.SameLane, met.Times, met.Nearest, met.First, null, best.Carrier));
            }
            return contacts;
        }

        private sealed record Meetings(int Times, TimeSpan Nearest, int Together, DateTimeOffset First);

        private static Meetings? Met(Town town, int person, int other, int since)
        {
            var pairs = from mine in town.Passages
                        where mine.Person == person && mine.AtSeconds >= since && mine.AtSeconds >= town.FromSeconds && mine.AtSeconds < town.ToSeconds
                        from theirs in town.Passages
                        where theirs.Person == other && theirs.Lane == mine.Lane && Math.Abs(theirs.AtSeconds - mine.AtSeconds) <= town.WithinSeconds
                        select (Mine: mine, Theirs: theirs, Apart: Math.Abs(theirs.AtSeconds - mine.AtSeconds));
            var met = pairs.ToArray();
            return met.Length == 0 ? null : new Meetings(
                met.Select(pair => pair.Mine).Distinct().Count(), TimeSpan.FromSeconds(met.Min(pair => pair.Apart)),
                met.Where(pair => pair.Apart <= 30).Select(pair => pair.Mine).Distinct().Count(), Start.AddSeconds(met.Min(pair => pair.Theirs.AtSeconds)));
        }

        private static Closeness? Home(string mine, string? theirs) => theirs is null ? null
            : theirs == mine ? Closeness.Household
            : theirs[..3] == mine[..3] ? Closeness.Stairwell
            : theirs[..1] == mine[..1] ? Closeness.Building
            : null;
    }
}
