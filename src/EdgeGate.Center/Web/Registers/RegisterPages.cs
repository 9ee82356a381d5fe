using EdgeGate.Access.Registers;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Center.Web.People;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Center.Web.Registers;

/// <summary>The lists gates go by: which there are and which gate has which version, one list with its entries, import, comparison, and the zones.</summary>
internal static class RegisterPages
{
    private const int MostShown = 200, MostFaults = 50, MostAtGates = 300;
    private static readonly string[] Usual = [RegisterBook.Residents, "visitors", "quarantine", "medicine", RegisterBook.Plan];

    public static void Map(CenterPages pages, IServiceProvider services)
    {
        var (book, lists, sites) = (services.GetRequiredService<RegisterBook>(), services.GetRequiredService<GateLists>(), services.GetRequiredService<SiteKeys>());
        pages.MapGet("/registers", Permission.SeeRegisters, visit => OverviewAsync(visit, book, lists, sites), PageSites.Sifted);
        pages.MapGet("/registers/{site}/{name}", Permission.EditRegisters, visit => ListAsync(visit, book, sites, said: Html.None));
        pages.MapPost("/registers/{site}/{name}/import", Permission.EditRegisters, (visit, form) => ImportAsync(visit, form, book, sites));
        pages.MapPost("/registers/{site}/{name}/entry", Permission.EditRegisters, (visit, form) => EntryAsync(visit, form, book, sites));
        pages.MapPost("/registers/{site}/{name}/remove", Permission.EditRegisters, (visit, form) => RemoveAsync(visit, form, book, sites));
        pages.MapPost("/registers/{site}/{name}/details", Permission.ReadDetails, (visit, form) => DetailsAsync(visit, form, book, sites));
        ZonePage.Map(pages, book, sites);
        ComparePage.Map(pages, book, sites);
    }

    public static (string Site, string Name)? Which(Visit visit, SiteKeys sites)
    {
        var (site, name) = ((string)visit.Http.Request.RouteValues["site"]!, (string)visit.Http.Request.RouteValues["name"]!);
        return sites.Sites.Contains(site) && ListWord.IsValid(name) ? (site, name) : null;
    }

    public static IResult NotThere(Visit visit) => visit.Page(visit.Say("没有这份名单", "No such list"), Html.Of($"""<p><a href="/registers">{visit.Say("全部名单", "All lists")}</a></p>"""), StatusCodes.Status404NotFound);

    public static Asker? AskerOf(Visit visit, IFormCollection form) => Asker.Of(visit.Session.Account, form["purpose"].ToString(), out _);

    public static Html NoPurpose(Visit visit) => PeopleWords.FaultLine(visit.Say("请写明用途（至少三个字）。", "Say what it is for, in three characters at least."));

    private static async Task<IResult> OverviewAsync(Visit visit, RegisterBook book, GateLists lists, SiteKeys sites)
    {
        var title = visit.Say("名单", "Lists");
        if (SiteChoice.Of(visit, sites) is not { } site)
            return SiteChoice.NoSite(visit, title);
        var kept = (await book.ListAsync(visit.Gone)).Where(list => list.Site == site).ToList();
        var atGates = (await lists.ListAsync(visit.Gone)).Where(list => list.Site == site).OrderByDescending(list => list.State is ListState.Stale).ThenByDescending(list => list.State is ListState.UnderWay).ToList();
        var rows = kept.Where(list => list.Version > 0).Select(list => Html.Of(
            $"""
            <tr><th scope="row">{Link(visit, list.Site, list.Name)}</th><td class="number">{list.Version}</td><td class="number">{(list.IsPlan ? visit.Say("区域与时段", "zones and hours") : $"{list.Persons}")}</td>
            <td>{visit.When(list.IssuedAt, "MM-dd HH:mm")}</td><td>{(list.Announced >= list.Version ? Html.Of($"""<span class="good">{visit.Say("已发布", "at the broker")}</span>""") : Html.Of($"""<span class="poor">{visit.Say("待发布", "not there yet")}</span>"""))}</td></tr>
            """)).ToList();
        return visit.Page(title, Html.Of(
            $"""
            {SiteChoice.Links(visit, sites, site, "/registers")}
            <div class="scroll" tabindex="0" role="region" aria-label="{title}"><table><caption>{site}</caption><thead><tr><th scope="col">{visit.Say("名单", "List")}</th><th scope="col" class="number">{visit.Say("版本", "Version")}</th><th scope="col" class="number">{visit.Say("人数", "Persons")}</th><th scope="col">{visit.Say("更新", "Changed")}</th><th scope="col">{visit.Say("发布", "Published")}</th></tr></thead>
            <tbody>{rows}{(rows.Count == 0 ? Html.Of($"""<tr><td colspan="5" class="empty">{visit.Say("尚无名单。", "No lists yet.")}</td></tr>""") : Html.None)}</tbody></table></div>
            {(visit.May(Permission.EditRegisters) ? Html.Of($"""<p>{visit.Say("新建或打开：", "Make or open:")} {Usual.Select(name => Html.Of($" {Link(visit, site, name)}"))} · <a href="/registers/compare?site={site}">{visit.Say("比较两份名单", "Compare two lists")}</a></p>""") : Html.None)}
            <h2>{visit.Say("门岗上的版本", "Versions at the gates")}</h2>
            <div id="gates" data-refresh="10"><div class="scroll" tabindex="0" role="region" aria-label="{visit.Say("门岗上的版本", "Versions at the gates")}"><table><thead><tr><th scope="col">{visit.Say("门岗", "Gate")}</th><th scope="col">{visit.Say("名单", "List")}</th><th scope="col" class="number">{visit.Say("现有", "Has")}</th><th scope="col" class="number">{visit.Say("最新", "Newest")}</th><th scope="col">{visit.Say("状态", "State")}</th></tr></thead>
            <tbody>{atGates.Take(MostAtGates).Select(list => GateRow(visit, list))}{(atGates.Count == 0 ? Html.Of($"""<tr><td colspan="5" class="empty">{visit.Say("没有", "None")}</td></tr>""") : Html.None)}</tbody></table></div>{(atGates.Count > MostAtGates ? Html.Of($"""<p class="soft">{visit.Say($"还有 {atGates.Count - MostAtGates} 行，过时的在最前。", $"{atGates.Count - MostAtGates} more; those that are stale come first.")}</p>""") : Html.None)}</div>
            """));
    }

    private static Html GateRow(Visit visit, GateList list)
    {
        var (style, words) = list.State switch
        {
            ListState.Current => ("good", visit.Say("最新", "current")),
            ListState.UnderWay => ("poor", visit.Say("更新中", "under way")),
            ListState.Stale => ("bad", visit.Say("过时", "stale")),
            _ => ("soft", visit.Say("未使用或未收到", "not used, or never got it")),
        };
        return Html.Of(
            $"""
            <tr {Html.If(list.State is ListState.Stale, "class=\"alarm\"")}><th scope="row">{list.Gate}</th><td>{list.Register}</td><td class="number">{(list.Version is { } version ? $"{version}" : "—")}</td><td class="number">{list.Newest}</td><td><span class="{style}">{words}</span></td></tr>
            """);
    }

    private static Html Link(Visit visit, string site, string name) => visit.May(Permission.EditRegisters) ? Html.Of($"""<a href="/registers/{site}/{name}">{name}</a>""") : Html.Of($"{name}");

    private static async Task<IResult> ListAsync(Visit visit, RegisterBook book, SiteKeys sites, Html said, int status = StatusCodes.Status200OK)
    {
        if (Which(visit, sites) is not var (site, name))
            return NotThere(visit);
        return name == RegisterBook.Plan ? await ZonePage.ShowAsync(visit, book, site) : Show(visit, site, name, Html.Of($"{said}{await EntriesAsync(visit, book, site, name)}"), status);
    }

    public static IResult Show(Visit visit, string site, string name, Html body, int status) =>
        visit.Page($"{visit.Say("名单", "List")} {name}", Html.Of($"""<p><a href="/registers?site={site}">{visit.Say("全部名单", "All lists")}</a> · {site}</p>{body}"""), status);

    private static async Task<Html> EntriesAsync(Visit visit, RegisterBook book, string site, string name)
    {
        var beginning = visit.Http.Request.Query["unit"].ToString();
        var entries = await book.FindAsync(site, name, beginning, MostShown, visit.Gone);
        var at = $"/registers/{site}/{name}";
        var version = await book.VersionAsync(site, name, visit.Gone);
        return Html.Of(
            $"""
            <form method="get" action="{at}" class="row"><div><label for="find">{visit.Say("房号开头", "Unit begins with")}</label><input id="find" name="unit" value="{beginning}" maxlength="60"></div><button>{visit.Say("查找", "Find")}</button></form>
            <p class="soft">{visit.Say($"最多显示 {MostShown} 条。", $"At most {MostShown} are shown.")}</p>
            <div class="scroll" tabindex="0" role="region" aria-label="{name}"><table><thead><tr><th scope="col">{visit.Say("房号", "Unit")}</th><th scope="col">{visit.Say("姓名", "Name")}</th><th scope="col">{visit.Say("类别", "Status")}</th><th scope="col">{visit.Say("标签", "Tags")}</th><th scope="col">{visit.Say("有效期", "Valid")}</th><th scope="col">{visit.Say("操作", "Actions")}</th></tr></thead><tbody>
            {entries.Select(entry => EntryRow(visit, at, entry))}{(entries.Count == 0 ? Html.Of($"""<tr><td colspan="6" class="empty">{visit.Say("没有", "None")}</td></tr>""") : Html.None)}</tbody></table></div>
            <div class="columns">
            <form method="post" action="{at}/entry" class="card"><h2>{visit.Say("增加或修改一人", "Add or change one person")}</h2>{visit.FormToken}
              <label for="id">{visit.Say("身份证号（不保存）", "ID number (not kept)")}</label><input id="id" name="id" maxlength="18" autocomplete="off" required>
              <div class="row"><div><label for="name">{visit.Say("姓名", "Name")}</label><input id="name" name="name" maxlength="64" autocomplete="off"></div><div><label for="phone">{visit.Say("电话", "Phone")}</label><input id="phone" name="phone" maxlength="64" inputmode="tel" autocomplete="off"></div></div>
              <div class="row"><div><label for="unit">{visit.Say("房号", "Unit")}</label><input id="unit" name="unit" maxlength="60" placeholder="3-1-502"></div><div><label for="status">{visit.Say("类别", "Status")}</label><input id="status" name="status" maxlength="32" placeholder="resident"></div></div>
              <label for="tags">{visit.Say("标签，空格分开", "Tags, with spaces between")}</label><input id="tags" name="tags" maxlength="200" placeholder="medicine exit-approved@..2026-12-01">
              <div class="row"><div><label for="from">{visit.Say("自", "From")}</label><input id="from" name="from" maxlength="16" placeholder="2026-12-01"></div><div><label for="until">{visit.Say("至", "Until")}</label><input id="until" name="until" maxlength="16" placeholder="2026-12-14 18:00"></div></div>
              {Purpose(visit, "entry-purpose")}<button class="main">{visit.Say("保存", "Save")}</button></form>
            <form method="post" action="{at}/import" enctype="multipart/form-data" class="card"><h2>{visit.Say("导入 CSV", "Import CSV")}</h2>{visit.FormToken}<input type="hidden" name="version" value="{version}">
              <label for="file">{visit.Say("文件", "File")}</label><input id="file" name="file" type="file" accept=".csv,text/csv" required>
              <label for="mode">{visit.Say("方式", "How")}</label><select id="mode" name="mode"><option value="compare">{visit.Say("只比较，不更改", "Compare only, change nothing")}</option><option value="merge">{visit.Say("并入名单", "Add to the list")}</option><option value="replace">{visit.Say("代替整份名单", "Take it as the whole list")}</option><option value="remove">{visit.Say("从名单中去除", "Take these off the list")}</option></select>
              <label for="ignore">{visit.Say("忽略的列", "Columns to pass over")}</label><input id="ignore" name="ignore" maxlength="200">
              {Purpose(visit, "import-purpose")}<button class="main">{visit.Say("导入", "Import")}</button></form>
            </div>
            """);
    }

    /// <summary>The version that a form was filled from; none that ever was where it does not say.</summary>
    public static long FromForm(IFormCollection form) => long.TryParse(form["version"].ToString(), out var version) ? version : -1;

    /// <summary>Headings of columns that a file has beside ours.</summary>
    public static string[] Ignored(IFormCollection form) => form["ignore"].ToString().Split([' ', ',', '，'], StringSplitOptions.RemoveEmptyEntries);

    public static Html Purpose(Visit visit, string id, string typed = "") =>
        Html.Of($"""<label for="{id}">{visit.Say("用途（记入审计）", "What for (on record)")}</label><input id="{id}" name="purpose" maxlength="400" value="{typed}" required>""");

    private static Html EntryRow(Visit visit, string at, RegisterEntry entry) => Html.Of(
        $"""
        <tr><th scope="row">{entry.Unit}</th><td>{entry.MaskedName}</td><td>{entry.Terms.Status}</td><td>{string.Join(' ', entry.Terms.Tags)}</td><td>{entry.Terms.Valid.ToString()}</td>
        <td><details><summary>{visit.Say("操作", "Actions")}</summary>
          <form method="post" class="row">{visit.FormToken}<input type="hidden" name="person" value="{entry.Person.ToString()}"><div><label for="p-{entry.Person.ToString()}">{visit.Say("用途", "What for")}</label><input id="p-{entry.Person.ToString()}" name="purpose" maxlength="400" required></div>
          {(visit.May(Permission.ReadDetails) ? Html.Of($"""<button formaction="{at}/details">{visit.Say("姓名电话", "Name and phone")}</button>""") : Html.None)}
          <button class="danger" formaction="{at}/remove">{visit.Say("去除", "Remove")}</button></form></details></td></tr>
        """);

    private static async Task<IResult> EntryAsync(Visit visit, IFormCollection form, RegisterBook book, SiteKeys sites)
    {
        if (Which(visit, sites) is not var (site, name) || name == RegisterBook.Plan)
            return NotThere(visit);
        if (AskerOf(visit, form) is not { } asker)
            return await ListAsync(visit, book, sites, NoPurpose(visit), StatusCodes.Status400BadRequest);
        string[] columns = ["id", "name", "phone", "unit", "status", "tags", "from", "until"];
        // One line of the table that an import reads: the same checks, in the same words.
        var line = CsvLine.Join(columns) + "\n" + CsvLine.Join(columns.Select(column => form[column].ToString().ReplaceLineEndings(" ").Trim())) + "\n";
        return await ChangeAsync(visit, form, book, sites, site, name, System.Text.Encoding.UTF8.GetBytes(line), "merge", asker);
    }

    private static async Task<IResult> ImportAsync(Visit visit, IFormCollection form, RegisterBook book, SiteKeys sites)
    {
        if (Which(visit, sites) is not var (site, name) || name == RegisterBook.Plan)
            return NotThere(visit);
        if (AskerOf(visit, form) is not { } asker)
            return await ListAsync(visit, book, sites, NoPurpose(visit), StatusCodes.Status400BadRequest);
        if (form.Files.GetFile("file") is not { Length: > 0 } file)
            return await ListAsync(visit, book, sites, PeopleWords.FaultLine(visit.Say("请选择文件。", "Choose a file.")), StatusCodes.Status400BadRequest);
        using var content = new MemoryStream();
        await file.CopyToAsync(content, visit.Gone);
        return await ChangeAsync(visit, form, book, sites, site, name, content.ToArray(), form["mode"].ToString(), asker);
    }

    private static async Task<IResult> ChangeAsync(Visit visit, IFormCollection form, RegisterBook book, SiteKeys sites, string site, string name, byte[] csv, string mode, Asker asker)
    {
        var reading = RegisterFileReading.PersonsOf(csv, sites.Of(site), Ignored(form));
        if (reading.Faults.Count > 0)
            return await ListAsync(visit, book, sites, Faults(visit, reading.Faults), StatusCodes.Status400BadRequest);
        if (mode == "compare")
        {
            var kept = await book.LoadAsync(site, name, visit.Gone);
            var found = await book.CompareAsync(site, new ListSource($"{name}@{kept?.Version ?? 0}", kept?.Persons ?? PersonTable.Empty), ListSource.File(reading), asker, visit.Gone);
            return await ListAsync(visit, book, sites, ComparePage.ResultOf(visit, name, visit.Say("文件", "the file"), found));
        }
        // Only the whole list in place of another undoes what somebody did meanwhile; the rest is meant whatever else is on it.
        long? from = mode == "replace" ? FromForm(form) : null;
        var change = mode == "remove" ? new RegisterChange([], [.. reading.Entries.Select(entry => entry.Person)]) : new RegisterChange(reading.Entries, [], mode == "replace", reading.Details, from);
        var result = await book.ChangeAsync(site, name, change, asker, visit.Gone);
        if (result.IsStale)
        {
            return await ListAsync(visit, book, sites, PeopleWords.FaultLine(visit.Say(
                $"没有更改：您打开本页后，别人已把名单改到第 {result.Version} 版，见下表。请核对后重新选择文件导入。",
                $"Nothing was changed: since you opened this page somebody made version {result.Version} of the list, shown below. Look at it, then choose the file again.")), StatusCodes.Status409Conflict);
        }
        return await ListAsync(visit, book, sites, Html.Of(
            $"""<p class="said" role="status">{visit.Say($"第 {result.Version} 版：增 {result.Added}，改 {result.Changed}，减 {result.Removed}，共 {result.Persons} 人。", $"Version {result.Version}: {result.Added} added, {result.Changed} changed, {result.Removed} removed, {result.Persons} persons.")}</p>"""));
    }

    public static Html Faults(Visit visit, IReadOnlyList<CsvFault> faults) => Html.Of(
        $"""<div class="fault" role="alert"><p>{visit.Say($"没有更改：{faults.Count} 处有误。", $"Nothing was changed: {faults.Count} faults.")}</p><ul>{faults.Take(MostFaults).Select(fault => Html.Of($"<li>{fault.ToString()}</li>"))}</ul></div>""");

    private static async Task<IResult> RemoveAsync(Visit visit, IFormCollection form, RegisterBook book, SiteKeys sites)
    {
        if (Which(visit, sites) is not var (site, name) || !PersonKey.TryParse(form["person"].ToString(), out var person))
            return NotThere(visit);
        if (AskerOf(visit, form) is not { } asker)
            return await ListAsync(visit, book, sites, NoPurpose(visit), StatusCodes.Status400BadRequest);
        await book.ChangeAsync(site, name, new RegisterChange([], [person]), asker, visit.Gone);
        return Visit.Redirect($"/registers/{site}/{name}", "done");
    }

    private static async Task<IResult> DetailsAsync(Visit visit, IFormCollection form, RegisterBook book, SiteKeys sites)
    {
        if (Which(visit, sites) is not var (site, name) || !PersonKey.TryParse(form["person"].ToString(), out var person))
            return NotThere(visit);
        if (AskerOf(visit, form) is not { } asker)
            return await ListAsync(visit, book, sites, NoPurpose(visit), StatusCodes.Status400BadRequest);
        var details = await book.ReadDetailsAsync(site, name, person, asker, visit.Gone);
        return await ListAsync(visit, book, sites, Html.Of($"""<p class="said" role="status">{(details is null ? visit.Say("没有保存姓名和电话。", "No name or phone is kept.") : $"{details.Name} {details.Phone}")}</p>"""));
    }
}
