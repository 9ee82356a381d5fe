using EdgeGate.Access.Registers;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Center.Web.People;

namespace EdgeGate.Center.Web.Registers;

/// <summary>The risk zones of a site. The form carries the version it was filled from, so that of two people who save at once neither undoes the other unknowingly.</summary>
internal static class ZonePage
{
    private const int EmptyRows = 3;

    public static void Map(CenterPages pages, RegisterBook book, SiteKeys sites) =>
        pages.MapPost("/registers/{site}/{name}/zones", Permission.EditRegisters, (visit, form) => SaveAsync(visit, form, book, sites));

    public static async Task<IResult> ShowAsync(Visit visit, RegisterBook book, string site)
    {
        var now = await book.LoadAsync(site, RegisterBook.Plan, visit.Gone);
        var plan = now?.Plan ?? new SitePlan();
        return RegisterPages.Show(visit, site, RegisterBook.Plan, FormOf(visit, site, now?.Version ?? 0, [.. plan.Zones.Select(TypedZone.Of)], purpose: "", plan), StatusCodes.Status200OK);
    }

    private static async Task<IResult> SaveAsync(Visit visit, IFormCollection form, RegisterBook book, SiteKeys sites)
    {
        if (RegisterPages.Which(visit, sites) is not (var site, RegisterBook.Plan))
            return RegisterPages.NotThere(visit);
        var now = await book.LoadAsync(site, RegisterBook.Plan, visit.Gone);
        var (version, plan) = (now?.Version ?? 0, now?.Plan ?? new SitePlan());
        var typed = form["zone"].Index().Select(item => new TypedZone(item.Item?.Trim() ?? "", form["risk"].ElementAtOrDefault(item.Index) ?? "", form["units"].ElementAtOrDefault(item.Index))).Where(zone => zone.Name.Length > 0).ToList();
        if (RegisterPages.AskerOf(visit, form) is not { } asker)
            return Again(RegisterPages.NoPurpose(visit), RegisterPages.FromForm(form), StatusCodes.Status400BadRequest);
        var zones = typed.Select(zone => zone.Zone).ToList();
        if (zones.Contains(null))
            return Again(PeopleWords.FaultLine(visit.Say("没有更改：有一行不完整。", "Nothing was changed: a row is not whole.")), RegisterPages.FromForm(form), StatusCodes.Status400BadRequest);
        if (RegisterPages.FromForm(form) == version)
        {
            var result = await book.ChangePlanAsync(site, plan with { Zones = [.. zones.OfType<Zone>()] }, asker, visit.Gone, version);
            if (!result.IsStale)
                return Visit.Redirect($"/registers/{site}/{RegisterBook.Plan}", "done");
            now = await book.LoadAsync(site, RegisterBook.Plan, visit.Gone);
            (version, plan) = (now!.Version, now.Plan!);
        }
        return Again(Newer(visit, version, plan), version, StatusCodes.Status409Conflict);

        // What was typed stays: it is the page that is asked again, not the person.
        IResult Again(Html said, long from, int status) =>
            RegisterPages.Show(visit, site, RegisterBook.Plan, Html.Of($"{said}{FormOf(visit, site, from, typed, form["purpose"].ToString(), plan)}"), status);
    }

    /// <summary>What somebody else made meanwhile, above what the person typed.</summary>
    private static Html Newer(Visit visit, long version, SitePlan plan) => Html.Of(
        $"""
        <section class="card" aria-labelledby="newer"><p class="fault" role="alert">{visit.Say($"没有保存：您打开本页后，别人已保存第 {version} 版。您填写的内容还在下面；核对后再保存，就会代替第 {version} 版。", $"Not saved: since you opened this page somebody saved version {version}. What you typed is still below; saving it again puts it in place of version {version}.")}</p>
        <h2 id="newer">{visit.Say($"现行第 {version} 版", $"Version {version}, in force now")}</h2>
        <div class="scroll" tabindex="0" role="region" aria-label="{visit.Say("现行区域", "Zones in force")}"><table><thead><tr><th scope="col">{visit.Say("区域", "Zone")}</th><th scope="col">{visit.Say("风险", "Risk")}</th><th scope="col">{visit.Say("房号开头", "Units begin with")}</th></tr></thead>
        <tbody>{plan.Zones.Select(zone => Html.Of($"""<tr><th scope="row">{zone.Name}</th><td>{RiskWord(visit, zone.Risk)}</td><td>{string.Join(' ', zone.Units)}</td></tr>"""))}{(plan.Zones.Count == 0 ? Html.Of($"""<tr><td colspan="3" class="empty">{visit.Say("没有", "None")}</td></tr>""") : Html.None)}</tbody></table></div></section>
        """);

    private static Html FormOf(Visit visit, string site, long version, IReadOnlyList<TypedZone> zones, string purpose, SitePlan plan)
    {
        var rows = zones.Concat(Enumerable.Repeat(new TypedZone("", RiskLevel.Low.ToString(), ""), EmptyRows)).Index().Select(item => Html.Of(
            $"""
            <div class="row"><div><label for="zone-{item.Index}">{visit.Say("区域", "Zone")}</label><input id="zone-{item.Index}" name="zone" value="{item.Item.Name}" maxlength="32"></div>
            <div><label for="risk-{item.Index}">{visit.Say("风险", "Risk")}</label><select id="risk-{item.Index}" name="risk">{Enum.GetValues<RiskLevel>().Select(risk => Html.Of($"""<option value="{risk.ToString()}" {Html.If(risk.ToString() == item.Item.Risk, "selected")}>{RiskWord(visit, risk)}</option>"""))}</select></div>
            <div><label for="units-{item.Index}">{visit.Say("房号开头，空格分开", "Units begin with, spaces between")}</label><input id="units-{item.Index}" name="units" value="{item.Item.Units}" maxlength="400" placeholder="3- 4-"></div></div>
            """));
        return Html.Of(
            $"""
            <form method="post" action="/registers/{site}/{RegisterBook.Plan}/zones" class="card"><h2>{visit.Say("风险区域", "Risk zones")}</h2>{visit.FormToken}<input type="hidden" name="version" value="{version}">
            <p class="soft">{visit.Say("高：不出户；中：不出区；低：正常出入。名称为空的行不保存。", "High: nobody leaves home. Medium: nobody leaves the area. Low: free. A row without a name is not kept.")}</p>
            {rows}{RegisterPages.Purpose(visit, "zone-purpose", purpose)}<button class="main">{visit.Say("保存并发布", "Save and publish")}</button></form>
            <p class="soft">{visit.Say("时段与假日", "Hours and holidays")}: {plan.Schedules.Count} / {plan.Holidays.Count} — edgegate-center register import plan plan.json</p>
            """);
    }

    private static string RiskWord(Visit visit, RiskLevel risk) => risk switch { RiskLevel.High => visit.Say("高", "high"), RiskLevel.Medium => visit.Say("中", "medium"), _ => visit.Say("低", "low") };

    /// <summary>One row as it was typed.</summary>
    /// <param name="Units">Null when the row came without.</param>
    private sealed record TypedZone(string Name, string Risk, string? Units)
    {
        public static TypedZone Of(Zone zone) => new(zone.Name, zone.Risk.ToString(), string.Join(' ', zone.Units));

        /// <summary>Null when it is none.</summary>
        public Zone? Zone => Units is not null && Enum.TryParse<RiskLevel>(Risk, out var risk) && Enum.IsDefined(risk) ? new Zone(Name, risk, Units.Split([' ', ',', '，'], StringSplitOptions.RemoveEmptyEntries)) : null;
    }
}
