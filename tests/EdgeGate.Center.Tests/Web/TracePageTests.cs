using System.Net;
using System.Security.Cryptography;
using EdgeGate.Center.Database;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Tracing;
using EdgeGate.Messages.Privacy;
using EdgeGate.Testing;
using Npgsql;

namespace EdgeGate.Center.Tests.Web;

/// <summary>The tracing page and the audit over HTTP: who is asked about, what is told, and what is kept of it.</summary>
[Collection(nameof(CenterDatabase))]
public sealed class TracePageTests(CenterDatabase server) : IAsyncLifetime
{
    private const string Number = "999999199001010016";
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private readonly string _keyFile = Path.GetTempFileName();
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private CenterSite _site = null!;
    private CenterSite.Browser _officer = null!;

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_keyFile, Convert.ToBase64String(_secret));
        _site = await CenterSite.StartAsync(await NewDatabaseAsync(), new ManualTime(Now.AddHours(2)), CenterSite.Settings with { Sites = [new("estate", _keyFile)] });
        _officer = await _site.SignedInAsync(Role.Officer);
    }

    public async Task DisposeAsync()
    {
        _officer?.Dispose();
        if (_site is not null)
            await _site.DisposeAsync();
        File.Delete(_keyFile);
    }

    [SkippableFact]
    public async Task An_officer_asks_sees_who_was_near_and_the_question_is_on_record()
    {
        var page = await AskAsync(Form(("degrees", "2"), ("minutes", "3")));

        Assert.Contains("试&lt;b&gt;", page, StringComparison.Ordinal); // a name is text, whatever stands in it
        Assert.Contains("同一通道 1 次", page, StringComparison.Ordinal);
        Assert.Contains("三**", page, StringComparison.Ordinal);
        Assert.Contains("次密接", page, StringComparison.Ordinal);
        Assert.Contains("<svg class=\"graph\"", page, StringComparison.Ordinal);
        Assert.Contains("<svg class=\"chart\"", page, StringComparison.Ordinal);
        using var auditor = await _site.SignedInAsync(Role.Auditor);
        var audit = await auditor.ReadAsync("/audit");
        Assert.Contains("case 17", audit, StringComparison.Ordinal);
        Assert.Contains("officer", audit, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_number_that_was_typed_stands_nowhere_afterwards()
    {
        var page = await AskAsync(Form());

        Assert.DoesNotContain(Number, page, StringComparison.Ordinal);
        await using var connection = await _site.Database.OpenConnectionAsync();
        foreach (var table in await connection.Sql("select table_name from information_schema.tables where table_schema = 'public'").ListAsync(row => row.GetString(0), CancellationToken.None))
            Assert.Equal(0, await connection.Sql($"select count(*) from \"{table}\" t where t::text like '%{Number}%'").ScalarAsync<long>(CancellationToken.None));
    }

    [SkippableFact]
    public async Task The_page_asks_on_by_keys_for_the_csv_and_for_a_contact_and_each_is_a_question_of_its_own()
    {
        var page = await AskAsync(Form());
        var contact = page.Split("name=\"person\" value=\"")[2].Split('"')[0];

        using var csv = await _officer.PostAsync("/trace/csv", Form(("number", ""), ("person", contact)));
        var lines = (await csv.Content.ReadAsStringAsync()).Split("\r\n");

        Assert.Equal("text/csv", csv.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("rank,degree", lines[0], StringComparison.Ordinal);
        Assert.Contains("测**", lines[1], StringComparison.Ordinal);
        await using var connection = await _site.Database.OpenConnectionAsync();
        Assert.Equal(2, await connection.Sql("select count(*) from audit where action = 'trace' and asked_by = 'officer'").ScalarAsync<long>(CancellationToken.None));
    }

    [SkippableFact]
    public async Task Whose_questions_are_looked_for_by_a_mistyped_name_is_told_without_reading_all()
    {
        await using (var connection = await _site.Database.OpenConnectionAsync())
        {
            await connection.Sql("insert into audit (at, asked_by, purpose, action, details, answers) select now(), 'officer-' || n % 7, 'case', 'trace', '{}', 0 from generate_series(1, 50000) n").RunAsync(CancellationToken.None);
            await connection.Sql("analyze audit").RunAsync(CancellationToken.None);
        }

        var plan = await QueryPlan.OfAsync(_site.Database, AuditPage.AuditOfSql, long.MaxValue, "officer-8", 100);

        Assert.Contains("audit_asked_by", plan, StringComparison.Ordinal);
        using var auditor = await _site.SignedInAsync(Role.Auditor);
        Assert.Contains("officer-3", await auditor.ReadAsync("/audit?who=officer-3"), StringComparison.Ordinal);
        Assert.DoesNotContain("<th scope=\"row\">officer-3", await auditor.ReadAsync("/audit?who=officer-4"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_person_is_asked_on_about_however_many_sites_there_are()
    {
        var folder = Directory.CreateTempSubdirectory("edgegate-sites-");
        try
        {
            var sites = new List<SiteSettings>();
            for (var number = 0; number < 2000; number++)
            {
                sites.Add(new($"estate-{number}", Path.Combine(folder.FullName, $"{number}.key")));
                await File.WriteAllTextAsync(sites[^1].SiteKeyFile, number == 1200 ? await File.ReadAllTextAsync(_keyFile) : Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
            }
            var manySites = await CenterSite.StartAsync(await NewDatabaseAsync(), new ManualTime(Now.AddHours(2)), CenterSite.Settings with { Sites = sites });
            await using (manySites)
            {
                using var officer = await manySites.SignedInAsync(Role.Officer);
                using var asked = await officer.PostAsync("/trace", Form());
                var person = (await asked.Content.ReadAsStringAsync()).Split("name=\"person\" value=\"")[1].Split('"')[0];
                using var csv = await officer.PostAsync("/trace/csv", Form(("number", ""), ("person", person)));
                using var nobody = await officer.PostAsync("/trace", Form(("number", "999999199001010024")));
                var unknown = (await nobody.Content.ReadAsStringAsync()).Split("name=\"person\" value=\"")[1].Split('"')[0];
                using var empty = await officer.PostAsync("/trace/csv", Form(("number", ""), ("person", unknown)));

                Assert.Contains("试<b>", await csv.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                Assert.Single((await empty.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)); // the heading
                await using var connection = await manySites.Database.OpenConnectionAsync();
                Assert.Equal(4, await connection.Sql("select count(*) from audit where action = 'trace' and length(details->'person'->>0) = 43").ScalarAsync<long>(CancellationToken.None));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SkippableTheory]
    [InlineData("purpose", "", "请写明用途"), InlineData("number", "123", "不是有效的身份证号"), InlineData("to", "2026-11-01T00:00", "时段不对"), InlineData("minutes", "0", "分钟数")]
    public async Task A_question_that_is_none_is_refused_in_words_and_nothing_is_answered(string field, string value, string words)
    {
        using var refused = await _officer.PostAsync("/trace", Form((field, value)));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var page = await refused.Content.ReadAsStringAsync();
        Assert.Contains(words, page, StringComparison.Ordinal);
        Assert.DoesNotContain(Number, page, StringComparison.Ordinal);
        await using var connection = await _site.Database.OpenConnectionAsync();
        Assert.Equal(0, await connection.Sql("select count(*) from audit").ScalarAsync<long>(CancellationToken.None));
    }

    /// <summary>In which three have passed one lane, the person first.</summary>
    private async Task<NpgsqlDataSource> NewDatabaseAsync()
    {
        var database = await server.NewAsync();
        await new Partitions(database, new ManualTime(Now)).MakeAheadAsync(CancellationToken.None);
        await using (var connection = await database.OpenConnectionAsync())
        {
            await connection.Sql("insert into gate (site, name, added_at) values ('estate', 'north', now())").RunAsync(CancellationToken.None);
            await connection.Sql("insert into lane (gate_id, name) values (1, 'lane-1')").RunAsync(CancellationToken.None);
            byte[] person = System.Buffers.Text.Base64Url.DecodeFromChars(new PersonKeys(_secret).KeyOfIdNumber(Number));
            await connection.Sql(
                """
                insert into passage (at, sequence, gate_id, lane_id, direction, outcome, clock, taken, person, masked_name) values
                ($1, 1, 1, 1, 0, 0, 2, true, $2, '测**'), ($1 + interval '1 minute', 2, 1, 1, 0, 0, 2, true, sha256('other'), '试<b>'), ($1 + interval '4 minutes', 3, 1, 1, 0, 0, 2, true, sha256('third'), '三**')
                """,
                Now.AddHours(1), person).RunAsync(CancellationToken.None);
        }
        return database;
    }

    private async Task<string> AskAsync(Dictionary<string, string> form)
    {
        using var answer = await _officer.PostAsync("/trace", form);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private static Dictionary<string, string> Form(params (string Field, string Value)[] changed)
    {
        var form = new Dictionary<string, string>
        {
            ["number"] = Number,
            ["kind"] = "id",
            ["from"] = "2026-11-20T00:00",
            ["to"] = "2026-11-24T00:00",
            ["minutes"] = "5",
            ["degrees"] = "1",
            ["purpose"] = "case 17",
        };
        foreach (var (field, value) in changed)
            form[field] = value;
        return form;
    }
}
