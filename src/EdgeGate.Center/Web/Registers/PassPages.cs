using EdgeGate.Access;
using EdgeGate.Center.Households;
using EdgeGate.Center.Privacy;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Center.Web.People;
using EdgeGate.Messages.Privacy;
using Npgsql;

namespace EdgeGate.Center.Web.Registers;

/// <summary>The desk: passes are made, given a PIN for the residents' page, and called back.</summary>
internal static class PassPages
{
    private const int LongestDays = 366;

    public static void Map(CenterPages pages, IServiceProvider services)
    {
        var (desk, sites, database) = (services.GetRequiredService<PassDesk>(), services.GetRequiredService<SiteKeys>(), services.GetRequiredService<NpgsqlDataSource>());
        var (book, access) = (services.GetRequiredService<RegisterBook>(), services.GetService<HouseholdAccess>());
        pages.MapGet("/passes", Permission.IssuePasses, visit => PageAsync(visit, book, sites, said: Html.None), PageSites.Sifted);
        pages.MapPost("/passes", Permission.IssuePasses, (visit, form) => IssueAsync(visit, form, desk, access, book, sites, database), PageSites.Sifted);
        pages.MapPost("/passes/pin", Permission.IssuePasses, (visit, form) => PinAsync(visit, form, access, book, sites), PageSites.Sifted);
        pages.MapPost("/passes/revoke", Permission.IssuePasses, async (visit, form) =>
        {
            if (SiteChoice.Of(visit, sites, form) is not { } site)
                return await PageAsync(visit, book, sites, PeopleWords.FaultLine(visit.Say("没有这个小区。", "There is no such site.")), StatusCodes.Status400BadRequest);
            await using var connection = await database.OpenConnectionAsync(visit.Gone);
            await using var transaction = await connection.BeginTransactionAsync(visit.Gone);
            var revoked = await desk.RevokeAsync(connection, site, desk.KeyOf(site, NumberOf(form)), AskerOf(visit), visit.Gone);
            await transaction.CommitAsync(visit.Gone);
            return revoked == 1 ? Visit.Redirect($"/passes?site={site}", "done")
                : revoked > 1 ? await PageAsync(visit, book, sites, Html.Of($"<p class=\"said\" role=\"status\">{visit.Say($"已收回，连同由它登记、尚未到期的 {revoked - 1} 张访客通行证。", $"Called back, and with it {revoked - 1} passes of visitors announced by it.")}</p>"))
                : await PageAsync(visit, book, sites, PeopleWords.FaultLine(visit.Say("没有这张通行证。", "No such pass was issued here.")), StatusCodes.Status400BadRequest);
        }, PageSites.Sifted);
    }

    private static Asker AskerOf(Visit visit) => Asker.Of(visit.Session.Account, "passes at the desk", out _)!;

    private static string NumberOf(IFormCollection form) => form["number"].ToString().Trim().ToUpperInvariant();

    private static async Task<IResult> IssueAsync(Visit visit, IFormCollection form, PassDesk desk, HouseholdAccess? access, RegisterBook book, SiteKeys sites, NpgsqlDataSource database)
    {
        var (name, unit, now) = (form["name"].ToString().Trim(), form["unit"].ToString().Trim(), visit.Time.GetUtcNow());
        if (SiteChoice.Of(visit, sites, form) is not { } site || name.Length is 0 or > 64 || unit.Length is 0 or > 60 || FormReading.Whole(form["days"].ToString(), 1, LongestDays) is not { } days)
            return await PageAsync(visit, book, sites, PeopleWords.FaultLine(visit.Say("请填写姓名、房号和天数。", "Give name, unit and days.")), StatusCodes.Status400BadRequest);
        var shown = form["id"].ToString().Trim();
        if (shown.Length > 0 && !(CitizenNumber.TryParse(shown, out var citizen) && citizen.HasValidCheckDigit))
            return await PageAsync(visit, book, sites, PeopleWords.FaultLine(visit.Say("这不是有效的身份证号。", "That is no ID number.")), StatusCodes.Status400BadRequest);
        IssuedPass pass;
        await using (var connection = await database.OpenConnectionAsync(visit.Gone))
        {
            await using var transaction = await connection.BeginTransactionAsync(visit.Gone);
            pass = await desk.IssueAsync(connection, new PassTerms(site, unit, name, PassDesk.Resident, now, now.AddDays(days), Person: shown.Length > 0 ? desk.KeyOfIdNumber(site, shown) : null), AskerOf(visit), visit.Gone);
            await transaction.CommitAsync(visit.Gone);
        }
        var pin = access is null ? null : await access.GivePinAsync(site, pass.Id, AskerOf(visit), visit.Gone);
        return visit.Page(visit.Say("通行证", "Pass"), Html.Of(
            $"""
            <section class="card slip">{QrPicture.Of(pass.Text, visit.Say("通行证二维码", "The pass's code"))}
            <div><h2>{site} · {unit}</h2><p>{MaskedName.Of(name)} · {visit.Say("至", "until")} {visit.When(now.AddDays(days), "yyyy-MM-dd")}</p>
            <p>{visit.Say("编号", "Number")} <strong class="mono">{pass.Id}</strong></p>{PinLine(visit, pin)}</div></section>
            <p class="no-print"><button type="button" data-print>{visit.Say("打印", "Print")}</button> <a href="/passes?site={site}">{visit.Say("返回", "Back")}</a></p>
            """));
    }

    private static async Task<IResult> PinAsync(Visit visit, IFormCollection form, HouseholdAccess? access, RegisterBook book, SiteKeys sites)
    {
        var pin = access is not null && SiteChoice.Of(visit, sites, form) is { } site ? await access.GivePinAsync(site, NumberOf(form), AskerOf(visit), visit.Gone) : null;
        return pin is null
            ? await PageAsync(visit, book, sites, PeopleWords.FaultLine(visit.Say("没有这张通行证，或它已失效。", "No such pass, or it is over or called back.")), StatusCodes.Status400BadRequest)
            : visit.Page("PIN", Html.Of($"""<section class="card slip"><div><p>{visit.Say("编号", "Number")} <strong class="mono">{NumberOf(form)}</strong></p>{PinLine(visit, pin)}</div></section><p class="no-print"><button type="button" data-print>{visit.Say("打印", "Print")}</button></p>"""));
    }

    private static Html PinLine(Visit visit, string? pin) => pin is null ? Html.None : Html.Of(
        $"""<p>PIN <strong class="mono">{pin}</strong></p><p class="soft">{visit.Say("只显示这一次。住户页：", "Shown this once. Residents' page:")} {visit.Http.Request.Scheme}://{visit.Http.Request.Host.ToString()}/home</p>""");

    private static async Task<IResult> PageAsync(Visit visit, RegisterBook book, SiteKeys sites, Html said, int status = StatusCodes.Status200OK)
    {
        var title = visit.Say("通行证", "Passes");
        if (SiteChoice.Of(visit, sites) is not { } site)
            return SiteChoice.NoSite(visit, title);
        var lists = (await book.ListAsync(visit.Gone)).Where(list => list.Site == site).ToDictionary(list => list.Name, list => list.Persons);
        return visit.Page(title, Html.Of(
            $"""
            {SiteChoice.Links(visit, sites, site, "/passes")}{said}
            <dl class="figures"><div><dt>{visit.Say("已发", "Issued")}</dt><dd>{lists.GetValueOrDefault(PassDesk.Issued)}</dd></div><div><dt>{visit.Say("已收回", "Called back")}</dt><dd>{lists.GetValueOrDefault(PassDesk.Revoked)}</dd></div></dl>
            <div class="columns">
            <form method="post" action="/passes" class="card"><h2>{visit.Say("发放", "Issue")}</h2>{visit.FormToken}<input type="hidden" name="site" value="{site}">
              <label for="name">{visit.Say("姓名（只保存首字）", "Name (only its first character is kept)")}</label><input id="name" name="name" maxlength="64" autocomplete="off" required>
              <label for="unit">{visit.Say("房号", "Unit")}</label><input id="unit" name="unit" maxlength="60" placeholder="3-1-502" required>
              <label for="id">{visit.Say("身份证号（可不填；不保存，只用于追溯）", "ID number (may stay empty; not kept, only keyed for traces)")}</label><input id="id" name="id" maxlength="18" autocomplete="off" spellcheck="false">
              <label for="days">{visit.Say("有效天数", "Days")}</label><input id="days" name="days" inputmode="numeric" value="90" maxlength="3" required>
              <button class="main">{visit.Say("发放并给 PIN", "Issue, with a PIN")}</button></form>
            <form method="post" action="/passes/pin" class="card"><h2>{visit.Say("新 PIN", "New PIN")}</h2>{visit.FormToken}<input type="hidden" name="site" value="{site}">
              <label for="pin-number">{visit.Say("通行证编号", "The pass's number")}</label><input id="pin-number" name="number" maxlength="64" autocapitalize="characters" required><button>{visit.Say("给新 PIN", "Give a new PIN")}</button></form>
            <form method="post" action="/passes/revoke" class="card"><h2>{visit.Say("收回", "Call back")}</h2>{visit.FormToken}<input type="hidden" name="site" value="{site}">
              <label for="revoke-number">{visit.Say("通行证编号", "The pass's number")}</label><input id="revoke-number" name="number" maxlength="64" autocapitalize="characters" required><button class="danger">{visit.Say("收回", "Call back")}</button></form>
            </div>
            """), status);
    }
}
