using EdgeGate.Center.People;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.People;

/// <summary>For who goes from door to door with a thermometer: the open files by unit, with one field each, and nothing else of them.</summary>
internal static class MeasurePages
{
    public static void Map(CenterPages pages, IServiceProvider services)
    {
        var (files, sites) = (services.GetRequiredService<PersonFiles>(), services.GetRequiredService<SiteKeys>());
        pages.MapGet("/measures", Permission.EnterMeasures, visit => PageAsync(visit, files, sites, fault: null));
        pages.MapPost("/measures", Permission.EnterMeasures, async (visit, form) =>
            PeopleWords.TemperatureOf(form) is not { } celsius ? await PageAsync(visit, files, sites, PeopleWords.NoTemperature(visit))
            : FormReading.Whole(form["file"].ToString(), 1, int.MaxValue) is { } id
                && await files.MeasureAsync(id, new MeasureWords(celsius, ""), visit.Session.Account, MeasureSource.Guard, household: null, visit.Gone) ? Visit.Redirect($"/measures?site={SiteChoice.Of(visit, sites)}", "done")
            : await PageAsync(visit, files, sites, visit.Say("没有记录：档案未在观察中。", "Not kept: the file is not open.")));
    }

    private static async Task<IResult> PageAsync(Visit visit, PersonFiles files, SiteKeys sites, string? fault)
    {
        var title = visit.Say("上门测温", "Measures from door to door");
        if (SiteChoice.Of(visit, sites) is not { } site)
            return SiteChoice.NoSite(visit, title);
        var all = await files.ListAsync(site, Asker.Of(visit.Session.Account, "measures from door to door", out _)!, visit.Gone);
        var open = all.Where(file => file.State is FileState.Open).OrderBy(file => file.MissingSince is null).ThenBy(file => file.Unit, StringComparer.Ordinal).ToList();
        return visit.Page(title, Html.Of(
            $"""
            {SiteChoice.Links(visit, sites, site, "/measures")}{PeopleWords.FaultLine(fault)}
            {(open.Count == 0 ? Html.Of($"""<p class="empty">{visit.Say("没有在管人员。", "Nobody is under observation.")}</p>""") : Html.None)}
            <div class="columns">{open.Select(file => Card(visit, site, file))}</div>
            """), fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static Html Card(Visit visit, string site, FileSummary file) => Html.Of(
        $"""
        <form method="post" action="/measures" class="card"><h2>{file.Unit} · {file.MaskedName}</h2>{visit.FormToken}<input type="hidden" name="site" value="{site}"><input type="hidden" name="file" value="{file.Id}">
          <p>{(file.MissingSince is { } due ? Html.Of($"""<span class="bad">{visit.Say("缺测，应于", "missing since")} {visit.When(due, "MM-dd HH:mm")}</span>""") : Html.Of($"""<span class="soft">{visit.Say("最近", "last")} {visit.When(file.LastMeasure?.At, "MM-dd HH:mm")}</span>"""))}</p>
          {PeopleWords.TemperatureField(visit, $"celsius-{file.Id}")}<button class="main">{visit.Say("记录", "Keep")}</button></form>
        """);
}
