using System.Buffers.Text;
using System.Globalization;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Center.People;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Messages.Privacy;

namespace EdgeGate.Center.Web.People;

/// <summary>Person files: the list with the plan of the estate, one file, and what is done with it.</summary>
internal static class FilePages
{
    private const int LongestWords = 500, LongestName = 64, LongestUnit = 60, FirstDays = 14;

    public static void Map(CenterPages pages, IServiceProvider services)
    {
        var (files, sites, book, buildings) = (services.GetRequiredService<PersonFiles>(), services.GetRequiredService<SiteKeys>(), services.GetRequiredService<RegisterBook>(), services.GetRequiredService<BuildingPlaces>());
        pages.MapGet("/files", Permission.KeepFiles, visit => ListAsync(visit, files, sites, buildings, fault: null));
        pages.MapPost("/files", Permission.KeepFiles, async (visit, form) =>
        {
            var (id, fault) = await OpenAsync(visit, form, files, sites, book);
            return id is { } opened ? Visit.Redirect($"/files/{opened}", "done") : await ListAsync(visit, files, sites, buildings, fault);
        });
        pages.MapPost("/files/plan", Permission.KeepFiles, async (visit, form) =>
        {
            if (SiteChoice.Of(visit, sites, form) is not { } site || EstatePlan.Read(form["places"].ToString()) is not { } places)
                return await ListAsync(visit, files, sites, buildings, visit.Say("没有更改：每行应为 楼栋 x y 宽 高。", "Nothing was changed: each line must be building, x, y, width, height."), form);
            return await buildings.PlaceAsync(site, form["was"].ToString(), places, visit.Gone)
                ? Visit.Redirect($"/files?site={site}", "done")
                : await ListAsync(visit, files, sites, buildings, visit.Say("没有更改：您打开本页后，别人已经改过楼栋位置，图上是现在的样子。您填写的还在下面；再保存就会代替它。", "Nothing was changed: since you opened this page somebody else has placed the buildings, as the picture shows them now. What you typed is still below; saving it again puts it in place of that."), form);
        });
        pages.MapGet("/files/{id:long}", Permission.KeepFiles, visit => FileAsync(visit, files, fault: null));
        pages.MapPost("/files/{id:long}/measure", Permission.KeepFiles, (visit, form) => MeasureAsync(visit, form, files));
        Change("accept", async (visit, form, who) => form["unit"].ToString().Trim() is { Length: <= LongestUnit } unit && await files.AcceptAsync(
            IdOf(visit), unit, visit.LocalTime(form["until"].ToString()) ?? visit.Time.GetUtcNow().AddDays(FirstDays), DetailsOf(form), who, visit.Gone));
        Change("dismiss", (visit, form, who) => files.DismissAsync(IdOf(visit), Words(form), who, visit.Gone));
        Change("note", async (visit, form, who) => Words(form).Length > 0 && await files.NoteAsync(IdOf(visit), Words(form), who, visit.Gone));
        Change("contact", async (visit, form, who) => form["contact"].ToString().Trim() is { Length: <= 64 } contact && await files.BindContactAsync(IdOf(visit), form["was"].ToString() is { Length: > 0 } was ? was : null, contact.Length > 0 ? contact : null, who, visit.Gone));
        Change("extend", async (visit, form, who) => visit.LocalTime(form["until"].ToString()) is { } until
            && DateTimeOffset.TryParseExact(form["was"].ToString(), "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var was) && await files.ExtendAsync(IdOf(visit), was, until, Words(form), who, visit.Gone));
        Change("release", (visit, form, who) => files.ReleaseAsync(IdOf(visit), Words(form), who, visit.Gone));

        void Change(string what, Func<Visit, IFormCollection, Asker, Task<bool>> change) => pages.MapPost($"/files/{{id:long}}/{what}", Permission.KeepFiles, async (visit, form) =>
            await change(visit, form, AskerOf(visit))
                ? Visit.Redirect($"/files/{IdOf(visit)}", "done")
                : await FileAsync(visit, files, visit.Say("没有更改：填写有误，或别人已经改过这份档案，本页是现在的样子。您填写的还在。", "Nothing was changed: something in the form is wrong, or somebody else has changed the file since, and this page shows it as it is now. What you typed is still there."), form));
    }

    private static long IdOf(Visit visit) => long.Parse((string)visit.Http.Request.RouteValues["id"]!, CultureInfo.InvariantCulture);

    /// <summary>Taking care of files is itself the purpose; the audit says which.</summary>
    private static Asker AskerOf(Visit visit) => Asker.Of(visit.Session.Account, "care of persons under observation", out _)!;

    private static string Words(IFormCollection form) => Cut(form, "words", LongestWords);

    private static FileDetails DetailsOf(IFormCollection form) => new(Cut(form, "name", LongestName), Cut(form, "phone", LongestName), Words(form));

    private static string Cut(IFormCollection form, string field, int longest)
    {
        var text = form[field].ToString().Trim();
        return text.Length > longest ? text[..longest] : text;
    }

    private static async Task<(long? Id, string? Fault)> OpenAsync(Visit visit, IFormCollection form, PersonFiles files, SiteKeys sites, RegisterBook book)
    {
        if (SiteChoice.Of(visit, sites, form) is not { } site)
            return (null, visit.Say("没有这个小区。", "There is no such site."));
        var number = form["number"].ToString().Trim();
        if (!CitizenNumber.TryParse(number, out var citizen) || !citizen.HasValidCheckDigit)
            return (null, visit.Say("身份证号不对：请检查位数和校验码。", "That is no ID number: check its length and check digit."));
        if (!Enum.TryParse<FileKind>(form["kind"].ToString(), out var kind) || !Enum.IsDefined(kind))
            return (null, visit.Say("请选择原因。", "Choose a cause."));
        if (visit.LocalTime(form["until"].ToString()) is not { } until)
            return (null, visit.Say("请填写观察截止时间。", "Say until when."));
        var details = DetailsOf(form);
        if (details.Name.Length == 0)
            return (null, visit.Say("请填写姓名。", "Give the name."));
        var person = Base64Url.DecodeFromChars(sites.Of(site).KeyOfIdNumber(number)); // the number itself goes no further
        var resident = await book.FindAsync(site, RegisterBook.Residents, new PersonKey(person), visit.Gone);
        var unit = form["unit"].ToString().Trim() is { Length: > 0 and <= LongestUnit } written ? written : resident?.Unit ?? "";
        var id = await files.OpenAsync(new NewFile(site, person, MaskedName.Of(details.Name) ?? "", unit, kind, until, details), AskerOf(visit), visit.Gone);
        return (id, id is null ? visit.Say("此人已有同一原因的档案。", "There is a file of this person for this cause already.") : null);
    }

    private static async Task<IResult> MeasureAsync(Visit visit, IFormCollection form, PersonFiles files) => PeopleWords.TemperatureOf(form) is not { } celsius
        ? await FileAsync(visit, files, PeopleWords.NoTemperature(visit))
        : await files.MeasureAsync(IdOf(visit), new MeasureWords(celsius, Words(form)), visit.Session.Account, MeasureSource.Officer, household: null, visit.Gone)
            ? Visit.Redirect($"/files/{IdOf(visit)}", "done")
            : await FileAsync(visit, files, visit.Say("没有记录：档案未在观察中。", "Not kept: the file is not open."));

    private static async Task<IResult> ListAsync(Visit visit, PersonFiles files, SiteKeys sites, BuildingPlaces buildings, string? fault, IFormCollection? typed = null)
    {
        var title = visit.Say("在管人员", "Persons under observation");
        if (SiteChoice.Of(visit, sites) is not { } site)
            return SiteChoice.NoSite(visit, title);
        var all = await files.ListAsync(site, AskerOf(visit), visit.Gone);
        var open = all.Where(file => file.State is FileState.Open).OrderBy(file => file.MissingSince ?? DateTimeOffset.MaxValue).ThenBy(file => file.Unit, StringComparer.Ordinal).ToList();
        var proposed = all.Where(file => file.State is FileState.Proposed).ToList();
        var closed = all.Where(file => file.State is FileState.Released or FileState.Dismissed).ToList();
        var laidOut = await buildings.LaidOutAsync(site, visit.Gone);
        var places = await buildings.PlacesAsync(site, open.Select(file => file.Building), visit.Gone);
        return visit.Page(title, Html.Of(
            $"""
            {SiteChoice.Links(visit, sites, site, "/files")}
            {PeopleWords.FaultLine(fault)}
            <dl class="figures">
              <div><dt>{visit.Say("在管", "Open")}</dt><dd>{open.Count}</dd></div>
              <div><dt>{visit.Say("缺测", "Measures missing")}</dt><dd>{open.Count(file => file.MissingSince is not null)}</dd></div>
              <div><dt>{visit.Say("发热", "With fever")}</dt><dd>{open.Count(file => file.LastMeasure?.IsFever == true)}</dd></div>
              <div><dt>{visit.Say("待定", "Proposed")}</dt><dd>{proposed.Count}</dd></div>
            </dl>
            {(proposed.Count == 0 ? Html.None : Table(visit, visit.Say("门岗提出，待决定", "Proposed by gates, to be decided"), proposed))}
            {Table(visit, visit.Say("在管", "Open"), open)}
            <section class="card" aria-labelledby="plan-head"><h2 id="plan-head">{visit.Say("平面图", "Plan")}</h2>{EstatePlan.Of(visit, places, open)}
              <details class="no-print" {Html.If(typed is not null, "open")}><summary>{visit.Say("楼栋位置", "Where the buildings stand")}</summary><form method="post" action="/files/plan">{visit.FormToken}<input type="hidden" name="site" value="{site}"><input type="hidden" name="was" value="{laidOut}">
              <label for="places">{visit.Say("每行：楼栋 x y 宽 高", "Each line: building, x, y, width, height")}</label><textarea id="places" name="places" class="code" maxlength="20000">{typed?["places"].ToString() ?? string.Join('\n', places.Select(place => $"{place.Building} {place.X} {place.Y} {place.Width} {place.Height}"))}</textarea><button>{visit.Say("保存", "Save")}</button></form></details></section>
            {OpenForm(visit, site)}
            {(closed.Count == 0 ? Html.None : Table(visit, visit.Say("已结束，保留期内", "Closed, still kept"), closed))}
            """), fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static Html Table(Visit visit, string caption, List<FileSummary> files) => Html.Of(
        $"""
        <div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption><thead><tr>
          <th scope="col">{visit.Say("档案", "File")}</th><th scope="col">{visit.Say("房号", "Unit")}</th><th scope="col">{visit.Say("原因", "Cause")}</th>
          <th scope="col">{visit.Say("最近体温", "Last measure")}</th><th scope="col">{visit.Say("门", "Door")}</th><th scope="col">{visit.Say("自", "Since")}</th><th scope="col">{visit.Say("至", "Until")}</th></tr></thead><tbody>
        {files.Select(file => Row(visit, file))}
        {(files.Count == 0 ? Html.Of($"""<tr><td colspan="7" class="empty">{visit.Say("没有", "None")}</td></tr>""") : Html.None)}
        </tbody></table></div>
        """);

    private static Html Row(Visit visit, FileSummary file)
    {
        var missing = file.MissingSince is { } due ? Html.Of($"""<br><span class="bad">{visit.Say("缺测，应于", "missing since")} {visit.When(due, "MM-dd HH:mm")}</span>""") : Html.None;
        var door = file.DoorIsOpen switch { null => visit.Say("—", "—"), true => visit.Say("开", "open"), _ => visit.Say("关", "closed") };
        return Html.Of(
            $"""
            <tr {Html.If(file.MissingSince is not null || file.LastMeasure?.IsFever == true, "class=\"alarm\"")}><th scope="row"><a href="/files/{file.Id}">{visit.Say("档案", "File")} {file.Id} {file.MaskedName}</a></th><td>{file.Unit}</td><td>{PeopleWords.Of(visit, file.Kind)}</td>
            <td>{PeopleWords.Temperature(visit, file.LastMeasure)} {visit.When(file.LastMeasure?.At, "MM-dd HH:mm")}{missing}</td><td>{door}</td><td>{visit.When(file.OpenedAt, "MM-dd HH:mm")}</td><td>{visit.When(file.Until, "MM-dd HH:mm")}</td></tr>
            """);
    }

    private static Html OpenForm(Visit visit, string site) => Html.Of(
        $"""
        <form method="post" action="/files?site={site}" class="card"><h2>{visit.Say("建档", "Open a file")}</h2>{visit.FormToken}<input type="hidden" name="site" value="{site}">
          <div class="row">
            <div><label for="number">{visit.Say("身份证号（不保存）", "ID number (not kept)")}</label><input id="number" name="number" autocomplete="off" maxlength="18" required></div>
            <div><label for="name">{visit.Say("姓名", "Name")}</label><input id="name" name="name" autocomplete="off" maxlength="64" required></div>
            <div><label for="phone">{visit.Say("电话", "Phone")}</label><input id="phone" name="phone" inputmode="tel" autocomplete="off" maxlength="64"></div>
            <div><label for="unit">{visit.Say("房号（空则查居民名单）", "Unit (from the residents when empty)")}</label><input id="unit" name="unit" autocomplete="off" maxlength="60"></div>
            <div><label for="kind">{visit.Say("原因", "Cause")}</label><select id="kind" name="kind">{Enum.GetValues<FileKind>().Select(kind => Html.Of($"""<option value="{kind.ToString()}">{PeopleWords.Of(visit, kind)}</option>"""))}</select></div>
            <div><label for="until">{visit.Say("观察至", "Until")}</label><input id="until" name="until" type="datetime-local" value="{visit.LocalField(visit.Time.GetUtcNow().AddDays(FirstDays))}" required></div>
          </div>
          <label for="words">{visit.Say("情况", "What happened")}</label><textarea id="words" name="words" maxlength="{LongestWords}"></textarea>
          <button class="main">{visit.Say("建档", "Open")}</button></form>
        """);

    private static async Task<IResult> FileAsync(Visit visit, PersonFiles files, string? fault, IFormCollection? typed = null)
    {
        if (await files.ReadAsync(IdOf(visit), AskerOf(visit), visit.Gone) is not { } file)
            return visit.Page(visit.Say("没有此档案", "No such file"), Html.Of($"""<p><a href="/files">{visit.Say("全部档案", "All files")}</a></p>"""), StatusCodes.Status404NotFound);
        var summary = file.Summary;
        var state = summary.State switch
        {
            FileState.Proposed => visit.Say("待定", "proposed"),
            FileState.Open => visit.Say("在管", "open"),
            FileState.Released => visit.Say("已解除", "released"),
            _ => visit.Say("不予建档", "turned down"),
        };
        return visit.Page(visit.Say($"档案 {summary.Id}", $"File {summary.Id}"), Html.Of(
            $"""
            {PeopleWords.FaultLine(fault)}
            <div class="columns">
            <section class="card" aria-labelledby="who"><h2 id="who">{(file.Details is { Name.Length: > 0 } known ? known.Name : summary.MaskedName)} <span class="chip">{PeopleWords.Of(visit, summary.Kind)}</span> <span class="chip">{state}</span></h2>
              <p>{visit.Say("房号", "Unit")} {summary.Unit} · {visit.Say("电话", "Phone")} {file.Details?.Phone}</p>
              <p>{visit.Say("自", "Since")} {visit.When(summary.OpenedAt, "yyyy-MM-dd HH:mm")} {visit.Say("至", "until")} {visit.When(summary.Until, "yyyy-MM-dd HH:mm")}</p>
              <p>{file.Details?.Reason}</p>
              {(summary.MissingSince is { } due ? Html.Of($"""<p class="warn">{visit.Say("缺测，应于", "A measure is missing, due at")} {visit.When(due, "MM-dd HH:mm")}</p>""") : Html.None)}
              <p class="soft">{visit.Say("每次阅读都会记入审计。", "Each reading is on record.")}</p></section>
            {(summary.State is FileState.Open ? OpenFileForms(visit, file, typed) : summary.State is FileState.Proposed ? ProposalForms(visit, summary) : Html.None)}
            </div>
            {Measures(visit, file)}{Passages(visit, file)}{Events(visit, file)}
            """), fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static Html OpenFileForms(Visit visit, PersonFile file, IFormCollection? typed)
    {
        var at = $"/files/{file.Summary.Id}";
        return Html.Of(
            $"""
            <form method="post" action="{at}/measure" class="card"><h2>{visit.Say("测温", "Measure")}</h2>{visit.FormToken}{PeopleWords.TemperatureField(visit, "celsius")}
              <label for="measure-words">{visit.Say("症状", "Symptoms")}</label><input id="measure-words" name="words" maxlength="{LongestWords}"><button class="main">{visit.Say("记录", "Keep")}</button></form>
            <form method="post" action="{at}/note" class="card"><h2>{visit.Say("备注", "Note")}</h2>{visit.FormToken}<label for="note-words">{visit.Say("内容", "Words")}</label><textarea id="note-words" name="words" maxlength="{LongestWords}" required>{Typed("note", "words", "")}</textarea><button>{visit.Say("记录", "Keep")}</button></form>
            <form method="post" action="{at}/contact" class="card"><h2>{visit.Say("门磁", "Door contact")}</h2>{visit.FormToken}<input type="hidden" name="was" value="{file.Contact}"><label for="contact">{visit.Say("编号（空则解绑）", "Its name (empty to take it off)")}</label><input id="contact" name="contact" maxlength="64" value="{Typed("contact", "contact", file.Contact)}"><button>{visit.Say("保存", "Save")}</button></form>
            <form method="post" action="{at}/extend" class="card"><h2>{visit.Say("延期", "Extend")}</h2>{visit.FormToken}<input type="hidden" name="was" value="{file.Summary.Until.UtcDateTime:O}"><label for="extend-until">{visit.Say("至", "Until")}</label><input id="extend-until" name="until" type="datetime-local" value="{Typed("extend", "until", visit.LocalField(file.Summary.Until))}" required>
              <label for="extend-words">{visit.Say("原因", "Why")}</label><input id="extend-words" name="words" maxlength="{LongestWords}" value="{Typed("extend", "words", "")}"><button>{visit.Say("延期", "Extend")}</button></form>
            <form method="post" action="{at}/release" class="card"><h2>{visit.Say("解除", "Release")}</h2>{visit.FormToken}<label for="release-words">{visit.Say("依据", "Why")}</label><input id="release-words" name="words" maxlength="{LongestWords}" value="{Typed("release", "words", "")}" required><button class="danger">{visit.Say("解除观察", "Release")}</button></form>
            """);

        // Of a form that was sent and not taken, what stood in it.
        string? Typed(string what, string field, string? otherwise) =>
            typed is not null && visit.Http.Request.Path.Value!.EndsWith('/' + what, StringComparison.Ordinal) ? typed[field].ToString() : otherwise;
    }

    private static Html ProposalForms(Visit visit, FileSummary summary) => Html.Of(
        $"""
        <form method="post" action="/files/{summary.Id}/accept" class="card"><h2>{visit.Say("建档", "Open the file")}</h2>{visit.FormToken}
          <label for="name">{visit.Say("姓名", "Name")}</label><input id="name" name="name" maxlength="64"><label for="phone">{visit.Say("电话", "Phone")}</label><input id="phone" name="phone" inputmode="tel" maxlength="64">
          <label for="unit">{visit.Say("房号", "Unit")}</label><input id="unit" name="unit" maxlength="60" value="{summary.Unit}">
          <label for="until">{visit.Say("观察至", "Until")}</label><input id="until" name="until" type="datetime-local" value="{visit.LocalField(visit.Time.GetUtcNow().AddDays(FirstDays))}" required>
          <label for="words">{visit.Say("情况", "What happened")}</label><textarea id="words" name="words" maxlength="{LongestWords}"></textarea><button class="main">{visit.Say("建档", "Open")}</button></form>
        <form method="post" action="/files/{summary.Id}/dismiss" class="card"><h2>{visit.Say("不予建档", "Turn down")}</h2>{visit.FormToken}<label for="dismiss-words">{visit.Say("依据", "Why")}</label><input id="dismiss-words" name="words" maxlength="{LongestWords}" required><button>{visit.Say("不予建档", "Turn down")}</button></form>
        """);

    private static Html Measures(Visit visit, PersonFile file) => History(visit, visit.Say("体温", "Measures"), [visit.Say("时间", "When"), "°C", visit.Say("症状", "Symptoms"), visit.Say("录入", "By")], file.Measures.Select(measure => Html.Of(
        $"<tr><td>{visit.When(measure.At, "MM-dd HH:mm")}</td><td>{PeopleWords.Temperature(visit, measure)}</td><td>{measure.Note}</td><td>{PeopleWords.Of(visit, measure.Source)} {measure.By}</td></tr>")));

    private static Html Events(Visit visit, PersonFile file) => History(visit, visit.Say("经过", "History"), [visit.Say("时间", "When"), visit.Say("事件", "What"), visit.Say("内容", "Words"), visit.Say("由", "By")], file.Events.Select(item => Html.Of(
        $"<tr><td>{visit.When(item.At, "MM-dd HH:mm")}</td><td>{PeopleWords.Of(visit, item.Kind)}</td><td>{item.Words}</td><td>{item.By}</td></tr>")));

    private static Html Passages(Visit visit, PersonFile file) => History(visit, visit.Say("建档以来的通行", "Passages since"), [visit.Say("时间", "When"), visit.Say("门岗", "Gate"), visit.Say("方向", "Way"), visit.Say("结果", "Answer")], file.Passages.Select(passage => Html.Of(
        $"<tr><td>{visit.When(passage.At, "MM-dd HH:mm")}</td><td>{passage.Gate} {passage.Lane}</td><td>{(passage.Direction is Direction.Entry ? visit.Say("进", "in") : visit.Say("出", "out"))}</td><td>{(passage.Outcome is Outcome.Granted ? visit.Say("放行", "granted") : passage.Outcome is Outcome.Denied ? visit.Say("拒绝", "denied") : visit.Say("人工", "guard asked"))}</td></tr>")));

    private static Html History(Visit visit, string caption, IReadOnlyList<string> heads, IEnumerable<Html> rows)
    {
        var lines = rows.ToList();
        return Html.Of(
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption><thead><tr>{heads.Select(head => Html.Of($"""<th scope="col">{head}</th>"""))}</tr></thead>
            <tbody>{lines}{(lines.Count == 0 ? Html.Of($"""<tr><td colspan="{heads.Count}" class="empty">{visit.Say("没有", "None")}</td></tr>""") : Html.None)}</tbody></table></div>
            """);
    }
}
