using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Center.Database;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Tracing;
using EdgeGate.Testing;
using Npgsql;

namespace EdgeGate.Benchmarks.Center;

/// <summary>Traces among many passages, residents and announced visits: a thousand gates, five hundred people at each, who pass twice a day. What is measured only reads, so nothing is flushed while it is filled.</summary>
internal sealed class TraceBench(BenchSetting setting)
{
    private const int Gates = 1000, PeopleAtGate = 500, PassagesADay = Gates * PeopleAtGate * 2, TracedDays = 14, Traces = 30;
    private readonly int _days = setting.Quick ? 2 : setting.Large ? 100 : 10;

    public async Task RunAsync(ReportSection report)
    {
        if (!PrivatePostgres.IsInstalled)
        {
            report.Say(PrivatePostgres.NotInstalled);
            return;
        }
        await using var postgres = await PrivatePostgres.StartAsync(
            "shared_buffers=512MB", "maintenance_work_mem=256MB", "max_wal_size=4GB", "random_page_cost=1.1", "fsync=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off");
        await using var database = NpgsqlDataSource.Create(postgres.ConnectionString() + ";Command Timeout=600");
        await Migrations.ApplyAsync(database, setting.Time, setting.Stopping);
        var today = new DateTimeOffset(setting.Time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        var filling = setting.Time.GetTimestamp();
        await FillAsync(database, today);
        var filled = setting.Time.GetElapsedTime(filling);

        var tracer = new Tracer(database, new Audit(setting.Time));
        var asker = Asker.Of("bench", "how long it takes", out _)!;
        var (first, all, second, contacts, passages) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var random = new Random(1);
        for (var i = 0; i <= Traces; i++)
        {
            var question = new TraceQuestion([Person(random.Next(Gates * PeopleAtGate))], today.AddDays(-TracedDays), today.AddDays(1), TimeSpan.FromMinutes(5), Degrees: 1);
            var (trace, took) = await AskAsync(tracer, question, asker);
            if (i == 0)
                continue; // plans and the program itself are made ready
            first.Add(took);
            contacts.Add(trace.Contacts.Count);
            passages.Add(trace.Passages.Count);
            all.Add((await AskAsync(tracer, question with { Person = [Person(random.Next(Gates * PeopleAtGate))], From = today.AddDays(-_days) }, asker)).Milliseconds);
            if (i <= 5)
                second.Add((await AskAsync(tracer, question with { Degrees = 2 }, asker)).Milliseconds);
        }
        await using var connection = await database.OpenConnectionAsync(setting.Stopping);
        var size = await connection.Sql("select pg_size_pretty(sum(pg_total_relation_size(inhrelid))) from pg_inherits where inhparent = 'passage'::regclass").ScalarAsync<string>(setting.Stopping);
        report.Say($"{(long)_days * PassagesADay:N0} passages of {Gates * PeopleAtGate:N0} people in {_days} days ({size} with indexes, filled in {filled.TotalMinutes:0.0} min); "
            + $"{Traces} traces of people by chance over {Math.Min(_days, TracedDays)} days, five minutes, each person for the first time.");
        report.Table(["", "p50 ms", "max ms"],
        [
            [$"first degree ({passages.Median():0} own passages, {contacts.Median():0} contacts)", first.Median().Figure(), first.Max().Figure()],
            [$"first degree over all {_days} days", all.Median().Figure(), all.Max().Figure()],
            ["second degree", second.Median().Figure(), second.Max().Figure()],
        ]);
        report.Say("Budget: a first-degree trace over 100 million passages under 1 s. The plan for one person; of each search through the days one day is shown:");
        report.Say("```\n" + string.Join('\n', await ExplainAsync(connection, Person(4711), today)) + "\n```");
    }

    private async Task<(Trace Trace, double Milliseconds)> AskAsync(Tracer tracer, TraceQuestion question, Asker asker)
    {
        var since = setting.Time.GetTimestamp();
        var trace = await tracer.AskAsync(question, asker, setting.Stopping);
        return (trace, setting.Time.GetElapsedTime(since).TotalMilliseconds);
    }

    private async Task FillAsync(NpgsqlDataSource database, DateTimeOffset today)
    {
        await new Partitions(database, setting.Time).MakeAsync([.. Enumerable.Range(0, _days).Select(day => Partitions.DayOf(today.AddDays(-day)))], setting.Stopping);
        await using var connection = await database.OpenConnectionAsync(setting.Stopping);
        await connection.Sql("insert into gate (site, name, added_at) select 'bench', 'gate-' || n, now() from generate_series(1, $1) n", Gates).RunAsync(setting.Stopping);
        await connection.Sql("insert into lane (gate_id, name) select id, 'lane-1' from gate").RunAsync(setting.Stopping);
        // Indexes in one go afterwards: what they hold is the same, and a hundred days are filled in minutes.
        var indexes = await connection.Sql("select indexdef from pg_indexes where tablename = 'passage'").ListAsync(row => row.GetString(0), setting.Stopping);
        await connection.Sql("drop index passage_person, passage_lane").RunAsync(setting.Stopping);
        for (var day = _days - 1; day >= 0; day--)
        {
            // In the order of time, as gates send them; eighteen hours of the day.
            await connection.Sql(
                """
                insert into passage (at, sequence, gate_id, lane_id, direction, outcome, clock, taken, person, masked_name)
                select $1 + random() * interval '18 hours', n, (n % $3) / $4 + 1, (n % $3) / $4 + 1, n % 2, 0, 2, true, sha256(int4send(n % $3)), '测**'
                from generate_series(0, $2 - 1) n order by 1
                """,
                today.AddDays(-day), PassagesADay, Gates * PeopleAtGate, PeopleAtGate).RunAsync(setting.Stopping);
        }
        foreach (var index in indexes) // of the parent only; the days' follow
            await connection.Sql(index.Replace(" ON ONLY ", " ON ", StringComparison.Ordinal)).RunAsync(setting.Stopping);
        await FillHomesAsync(connection, today);
        await connection.Sql("vacuum analyze passage, register_entry, announcement").RunAsync(setting.Stopping);
        await connection.Sql("checkpoint").RunAsync(setting.Stopping);
    }

    /// <summary>Everybody lives somewhere, three to a household and five hundred to a building, and was announced once by some household.</summary>
    private async Task FillHomesAsync(NpgsqlConnection connection, DateTimeOffset today)
    {
        const string Unit = "n / $1 || '-' || n % $1 / 125 || '-' || n / 3";
        await connection.Sql("insert into register (site, name, version, issued_at, persons) values ('bench', 'residents', 1, now(), 0)").RunAsync(setting.Stopping);
        await connection.Sql(
            $"insert into register_entry (site, register, person, masked_name, unit, terms) select 'bench', 'residents', sha256(int4send(n)), '测**', {Unit}, ';;;;' from generate_series(0, $2 - 1) n",
            PeopleAtGate, Gates * PeopleAtGate).RunAsync(setting.Stopping);
        await connection.Sql(
            $"insert into announcement (site, unit, kind, pass, sealed, at, expires_at) select 'bench', {Unit}, 1, sha256(int4send((n::bigint * 7919 % $2)::int)), '', $3, $3 from generate_series(0, $2 - 1) n",
            PeopleAtGate, Gates * PeopleAtGate, today).RunAsync(setting.Stopping);
    }

    private async Task<IEnumerable<string>> ExplainAsync(NpgsqlConnection connection, byte[] person, DateTimeOffset today)
    {
        var from = today.AddDays(-TracedDays);
        var lines = await connection.Sql(
            "explain (analyze, buffers, costs off) " + Tracer.NearSql,
            new[] { person }, new[] { from }, today.AddDays(1), TimeSpan.FromMinutes(5), new[] { person }, TraceQuestion.Together, from).ListAsync(row => row.GetString(0), setting.Stopping);
        // Of each search through the days' tables one table that was read: the others look the same.
        var (kept, scans, skipping) = (new List<string>(), 0, false);
        foreach (var line in lines)
        {
            if (line.Contains("Scan using", StringComparison.Ordinal))
                skipping = line.Contains("never executed", StringComparison.Ordinal) || ++scans > 1;
            else if (line.Contains("->  ", StringComparison.Ordinal) || !line.StartsWith(' '))
                (skipping, scans) = (false, line.Contains("Append", StringComparison.Ordinal) ? 0 : scans);
            if (!skipping)
                kept.Add(line);
        }
        return kept;
    }

    private static byte[] Person(int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number); // int4send
        return SHA256.HashData(bytes);
    }
}
