using System.Net;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Web.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace EdgeGate.Center.Web.Frame;

/// <summary>What an endpoint asks of whoever calls it; stands in its metadata, where a test reads it of every one.</summary>
/// <param name="Permission">Null for what is open to anybody.</param>
internal sealed record PageAccess(Permission? Permission, PageSites Sites);

/// <summary>What an endpoint gives to an account that is limited to some sites.</summary>
internal enum PageSites
{
    /// <summary>Nothing, as if it were not there: what nobody thought about shows nobody another site.</summary>
    Unlimited,

    /// <summary>The sites in its address that are the account's; checked before it is asked. Every endpoint with a {site} in its pattern.</summary>
    OfAddress,

    /// <summary>It sifts by <see cref="Visit.Sees"/> itself.</summary>
    Sifted,

    /// <summary>All of it: there is nothing of any site in it.</summary>
    Independent,
}

/// <summary>
/// The one way into every page of the center: over https or on this machine, by a name of ours, signed in, of a role that may, from our own
/// page, within the rate. What is mapped through this cannot forget a check.
/// </summary>
internal sealed class CenterPages(IEndpointRouteBuilder routes)
{
    public const string FormTokenField = "token";

    /// <summary>Sent by a page that refreshes itself: looking on is no use of the session.</summary>
    public const string RefreshHeader = "X-Refresh";

    /// <summary>The browser sends a cookie of this name back only over https, to this very host, for every path.</summary>
    private const string SecureCookie = "__Host-center";
    private const string LocalCookie = "center";
    private static readonly TimeSpan BrowserIsKnownFor = TimeSpan.FromDays(366);

    /// <summary>The header that says what a page may use of its device.</summary>
    public const string PermissionsPolicy = "Permissions-Policy";

    // Forms go to ourselves, pictures and scripts come from ourselves, and nothing else is loaded from anywhere.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private readonly AccountSessions _sessions = routes.ServiceProvider.GetRequiredService<AccountSessions>();
    private readonly RequestRates _rates = routes.ServiceProvider.GetRequiredService<RequestRates>();
    private readonly HostCheck _hosts = routes.ServiceProvider.GetRequiredService<HostCheck>();
    private readonly TimeProvider _time = routes.ServiceProvider.GetRequiredService<TimeProvider>();

    /// <summary>A page, or something to download.</summary>
    public void MapGet(string path, Permission needs, Func<Visit, Task<IResult>> answer, PageSites sites = PageSites.Unlimited)
    {
        var access = AccessOf(path, needs, sites);
        routes.MapGet(path, http => AnswerAsync(http, async () =>
        {
            var (refused, visit) = await ObjectionAsync(http, access);
            return visit is null ? refused! : await answer(visit);
        })).WithMetadata(access);
    }

    /// <summary>A change; its form carries the session's token.</summary>
    /// <param name="change">Answers with <see cref="Visit.Redirect"/>, or with the page and what is wrong with the form.</param>
    public void MapPost(string path, Permission needs, Func<Visit, IFormCollection, Task<IResult>> change, PageSites sites = PageSites.Unlimited)
    {
        var access = AccessOf(path, needs, sites);
        routes.MapPost(path, http => AnswerAsync(http, async () =>
        {
            var (refused, visit) = await ObjectionAsync(http, access);
            if (visit is null)
                return refused!;
            return HostCheck.IsSameSite(http.Request) && await FormAsync(http) is { } form && IsToken(form[FormTokenField].ToString(), visit.Session)
                ? await change(visit, form)
                : NotFromHere(visit);
        })).WithMetadata(access);
    }

    private static PageAccess AccessOf(string path, Permission needs, PageSites sites) =>
        new(needs, path.Contains("{site}", StringComparison.Ordinal) ? PageSites.OfAddress : sites);

    /// <summary>For what nobody need sign in for: the sign-in itself, style, and pages that have their own way of knowing people.</summary>
    public void MapOpenGet(string path, Func<Visit, Task<IResult>> answer) =>
        routes.MapGet(path, http => AnswerAsync(http, async () => Unreachable(http) ?? await answer(new Visit(http, null, _time)))).WithMetadata(new PageAccess(Permission: null, PageSites.Independent));

    /// <inheritdoc cref="MapOpenGet"/>
    /// <remarks>Sent from our own page, or it is refused.</remarks>
    public void MapOpenPost(string path, Func<Visit, IFormCollection, Task<IResult>> change) =>
        routes.MapPost(path, http => AnswerAsync(http, async () =>
        {
            if (Unreachable(http) is { } refused)
                return refused;
            var visit = new Visit(http, null, _time);
            return HostCheck.IsSameSite(http.Request) && await FormAsync(http) is { } form ? await change(visit, form) : NotFromHere(visit);
        })).WithMetadata(new PageAccess(Permission: null, PageSites.Independent));

    public static string? CookieOf(HttpContext http) => http.Request.Cookies[http.Request.IsHttps ? SecureCookie : LocalCookie];

    /// <param name="value">Null takes the cookie away.</param>
    public static void SetSessionCookie(HttpContext http, string? value)
    {
        var (name, options) = (http.Request.IsHttps ? SecureCookie : LocalCookie, CookieOptionsOf(http));
        if (value is null)
            http.Response.Cookies.Delete(name, options);
        else
            http.Response.Cookies.Append(name, value, options);
    }

    /// <summary>By which an account's own browser is known; one of each account, since several people sign in at one desk.</summary>
    public static string? BrowserCookieOf(HttpContext http, string account) => http.Request.Cookies[BrowserCookieName(http, account)];

    public static void SetBrowserCookie(HttpContext http, string account, string value)
    {
        var options = CookieOptionsOf(http);
        options.MaxAge = BrowserIsKnownFor;
        http.Response.Cookies.Append(BrowserCookieName(http, account), value, options);
    }

    private static string BrowserCookieName(HttpContext http, string account) => $"{(http.Request.IsHttps ? SecureCookie : LocalCookie)}-browser-{account}";

    /// <summary>Until the browser is closed; for no script, and for no request that another site began.</summary>
    public static CookieOptions CookieOptionsOf(HttpContext http) =>
        new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, Path = "/", IsEssential = true };

    private async Task AnswerAsync(HttpContext http, Func<Task<IResult>> answer)
    {
        SetHeaders(http.Response.Headers);
        IResult result;
        try
        {
            result = await answer();
        }
        catch (PostgresException unstorable) when (unstorable.SqlState is PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter)
        {
            var visit = new Visit(http, null, _time); // U+0000, which nobody types
            result = visit.Page(visit.Say("没有接受", "Not taken"), Html.Of($"<p>{visit.Say("其中有不能保存的字符。", "There is a character in it that cannot be kept.")}</p>"), StatusCodes.Status400BadRequest);
        }
        catch (Exception unavailable) when (unavailable is NpgsqlException or TimeoutException)
        {
            var visit = new Visit(http, null, _time);
            result = visit.Page(visit.Say("数据库暂时不可用", "The database is not there"), Html.Of($"<p>{visit.Say("请稍后再试。", "Please try again soon.")}</p>"), StatusCodes.Status503ServiceUnavailable);
        }
        catch (CenterSettingsException)
        {
            // Which file it is stands in no page that strangers may see.
            var visit = new Visit(http, null, _time);
            result = visit.Page(visit.Say("密钥暂时不可用", "A key is not there"), Html.Of($"<p>{visit.Say("中心读不到所需的密钥文件。请联系运维。", "The center cannot read a key file that this needs. Please tell its operator.")}</p>"), StatusCodes.Status503ServiceUnavailable);
        }
        await result.ExecuteAsync(http);
    }

    /// <summary>Why nobody is answered here at all; null when they are.</summary>
    private ContentHttpResult? Unreachable(HttpContext http)
    {
        var isLocal = http.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from);
        return !_hosts.IsOurs(http.Request.Host) ? TypedResults.Text("not this host", statusCode: StatusCodes.Status421MisdirectedRequest)
            : !http.Request.IsHttps && !isLocal ? TypedResults.Text("pages are served by https only", statusCode: StatusCodes.Status403Forbidden) // passwords never cross a wire in the clear
            : null;
    }

    /// <returns>A visit, or why there is none.</returns>
    private async Task<(IResult? Refused, Visit? Visit)> ObjectionAsync(HttpContext http, PageAccess access)
    {
        if (Unreachable(http) is { } unreachable)
            return (unreachable, null);
        var cookie = CookieOf(http);
        if (await _sessions.FindAsync(cookie, isUse: !http.Request.Headers.ContainsKey(RefreshHeader), http.RequestAborted) is not { } session)
            return (HttpMethods.IsGet(http.Request.Method) ? Visit.Redirect($"/sign-in?to={Uri.EscapeDataString(http.Request.Path + http.Request.QueryString)}") : Visit.Redirect("/sign-in"), null);
        var visit = new Visit(http, session, _time);
        if (!_rates.MayAskNow(cookie!))
        {
            http.Response.Headers.RetryAfter = "1";
            return (visit.Page(visit.Say("太快了", "Too fast"), Html.Of($"<p>{visit.Say("请稍等片刻再试。", "Please wait a moment.")}</p>"), StatusCodes.Status429TooManyRequests), null);
        }
        return visit.May(access.Permission!.Value) ? IsThere(visit, access.Sites) ? (null, visit) : (NoSuchPage(visit), null)
            : (visit.Page(visit.Say("无权限", "Not allowed"), Html.Of($"<p>{visit.Say("您的账号不能使用这一页。", "Your account may not use this page.")}</p>"), StatusCodes.Status403Forbidden), null);
    }

    /// <summary>For an account limited to some sites what is of others is not there, whether there is such a thing or not.</summary>
    private static bool IsThere(Visit visit, PageSites sites) => visit.SeesAll || sites switch
    {
        PageSites.OfAddress => visit.Http.Request.RouteValues["site"] is string site && visit.Sees(site),
        PageSites.Sifted or PageSites.Independent => true,
        _ => false,
    };

    public static IResult NoSuchPage(Visit visit) => visit.Page(
        visit.Say("没有这一页", "There is no such page"), Html.Of($"""<p><a href="/">{visit.Say("去首页", "To the first page")}</a></p>"""), StatusCodes.Status404NotFound);

    private static IResult NotFromHere(Visit visit) => visit.Page(
        visit.Say("没有接受", "Not taken"),
        Html.Of($"<p>{visit.Say("这份表单不是从本页发来的，或已经过期。请返回、刷新后再试。", "This form did not come from our page, or is too old. Go back, reload, and try again.")}</p>"),
        StatusCodes.Status403Forbidden);

    /// <summary>Null when it is no form, or larger than any form of ours.</summary>
    private static async Task<IFormCollection?> FormAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType)
            return null;
        try
        {
            return await http.Request.ReadFormAsync(http.RequestAborted);
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }
    }

    private static bool IsToken(string written, AccountSession session) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(written), Encoding.ASCII.GetBytes(session.FormToken));

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store"; // the next person at this browser must not find it
        headers["Referrer-Policy"] = "same-origin"; // with no-referrer a form's origin would be hidden from ourselves too
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers[PermissionsPolicy] = "camera=(), microphone=(), geolocation=()";
    }
}
