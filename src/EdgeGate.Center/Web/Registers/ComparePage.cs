using System.Text;
using EdgeGate.Access.Registers;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Center.Web.People;

namespace EdgeGate.Center.Web.Registers;

/// <summary>Two lists beside each other: kept ones, as they stand or as they stood, or a file that somebody brings. Nothing is changed, and each comparison is on record.</summary>
internal static class ComparePage
{
    private const int MostShown = 200;
    private static readonly string[] Sides = ["one", "other"];

    /// <param name="Words">What it is called on the page.</param>
    private sealed record Side(ListSource Source, string Words);

    public static void Map(CenterPages pages, RegisterBook book, SiteKeys sites)
    {
        pages.MapGet("/registers/compare", Permission.EditRegisters, visit => ShowAsync(visit, book, sites, form: null, Html.None, StatusCodes.Status200OK), PageSites.Sifted);
        pages.MapPost("/registers/compare", Permission.EditRegisters, (visit, form) => AnswerAsync(visit, form, book, sites, (one, other, found) =>
            ShowAsync(visit, book, sites, form, ResultOf(visit, one, other, found), StatusCodes.Status200OK)), PageSites.Sifted);
        pages.MapPost("/registers/compare/csv", Permission.EditRegisters, (visit, form) => AnswerAsync(visit, form, book, sites, (_, _, found) => Task.FromResult<IResult>(CsvOf(found))), PageSites.Sifted);
    }

    /// <summary>What differs, with counts; the CSV has all of it.</summary>
    public static Html ResultOf(Visit visit, string one, string other, ListComparison found) => Html.Of(
        $"""
        <section class="card" role="status" aria-labelledby="found"><h2 id="found">{visit.Say("比较结果", "Comparison")}</h2>
        <dl class="figures"><div><dt>{visit.Say("只在甲", "Only in A")}</dt><dd>{found.OnlyInOne.Count}</dd></div><div><dt>{visit.Say("只在乙", "Only in B")}</dt><dd>{found.OnlyInOther.Count}</dd></div><div><dt>{visit.Say("两处不同", "Different")}</dt><dd>{found.Different.Count}</dd></div></dl>
        <p>{visit.Say("甲", "A")}: {one} · {visit.Say("乙", "B")}: {other}</p>
        {(found.Count > MostShown ? Html.Of($"""<p class="soft">{visit.Say($"每项最多显示 {MostShown} 条，CSV 中有全部。", $"At most {MostShown} of each are shown; the CSV has all.")}</p>""") : Html.None)}
        {OnlyIn(visit, visit.Say("只在甲", "Only in A"), found.OnlyInOne)}{OnlyIn(visit, visit.Say("只在乙", "Only in B"), found.OnlyInOther)}{Different(visit, found.Different)}
        </section>
        """);

    private static async Task<IResult> AnswerAsync(Visit visit, IFormCollection form, RegisterBook book, SiteKeys sites, Func<string, string, ListComparison, Task<IResult>> show)
    {
        if (SiteChoice.Of(visit, sites, form) is not { } site)
            return await FaultAsync(PeopleWords.FaultLine(visit.Say("没有这个小区。", "There is no such site.")));
        if (RegisterPages.AskerOf(visit, form) is not { } asker)
            return await FaultAsync(RegisterPages.NoPurpose(visit));
        var sides = new List<Side>();
        foreach (var side in Sides)
        {
            var (read, fault) = await SideAsync(visit, form, book, sites, site, side);
            if (read is null)
                return await FaultAsync(fault);
            sides.Add(read);
        }
        var found = await book.CompareAsync(site, sides[0].Source, sides[1].Source, asker, visit.Gone);
        return await show(sides[0].Words, sides[1].Words, found);

        Task<IResult> FaultAsync(Html fault) => ShowAsync(visit, book, sites, form, fault, StatusCodes.Status400BadRequest);
    }

    /// <returns>Null, and what is wrong, when there is no list of persons to be had.</returns>
    private static async Task<(Side? Side, Html Fault)> SideAsync(Visit visit, IFormCollection form, RegisterBook book, SiteKeys sites, string site, string side)
    {
        var chosen = form[side].ToString();
        if (chosen.Length > 0)
        {
            var (name, at) = chosen.Split('@') is [var list, var version] && long.TryParse(version, out var number) ? (list, number) : ("", 0L);
            return await book.LoadAsync(site, name, at, visit.Gone) is { Plan: null } register
                ? (new Side(new ListSource(chosen, register.Persons), visit.Say($"{name} 第 {at} 版", $"{name} version {at}")), Html.None)
                : (null, PeopleWords.FaultLine(visit.Say($"没有这份名单，或这一版已不再保留：{chosen}。", $"There is no such list, or that version is no longer kept: {chosen}.")));
        }
        if (form.Files.GetFile(side + "-file") is not { Length: > 0 } file)
            return (null, PeopleWords.FaultLine(visit.Say("请为甲、乙各选一份名单，或选择文件。", "Choose a list for A and one for B, or a file.")));
        using var content = new MemoryStream();
        await file.CopyToAsync(content, visit.Gone);
        var reading = RegisterFileReading.PersonsOf(content.ToArray(), sites.Of(site), RegisterPages.Ignored(form));
        return reading.Faults.Count == 0 ? (new Side(ListSource.File(reading), visit.Say("文件", "the file")), Html.None) : (null, RegisterPages.Faults(visit, reading.Faults));
    }

    private static async Task<IResult> ShowAsync(Visit visit, RegisterBook book, SiteKeys sites, IFormCollection? form, Html said, int status)
    {
        var title = visit.Say("比较两份名单", "Compare two lists");
        if (SiteChoice.Of(visit, sites) is not { } site)
            return SiteChoice.NoSite(visit, title);
        var versions = await book.VersionsAsync(site, visit.Gone);
        return visit.Page(title, Html.Of(
            $"""
            <p><a href="/registers?site={site}">{visit.Say("全部名单", "All lists")}</a> · {site}</p>
            {SiteChoice.Links(visit, sites, site, "/registers/compare")}{said}
            <form method="post" action="/registers/compare" enctype="multipart/form-data" class="card">{visit.FormToken}<input type="hidden" name="site" value="{site}">
              <div class="columns">{SideOf("one", visit.Say("甲", "A"))}{SideOf("other", visit.Say("乙", "B"))}</div>
              <label for="ignore">{visit.Say("文件中忽略的列", "Columns of a file to pass over")}</label><input id="ignore" name="ignore" maxlength="200" value="{form?["ignore"].ToString()}">
              {RegisterPages.Purpose(visit, "compare-purpose", form?["purpose"].ToString() ?? "")}
              <p class="row"><button class="main">{visit.Say("比较", "Compare")}</button><button formaction="/registers/compare/csv">{visit.Say("下载 CSV", "Download CSV")}</button></p>
              <p class="soft">{visit.Say("不更改任何名单。文件须重新选择：它不会被保存。", "No list is changed. A file has to be chosen again each time: it is not kept.")}</p></form>
            """), status);

        Html SideOf(string side, string words) => Html.Of(
            $"""
            <fieldset><legend>{words}</legend><label for="{side}">{visit.Say("名单与版本", "List and version")}</label><select id="{side}" name="{side}"><option value="">{visit.Say("下面的文件", "the file below")}</option>
            {versions.GroupBy(version => version.Name).Select(list => Html.Of($"""<optgroup label="{list.Key}">{list.Select((version, index) => OptionOf(version, isNewest: index == 0, form?[side].ToString()))}</optgroup>"""))}</select>
            <label for="{side}-file">{visit.Say("或 CSV 文件", "Or a CSV file")}</label><input id="{side}-file" name="{side}-file" type="file" accept=".csv,text/csv"></fieldset>
            """);

        Html OptionOf(KeptVersion version, bool isNewest, string? chosen)
        {
            var value = $"{version.Name}@{version.Version}";
            return Html.Of($"""<option value="{value}" {Html.If(value == chosen, "selected")}>{version.Name} {version.Version} ({visit.Local(version.IssuedAt):MM-dd HH:mm}){(isNewest ? visit.Say(" 现行", " in force") : "")}</option>""");
        }
    }

    private static Html OnlyIn(Visit visit, string words, IReadOnlyList<RegisterEntry> entries) => entries.Count == 0 ? Html.None : Table(
        words, [visit.Say("房号", "Unit"), visit.Say("姓名", "Name"), visit.Say("类别", "Status")],
        entries.Take(MostShown).Select(entry => Html.Of($"""<tr><th scope="row">{entry.Unit}</th><td>{entry.MaskedName}</td><td>{entry.Terms.Status}</td></tr>""")));

    private static Html Different(Visit visit, IReadOnlyList<DifferingEntry> entries) => entries.Count == 0 ? Html.None : Table(
        visit.Say("两处不同", "Different"), [visit.Say("房号", "Unit"), visit.Say("姓名", "Name"), visit.Say("项目", "Field"), visit.Say("甲", "A"), visit.Say("乙", "B")],
        entries.Take(MostShown).SelectMany(entry => entry.Fields.Select(field => Html.Of(
            $"""<tr><th scope="row">{entry.One.Unit}</th><td>{entry.One.MaskedName}</td><td>{FieldWord(visit, field.Column)}</td><td>{Shown(field.One)}</td><td>{Shown(field.Other)}</td></tr>"""))));

    private static Html Table(string caption, string[] heads, IEnumerable<Html> rows) => Html.Of(
        $"""
        <h3>{caption}</h3><div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table><thead><tr>{heads.Select(head => Html.Of($"""<th scope="col">{head}</th>"""))}</tr></thead><tbody>{rows}</tbody></table></div>
        """);

    private static string Shown(string text) => text.Length == 0 ? "—" : text;

    private static string FieldWord(Visit visit, string column) => column switch
    {
        "name" => visit.Say("姓名", "name"),
        "unit" => visit.Say("房号", "unit"),
        "status" => visit.Say("类别", "status"),
        "valid" => visit.Say("有效期", "valid"),
        "schedule" => visit.Say("时段", "schedule"),
        "gates" => visit.Say("门岗", "gates"),
        _ => visit.Say("标签", "tags"),
    };

    private static Microsoft.AspNetCore.Http.HttpResults.FileContentHttpResult CsvOf(ListComparison found)
    {
        using var text = new StringWriter();
        found.Write(text);
        return TypedResults.File(Encoding.UTF8.GetBytes('\uFEFF' + text.ToString()), "text/csv; charset=utf-8", "comparison.csv");
    }
}
