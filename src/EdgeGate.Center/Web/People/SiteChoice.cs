using EdgeGate.Center.Registers;
using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.People;

/// <summary>Which site a page is about: the one that its address, or the form that it answers, names; else the first of the settings.</summary>
internal static class SiteChoice
{
    /// <summary>Null when the settings name no site that the account sees.</summary>
    public static string? Of(Visit visit, SiteKeys sites) => Seen(visit, sites).FirstOrDefault(site => site == NamedBy(visit.Http.Request)) ?? Seen(visit, sites).FirstOrDefault();

    /// <summary>The site that a form is about; null when it names none of the settings that the account sees.</summary>
    public static string? Of(Visit visit, SiteKeys sites, IFormCollection form) => Seen(visit, sites).FirstOrDefault(site => site == form["site"].ToString());

    private static IEnumerable<string> Seen(Visit visit, SiteKeys sites) => sites.Sites.Where(visit.Sees);

    /// <summary>Whoever made a mistake in a form must not find the next one filled in for another site.</summary>
    private static string NamedBy(HttpRequest request) =>
        request.Query["site"].ToString() is { Length: > 0 } asked ? asked : HttpMethods.IsPost(request.Method) ? request.Form["site"].ToString() : ""; // read already, for its token

    /// <summary>Links to the other sites; nothing where there is one only.</summary>
    public static Html Links(Visit visit, SiteKeys sites, string chosen, string path) => Seen(visit, sites).Skip(1).FirstOrDefault() is null ? Html.None : Html.Of(
        $"""<nav class="row" aria-label="{visit.Say("小区", "Sites")}">{Seen(visit, sites).Select(site => Html.Of($"""<a href="{path}?site={site}" {Html.If(site == chosen, "aria-current=\"page\"")}>{site}</a>"""))}</nav>""");

    public static IResult NoSite(Visit visit, string title) => visit.Page(title, Html.Of(
        $"""<p class="warn">{(visit.Session.Sites is null ? visit.Say("设置中没有小区（sites）。", "The settings name no site (sites).") : visit.Say("您的账号所限的小区不在设置中，请与管理员联系。", "The settings name none of the sites that your account is for: ask who manages the accounts."))}</p>"""));
}
