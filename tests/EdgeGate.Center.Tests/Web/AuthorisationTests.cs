using System.Net;
using EdgeGate.Center.Database;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Center.Tests.Web;

/// <summary>Role × page × action: every endpoint the program has, asked by everybody, over HTTP.</summary>
[Collection(nameof(CenterDatabase))]
public sealed class AuthorisationTests(CenterDatabase server) : IAsyncLifetime
{
    /// <summary>Who may, written down a second time on purpose. "anybody" needs no account.</summary>
    private const string Expected =
        """
        GET /                                         officer manager operator auditor
        GET /account                                  officer manager operator auditor
        GET /assets/camera.js                         anybody
        GET /assets/center.css                        anybody
        GET /assets/center.js                         anybody
        GET /assets/icon.svg                          anybody
        GET /audit                                    auditor
        GET /files                                    officer
        GET /files/{id:long}                          officer
        GET /fleet                                    officer manager operator auditor
        GET /fleet/{site}/{gate}                      officer manager operator auditor
        GET /home                                     anybody
        GET /measures                                 officer manager
        GET /notices                                  officer manager
        GET /passes                                   officer manager
        GET /plan/{site}                              manager operator
        GET /plan/{site}/picture                      officer manager operator auditor
        GET /registers                                officer manager operator auditor
        GET /registers/compare                        officer manager
        GET /registers/{site}/{name}                  officer manager
        GET /reports                                  officer manager auditor
        GET /reports/daily.csv                        officer manager auditor
        GET /sign-in                                  anybody
        GET /trace                                    officer
        GET /{**nowhere}                              anybody
        POST /account/password                        officer manager operator auditor
        POST /files                                   officer
        POST /files/plan                              officer
        POST /files/{id:long}/accept                  officer
        POST /files/{id:long}/contact                 officer
        POST /files/{id:long}/dismiss                 officer
        POST /files/{id:long}/extend                  officer
        POST /files/{id:long}/measure                 officer
        POST /files/{id:long}/note                    officer
        POST /files/{id:long}/release                 officer
        POST /fleet/{site}/{gate}/alarms/{sequence}   officer manager operator
        POST /fleet/{site}/{gate}/apply-settings      operator
        POST /fleet/{site}/{gate}/notice              manager operator
        POST /fleet/{site}/{gate}/open-once           manager operator
        POST /fleet/{site}/{gate}/set-mode            manager operator
        POST /home/cancel                             anybody
        POST /home/expect                             anybody
        POST /home/measure                            anybody
        POST /home/sign-in                            anybody
        POST /home/sign-out                           anybody
        POST /language                                anybody
        POST /measures                                officer manager
        POST /notices                                 officer manager
        POST /notices/end                             officer manager
        POST /passes                                  officer manager
        POST /passes/pin                              officer manager
        POST /passes/revoke                           officer manager
        POST /plan/{site}/picture                     manager operator
        POST /plan/{site}/place                       manager operator
        POST /registers/compare                       officer manager
        POST /registers/compare/csv                   officer manager
        POST /registers/{site}/{name}/details         officer
        POST /registers/{site}/{name}/entry           officer manager
        POST /registers/{site}/{name}/import          officer manager
        POST /registers/{site}/{name}/remove          officer manager
        POST /registers/{site}/{name}/zones           officer manager
        POST /sign-in                                 anybody
        POST /sign-out                                officer manager operator auditor
        POST /trace                                   officer
        POST /trace/csv                               officer
        """;

    private readonly PeopleKeys _keys = PeopleKeys.Of("estate");
    private CenterSite _site = null!;

    public async Task InitializeAsync()
    {
        var database = await server.NewAsync();
        await using var connection = await database.OpenConnectionAsync();
        await connection.Sql("insert into gate (site, name, added_at) values ('estate', 'north', now())").RunAsync(CancellationToken.None);
        await new Partitions(database, TimeProvider.System).MakeAheadAsync(CancellationToken.None);
        _site = await CenterSite.StartAsync(database, TimeProvider.System, _keys.Settings);
    }

    public async Task DisposeAsync()
    {
        if (_site is not null)
            await _site.DisposeAsync();
        _keys.Dispose();
    }

    [SkippableFact]
    public async Task Everybody_gets_what_the_table_says_and_nothing_else()
    {
        var lines = new List<string>();
        foreach (var (method, pattern, path, needs) in Endpoints())
        {
            var who = new List<string>();
            foreach (var role in Enum.GetValues<Role>())
            {
                using var browser = await _site.SignedInAsync(role);
                using var answer = method == "GET" ? await browser.GetAsync(path) : await browser.PostAsync(path);
                if (answer.StatusCode is not HttpStatusCode.Forbidden)
                    who.Add(CenterSite.NameOf(role));
                Assert.True(answer.StatusCode < HttpStatusCode.InternalServerError, $"{method} {path} as {role}: {answer.StatusCode}");
            }
            lines.Add($"{method + ' ' + pattern,-46}{(needs is null ? "anybody" : string.Join(' ', who))}");
        }

        Assert.Equal(Expected.Split('\n'), lines.Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public async Task Without_sign_in_every_page_leads_to_the_sign_in_and_nothing_is_done()
    {
        using var nobody = _site.NewBrowser();
        foreach (var (method, _, path, needs) in Endpoints().Where(endpoint => endpoint.Needs is not null))
        {
            using var answer = method == "GET" ? await nobody.GetAsync(path) : await nobody.PostAsync(path);

            Assert.True(answer.StatusCode is HttpStatusCode.SeeOther, $"{method} {path} answers {answer.StatusCode} to nobody, though it needs {needs}");
            Assert.StartsWith("/sign-in", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        }
    }

    /// <summary>A form of another site carries the cookie of an older browser, and never the token.</summary>
    [SkippableFact]
    public async Task No_change_is_made_without_the_sessions_token_or_from_another_site()
    {
        foreach (var (_, _, path, needs) in Endpoints().Where(endpoint => endpoint is { Method: "POST", Needs: not null }))
        {
            using var browser = await _site.SignedInAsync(Enum.GetValues<Role>().First(role => role.May(needs!.Value)));
            using var foreign = await browser.PostAsync(path, [], request => request.Headers.Add("Origin", "https://elsewhere.example"));
            using var crossSite = await browser.PostAsync(path, [], request => request.Headers.Add("Sec-Fetch-Site", "cross-site"));
            using var guessed = await browser.PostAsync(path, new() { [CenterPages.FormTokenField] = new string('A', 43) });
            browser.FormToken = null;
            using var without = await browser.PostAsync(path);

            Assert.All([foreign, crossSite, guessed, without], answer => Assert.True(answer.StatusCode is HttpStatusCode.Forbidden, $"{path}: {answer.StatusCode}"));
        }
    }

    [SkippableFact]
    public async Task Every_answer_forbids_what_a_page_of_ours_never_does()
    {
        using var browser = await _site.SignedInAsync(Role.Operator);
        foreach (var (_, _, path, _) in Endpoints().Where(endpoint => endpoint.Method == "GET"))
        {
            using var answer = await browser.GetAsync(path);
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));

            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        }
    }

    /// <summary>Besides those with a site in their address: each of them sifts by the account's sites, or has nothing of any site.</summary>
    private static readonly string[] OpenToLimited =
    [
        "GET /", "GET /account", "GET /fleet", "GET /notices", "GET /passes", "GET /registers", "GET /registers/compare", "POST /account/password", "POST /notices", "POST /notices/end",
        "POST /passes", "POST /passes/pin", "POST /passes/revoke", "POST /registers/compare", "POST /registers/compare/csv", "POST /sign-out",
    ];

    [SkippableFact]
    public async Task An_account_of_another_site_finds_nothing_at_any_endpoint_but_those_declared_from_its_next_request_on()
    {
        foreach (var (method, pattern, path, needs) in Endpoints().Where(endpoint => endpoint.Needs is not null))
        {
            var role = Enum.GetValues<Role>().First(role => role.May(needs!.Value));
            using var browser = await _site.SignedInAsync(role);
            await LimitAsync(role, ["elsewhere"]); // signed in already
            using var answer = method == "GET" ? await browser.GetAsync(path) : await browser.PostAsync(path);
            var text = (await answer.Content.ReadAsStringAsync()).Replace(path, "", StringComparison.Ordinal); // the form for the language leads back to what was asked

            Assert.Equal((pattern, !OpenToLimited.Contains($"{method} {pattern}")), (pattern, answer.StatusCode is HttpStatusCode.NotFound));
            Assert.DoesNotContain("estate", text, StringComparison.Ordinal);
            await LimitAsync(role, null);
        }
    }

    [SkippableFact]
    public async Task An_account_of_the_site_sees_its_own_gate_there_and_no_link_to_what_it_may_not_open()
    {
        await LimitAsync(Role.Officer, ["estate"]);
        using var browser = await _site.SignedInAsync(Role.Officer);
        var fleet = await browser.ReadAsync("/fleet");

        Assert.Contains("/fleet/estate/north", fleet, StringComparison.Ordinal);
        Assert.DoesNotContain("/trace", fleet, StringComparison.Ordinal);
        Assert.Contains("estate", await browser.ReadAsync("/passes"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_notice_of_another_site_is_not_taken_down_by_its_id()
    {
        await using var connection = await _site.Database.OpenConnectionAsync();
        await connection.Sql("insert into notice (site, building, text, made_by, at, until) values ('estate', '', 'words', 'manager', now(), now() + interval '1 day')").RunAsync(CancellationToken.None);
        await LimitAsync(Role.Manager, ["elsewhere"]);
        using var browser = await _site.SignedInAsync(Role.Manager);
        using var answer = await browser.PostAsync("/notices/end", new() { ["site"] = "estate", ["notice"] = "1" });

        Assert.Equal([1L], await connection.Sql("select id from notice where until > now() + interval '1 hour'").ListAsync(row => row.GetInt64(0), CancellationToken.None));
        Assert.DoesNotContain("estate", answer.Headers.Location?.ToString() ?? "", StringComparison.Ordinal);
    }

    private Task<bool> LimitAsync(Role role, string[]? sites) =>
        _site.Services.GetRequiredService<AccountBook>().LimitAsync(CenterSite.NameOf(role), sites, CancellationToken.None);

    /// <summary>With sample values where a path has parts.</summary>
    private IEnumerable<(string Method, string Pattern, string Path, Permission? Needs)> Endpoints()
    {
        foreach (var endpoint in _site.Endpoints)
        {
            var access = endpoint.Metadata.GetMetadata<PageAccess>();
            Assert.True(access is not null, $"{endpoint.RoutePattern.RawText} is not mapped through CenterPages");
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
                yield return (method, endpoint.RoutePattern.RawText!, SamplePath(endpoint.RoutePattern.RawText!), access.Permission);
        }
    }

    private static string SamplePath(string pattern) =>
        pattern.Replace("{site}", "estate", StringComparison.Ordinal).Replace("{gate}", "north", StringComparison.Ordinal).Replace("{sequence}", "1", StringComparison.Ordinal)
            .Replace("{name}", "residents", StringComparison.Ordinal).Replace("{id:long}", "1", StringComparison.Ordinal);
}
