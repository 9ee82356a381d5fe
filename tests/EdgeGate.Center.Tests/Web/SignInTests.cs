using System.Net;
using EdgeGate.Center.Database;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Testing;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Center.Tests.Web;

[Collection(nameof(CenterDatabase))]
public sealed class SignInTests(CenterDatabase server) : IAsyncLifetime
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));
    private CenterSite _site = null!;

    public async Task InitializeAsync() => _site = await CenterSite.StartAsync(await server.NewAsync(), _time);

    public async Task DisposeAsync()
    {
        if (_site is not null)
            await _site.DisposeAsync();
    }

    [SkippableFact]
    public async Task Who_signs_in_comes_to_the_page_that_was_asked_for_and_leaves_by_signing_out()
    {
        using var browser = _site.NewBrowser();
        using var asked = await browser.GetAsync("/account");
        Assert.Equal("/sign-in?to=%2Faccount", asked.Headers.Location!.ToString());

        using var signedIn = await SignInAsync(browser, "officer", CenterSite.Password, to: "/account");
        Assert.Equal("/account", signedIn.Headers.Location!.ToString());
        var page = await browser.ReadAsync("/account");
        Assert.Contains("officer", page, StringComparison.Ordinal);

        browser.FormToken = TokenIn(page);
        using var signedOut = await browser.PostAsync("/sign-out");
        using var after = await browser.GetAsync("/account");
        Assert.Equal(HttpStatusCode.SeeOther, after.StatusCode);
    }

    [SkippableFact]
    public async Task A_session_cookie_is_for_this_site_and_no_script_and_the_database_does_not_know_it()
    {
        using var browser = _site.NewBrowser();
        using var signedIn = await SignInAsync(browser, "officer", CenterSite.Password);

        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"), set => set.StartsWith("center=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        await using var connection = await _site.Database.OpenConnectionAsync();
        var kept = await connection.Sql("select cookie from account_session").ScalarAsync<byte[]>(CancellationToken.None);
        Assert.DoesNotContain(cookie.Split('=', ';')[1], System.Text.Encoding.ASCII.GetString(kept!), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("https://elsewhere.example/"), InlineData("//elsewhere.example/"), InlineData("/\\elsewhere.example")]
    public async Task Signing_in_never_leads_to_another_site(string to)
    {
        using var browser = _site.NewBrowser();
        using var signedIn = await SignInAsync(browser, "officer", CenterSite.Password, to);

        Assert.Equal("/", signedIn.Headers.Location!.ToString());
    }

    [SkippableFact]
    public async Task Five_wrong_passwords_make_wait_and_an_account_that_does_not_exist_looks_the_same()
    {
        foreach (var account in new[] { "officer", "nobody" })
        {
            using var browser = _site.NewBrowser();
            for (var i = 0; i < 5; i++)
            {
                using var wrong = await SignInAsync(browser, account, "not-the-password");
                Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
            }
            using var sixth = await SignInAsync(browser, account, CenterSite.Password);
            Assert.Equal(HttpStatusCode.TooManyRequests, sixth.StatusCode);
            Assert.Equal("30", Assert.Single(sixth.Headers.GetValues("Retry-After")));
            _time.Advance(TimeSpan.FromHours(3));
        }
        using var later = await SignInAsync(_site.NewBrowser(), "officer", CenterSite.Password);
        Assert.Equal(HttpStatusCode.SeeOther, later.StatusCode);
    }

    [SkippableFact]
    public async Task Who_guesses_elsewhere_does_not_keep_out_the_accounts_own_browser()
    {
        using var own = _site.NewBrowser();
        using var elsewhere = _site.NewBrowser();
        using var first = await SignInAsync(own, "officer", CenterSite.Password);
        using var colleague = await SignInAsync(own, "manager", CenterSite.Password); // at the same desk
        HttpStatusCode guessed = default;
        for (var i = 0; i < 12; i++)
            guessed = await StatusOfAsync(elsewhere, "officer", "not-the-password");
        Assert.Equal(HttpStatusCode.TooManyRequests, guessed);

        Assert.Equal(HttpStatusCode.SeeOther, await StatusOfAsync(own, "officer", CenterSite.Password));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusOfAsync(elsewhere, "officer", CenterSite.Password));
    }

    [SkippableFact]
    public async Task The_accounts_own_browser_has_tries_of_its_own_and_is_a_stranger_after_a_reset()
    {
        using var own = _site.NewBrowser();
        using var first = await SignInAsync(own, "officer", CenterSite.Password);
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(own, "officer", "not-the-password"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusOfAsync(own, "officer", CenterSite.Password));
        using (var elsewhere = _site.NewBrowser())
            Assert.Equal(HttpStatusCode.SeeOther, await StatusOfAsync(elsewhere, "officer", CenterSite.Password)); // whose tries are not used up by it

        await _site.Services.GetRequiredService<AccountBook>().ResetAsync("officer", "another-password", CancellationToken.None);
        Assert.Equal(HttpStatusCode.SeeOther, await StatusOfAsync(own, "officer", "another-password"));
    }

    [SkippableFact]
    public async Task A_browser_that_changed_the_password_is_known_by_the_new_one()
    {
        using var own = await _site.SignedInAsync(Role.Officer);
        using var changed = await own.PostAsync("/account/password", new() { ["old"] = CenterSite.Password, ["new"] = "a-better-password" });
        using var elsewhere = _site.NewBrowser();
        for (var i = 0; i < 12; i++)
            await StatusOfAsync(elsewhere, "officer", "not-the-password");

        Assert.Equal(HttpStatusCode.SeeOther, await StatusOfAsync(own, "officer", "a-better-password"));
    }

    [SkippableFact]
    public async Task A_session_ends_unused_after_half_an_hour_and_used_after_a_working_day_and_a_page_that_refreshes_itself_is_no_use()
    {
        using var left = await _site.SignedInAsync(Role.Officer);
        using var used = await _site.SignedInAsync(Role.Operator);
        for (var minutes = 0; minutes < 12 * 60; minutes += 20)
        {
            Assert.Equal(HttpStatusCode.OK, (await used.GetAsync("/account")).StatusCode);
            using var refreshed = await left.GetAsync("/account", request => request.Headers.Add(CenterPages.RefreshHeader, "1"));
            Assert.Equal(minutes <= 30 ? HttpStatusCode.OK : HttpStatusCode.SeeOther, refreshed.StatusCode);
            _time.Advance(TimeSpan.FromMinutes(20));
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.SeeOther, (await used.GetAsync("/account")).StatusCode);
    }

    [SkippableFact]
    public async Task Who_is_removed_or_reset_is_out_at_once()
    {
        var book = _site.Services.GetRequiredService<AccountBook>();
        using var removed = await _site.SignedInAsync(Role.Auditor);
        using var reset = await _site.SignedInAsync(Role.Manager);

        await book.RemoveAsync("auditor", CancellationToken.None);
        await book.ResetAsync("manager", "another-password", CancellationToken.None);

        Assert.Equal(HttpStatusCode.SeeOther, (await removed.GetAsync("/account")).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await reset.GetAsync("/account")).StatusCode);
    }

    [SkippableFact]
    public async Task The_own_password_is_changed_with_the_old_one_and_ends_the_other_sessions()
    {
        using var here = await _site.SignedInAsync(Role.Officer);
        using var elsewhere = await _site.SignedInAsync(Role.Officer);

        using var wrong = await here.PostAsync("/account/password", new() { ["old"] = "not-the-password", ["new"] = "a-better-password" });
        using var weak = await here.PostAsync("/account/password", new() { ["old"] = CenterSite.Password, ["new"] = "aaaaaaaaaaaa" });
        using var changed = await here.PostAsync("/account/password", new() { ["old"] = CenterSite.Password, ["new"] = "a-better-password" });

        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.SeeOther], [wrong.StatusCode, weak.StatusCode, changed.StatusCode]);
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("/account")).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await elsewhere.GetAsync("/account")).StatusCode);
    }

    [SkippableTheory]
    [InlineData("127.0.0.1", true), InlineData("localhost", true), InlineData("center.test", true), InlineData("elsewhere.example", false)]
    public async Task A_name_that_is_not_ours_is_answered_nothing(string host, bool isOurs)
    {
        using var browser = await _site.SignedInAsync(Role.Officer);
        using var answer = await browser.GetAsync("/account", request => request.Headers.Host = host);

        Assert.Equal(isOurs ? HttpStatusCode.OK : HttpStatusCode.MisdirectedRequest, answer.StatusCode);
    }

    [SkippableFact]
    public async Task A_script_is_slowed_down()
    {
        using var browser = await _site.SignedInAsync(Role.Officer);
        HttpStatusCode last = default;
        for (var i = 0; i < 61; i++) // the clock stands still: no place is filled again
            last = (await browser.GetAsync("/account")).StatusCode;
        Assert.Equal(HttpStatusCode.TooManyRequests, last);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account")).StatusCode);
    }

    [SkippableFact]
    public async Task The_pages_speak_the_browsers_language_or_the_one_that_was_chosen()
    {
        using var browser = _site.NewBrowser();
        Assert.Contains("<html lang=\"zh-Hans\">", await browser.ReadAsync("/sign-in"), StringComparison.Ordinal);

        using var chosen = await browser.PostAsync("/language", new() { ["to"] = "en", ["back"] = "/sign-in" });

        Assert.Equal("/sign-in", chosen.Headers.Location!.ToString());
        Assert.Contains("<html lang=\"en\">", await browser.ReadAsync("/sign-in"), StringComparison.Ordinal);
    }

    /// <summary>Whatever is put into a page as text, only our own tags stand in it.</summary>
    [Fact]
    public void Text_never_becomes_markup() =>
        Prop.ForAll<string>(text => Html.Of($"""<b title="{text}">{text}</b>""").Markup is var markup
            && markup.Count(letter => letter == '<') == 2 && markup.Count(letter => letter == '"') == 2
            && WebUtility.HtmlDecode(markup["<b title=\"".Length..markup.IndexOf('"', "<b title=\"".Length)]) == text).QuickCheckThrowOnFailure();

    private static async Task<HttpStatusCode> StatusOfAsync(CenterSite.Browser browser, string account, string password)
    {
        using var answer = await SignInAsync(browser, account, password);
        return answer.StatusCode;
    }

    private static Task<HttpResponseMessage> SignInAsync(CenterSite.Browser browser, string account, string password, string to = "/") =>
        browser.PostAsync("/sign-in", new() { ["account"] = account, ["password"] = password, ["to"] = to });

    private static string TokenIn(string page) => page.Split("name=\"token\" value=\"")[1].Split('"')[0];
}
