using System.Text;
using EdgeGate.Center.Web.Accounts;

namespace EdgeGate.Center.Web.Frame;

/// <summary>What stands around every page: head, the way to the other pages, language, the way out.</summary>
internal static class PageFrame
{
    private sealed record NavEntry(string Path, string Zh, string En, Permission Needs);

    private static readonly NavEntry[] Nav =
    [
        new("/fleet", "门岗", "Gates", Permission.SeeFleet),
        new("/trace", "追溯", "Tracing", Permission.Trace),
        new("/files", "在管人员", "Files", Permission.KeepFiles),
        new("/measures", "上门测温", "Measures", Permission.EnterMeasures),
        new("/registers", "名单", "Lists", Permission.SeeRegisters),
        new("/passes", "通行证", "Passes", Permission.IssuePasses),
        new("/notices", "通知", "Notices", Permission.WriteNotices),
        new("/reports", "日报", "Reports", Permission.SeeReports),
        new("/audit", "审计", "Audit", Permission.SeeAudit),
    ];

    /// <summary>What a page may say after a redirect, so that an address can make it say nothing else.</summary>
    private static readonly Dictionary<string, (string Zh, string En)> SaidWords = new()
    {
        ["done"] = ("好了。", "Done."),
        ["sent"] = ("已发送，结果见下表。", "Sent; its result is in the list below."),
        ["password-changed"] = ("密码已更改。", "The password is changed."),
    };

    /// <summary>Words known to <see cref="Visit.Redirect"/>.</summary>
    public static IReadOnlyCollection<string> Said => SaidWords.Keys;

    public static IResult Of(Visit visit, string title, Html body, int status) =>
        TypedResults.Text(Document(visit, title, body), "text/html; charset=utf-8", Encoding.UTF8, status);

    private static string Document(Visit visit, string title, Html body) => Html.Of(
        $"""
        <!doctype html>
        <html lang="{visit.Say("zh-Hans", "en")}">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>{title} · EdgeGate</title>
          <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
          <link rel="stylesheet" href="/assets/center.css">
          <script type="module" src="/assets/center.js"></script>
        </head>
        <body>
          <a class="skip" href="#main">{visit.Say("跳到正文", "Skip to content")}</a>
          <header class="bar">
            <a class="brand" href="/">EdgeGate</a>
            {(visit.IsSignedIn ? NavOf(visit) : Html.None)}
            <div class="who">{LanguageForm(visit)}{(visit.IsSignedIn ? SignedIn(visit) : Html.None)}</div>
          </header>
          <main id="main" tabindex="-1">
            <h1>{title}</h1>
            <p id="link" class="fault" role="status" hidden>{visit.Say("与中心的连接中断，以下内容可能已过时。", "The connection to the center is lost; what stands here may be old.")}</p>
            {SaidNow(visit)}
            {body}
          </main>
        </body>
        </html>
        """).Markup;

    private static Html NavOf(Visit visit)
    {
        var links = Nav.Where(entry => visit.May(entry.Needs) && IsThere(visit, entry.Path)).Select(entry => LinkOf(visit, entry));
        return Html.Of($"""<nav aria-label="{visit.Say("页面", "Pages")}">{links}</nav>""");
    }

    /// <summary>Some pages need keys that not every center has, and some are not for accounts limited to some sites.</summary>
    private static bool IsThere(Visit visit, string path) =>
        visit.Http.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.Any(endpoint => endpoint is RouteEndpoint route && route.RoutePattern.RawText == path
            && (visit.SeesAll || endpoint.Metadata.GetMetadata<PageAccess>() is { Sites: not PageSites.Unlimited }));

    private static Html LinkOf(Visit visit, NavEntry entry)
    {
        var isHere = visit.Http.Request.Path.StartsWithSegments(entry.Path, StringComparison.Ordinal);
        return Html.Of($"""<a href="{entry.Path}" {Html.If(isHere, "aria-current=\"page\"")}>{visit.Say(entry.Zh, entry.En)}</a>""");
    }

    private static Html SignedIn(Visit visit) => Html.Of(
        $"""
        <a href="/account">{visit.Session.Account} <small>{CenterWords.Of(visit, visit.Session.Role)}</small></a>
        <form method="post" action="/sign-out">{visit.FormToken}<button class="quiet">{visit.Say("退出", "Sign out")}</button></form>
        """);

    private static Html LanguageForm(Visit visit)
    {
        // What was asked for by a form cannot be asked for again: then the language changes on the first page.
        var back = HttpMethods.IsGet(visit.Http.Request.Method) ? visit.Http.Request.Path + visit.Http.Request.QueryString.ToString() : "/";
        return Html.Of(
            $"""
            <form method="post" action="/language"><input type="hidden" name="back" value="{back}">
            <button class="quiet" name="to" value="{visit.Say("en", "zh")}" lang="{visit.Say("en", "zh-Hans")}">{visit.Say("English", "中文")}</button></form>
            """);
    }

    private static Html SaidNow(Visit visit) => SaidWords.TryGetValue(visit.Http.Request.Query["said"].ToString(), out var words)
        ? Html.Of($"""<p class="said" role="status">{visit.Say(words.Zh, words.En)}</p>""")
        : Html.None;
}
