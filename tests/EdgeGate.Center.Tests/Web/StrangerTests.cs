using System.Net;
using System.Text.RegularExpressions;
using EdgeGate.Center.Database;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Tests.People;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Testing;

namespace EdgeGate.Center.Tests.Web;

/// <summary>What somebody meets who sees the center for the first time: nothing in it yet, more in it than anybody thought of, and input that nobody meant.</summary>
[Collection(nameof(CenterDatabase))]
public sealed partial class StrangerTests(CenterDatabase server) : IAsyncLifetime
{
    private const string Second = "second-estate";
    private readonly PeopleKeys _keys = PeopleKeys.Of(PeopleDesk.Site);
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));
    private CenterSite? _site;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_site is not null)
            await _site.DisposeAsync();
        _keys.Dispose();
    }

    [SkippableTheory, InlineData(true), InlineData(false)]
    public async Task With_nothing_in_it_yet_every_page_says_so_and_none_fails(bool hasSites)
    {
        await StartAsync(settings => hasSites ? settings : settings with { Sites = [] });
        foreach (var role in Enum.GetValues<Role>())
        {
            using var browser = await _site!.SignedInAsync(role);
            foreach (var path in _site.Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<PageAccess>() is not null).Select(endpoint => endpoint.RoutePattern.RawText!).Where(path => !path.Contains('{', StringComparison.Ordinal)))
            {
                using var answer = await browser.GetAsync(path);
                Assert.True(answer.StatusCode is < HttpStatusCode.InternalServerError, $"{path} as {role}: {answer.StatusCode}");
            }
        }
    }

    [SkippableFact]
    public async Task An_address_that_is_none_is_answered_by_a_page_of_ours()
    {
        await StartAsync();
        using var nobody = _site!.NewBrowser();

        using var answer = await nobody.GetAsync("/no/such/page");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("没有这一页", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_character_that_cannot_be_kept_is_called_so_and_not_a_database_that_is_away()
    {
        await StartAsync();
        using var officer = await _site!.SignedInAsync(Role.Officer);
        using var auditor = await _site.SignedInAsync(Role.Auditor);

        using var found = await officer.GetAsync("/registers/estate/residents?unit=3%00");
        using var audit = await auditor.GetAsync("/audit?who=%00");
        using var notice = await officer.PostFileAsync("/notices", new() { ["site"] = PeopleDesk.Site, ["text"] = "words\0", ["building"] = "", ["until"] = "2026-12-01T10:00" }, "file", "none");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (found.StatusCode, audit.StatusCode, notice.StatusCode));
        Assert.Contains("不能保存的字符", await found.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_unit_that_is_longer_than_any_is_refused_when_a_proposal_is_taken_up()
    {
        await StartAsync();
        await using var connection = await _site!.Database.OpenConnectionAsync();
        await connection.Sql("insert into person_file (site, person, masked_name, unit, kind, state, opened_at, opened_by, until) values ('estate', '\\x01', '测**', '3-1-502', 1, 0, $1, 'gate', $1)", _time.GetUtcNow()).RunAsync(CancellationToken.None);
        using var officer = await _site.SignedInAsync(Role.Officer);
        var random = new Random(17);

        using var answer = await officer.PostAsync("/files/1/accept", new() { ["unit"] = new string([.. Enumerable.Range(0, 20_000).Select(_ => (char)random.Next('a', 'z'))]), ["name"] = "测试一", ["until"] = "2026-12-01T10:00" });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("没有更改", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Whoever_makes_a_mistake_in_a_form_about_one_site_finds_the_next_form_about_the_same_site()
    {
        await StartAsync(settings => settings with { Sites = [.. settings.Sites, settings.Sites[0] with { Id = Second }] });
        using var officer = await _site!.SignedInAsync(Role.Officer);
        foreach (var path in new[] { "/passes", "/passes/pin", "/passes/revoke", "/files", "/files/plan", "/notices", "/notices/end", "/measures" })
        {
            using var wrong = await officer.PostAsync(path, new() { ["site"] = Second, ["places"] = "no place" });
            var page = await wrong.Content.ReadAsStringAsync();

            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
            Assert.Matches($"""<a href="/[a-z]+\?site={Second}" aria-current="page">""", page);
            Assert.All(HiddenSite().Matches(page), hidden => Assert.Equal(Second, hidden.Groups["site"].Value));
        }
    }

    [SkippableFact]
    public async Task A_notice_whose_time_is_over_already_is_refused_for_nobody_would_see_it()
    {
        await StartAsync();
        using var manager = await _site!.SignedInAsync(Role.Manager);

        using var past = await manager.PostAsync("/notices", new() { ["site"] = PeopleDesk.Site, ["text"] = "words", ["building"] = "", ["until"] = "2026-11-21T10:00" });

        Assert.Equal(HttpStatusCode.BadRequest, past.StatusCode);
    }

    [SkippableFact]
    public async Task A_site_with_a_thousand_gates_is_shown_and_what_is_stale_comes_first()
    {
        await StartAsync();
        await using var connection = await _site!.Database.OpenConnectionAsync();
        await connection.Sql("insert into gate (site, name, added_at) select 'estate', 'gate-' || number, now() from generate_series(1, 1000) number").RunAsync(CancellationToken.None);
        foreach (var list in new[] { "residents", "visitors", "quarantine", "medicine", "passes", "revoked-passes" })
            await connection.Sql("insert into register (site, name, version, issued_at, persons) values ('estate', $1, 7, $2, 1)", list, _time.GetUtcNow().AddHours(-1)).RunAsync(CancellationToken.None);
        await connection.Sql("insert into gate_register (gate_id, register, version, sequence, at) select id, 'residents', case when name = 'gate-999' then 6 else 7 end, 1, $1 from gate", _time.GetUtcNow()).RunAsync(CancellationToken.None);
        await connection.Sql("insert into gate_report (gate_id, online, online_at) select id, true, $1 from gate", _time.GetUtcNow()).RunAsync(CancellationToken.None);
        await connection.Sql("insert into alarm (gate_id, sequence, at, word) select id, 1, $1, 'forced-open' from gate where name = 'gate-999'", _time.GetUtcNow()).RunAsync(CancellationToken.None);
        using var manager = await _site.SignedInAsync(Role.Manager);

        var lists = await manager.ReadAsync("/registers");
        var fleet = await manager.ReadAsync("/fleet");

        Assert.Matches("<tbody>\\s*<tr class=\"alarm\"><th scope=\"row\">gate-999</th><td>residents</td><td class=\"number\">6</td>", lists);
        Assert.Contains("还有 5700 行", lists, StringComparison.Ordinal);
        Assert.InRange(lists.Length, 10_000, 200_000);
        Assert.Contains("estate/gate-1000", fleet, StringComparison.Ordinal);
        Assert.Equal(40, fleet.Split("<a href=\"/fleet/estate/gate-", StringSplitOptions.None).Count(part => part.Contains("translate(", StringComparison.Ordinal)));
        Assert.Contains("未摆放的门岗有 1000 个", fleet, StringComparison.Ordinal);
        Assert.Contains("gate-999: 在线", fleet, StringComparison.Ordinal); // one with an alarm is among the few
    }

    private async Task StartAsync(Func<CenterSettings, CenterSettings>? settings = null) =>
        _site = await CenterSite.StartAsync(await server.NewAsync(), _time, (settings ?? (same => same))(_keys.Settings));

    [GeneratedRegex("name=\"site\" value=\"(?<site>[^\"]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HiddenSite();
}
