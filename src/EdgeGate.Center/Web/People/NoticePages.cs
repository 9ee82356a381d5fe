using EdgeGate.Center.Database;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using Npgsql;

namespace EdgeGate.Center.Web.People;

/// <summary>What the management tells residents on their page.</summary>
internal static class NoticePages
{
    private const int LongestText = 500;

    public static void Map(CenterPages pages, IServiceProvider services)
    {
        var (database, sites) = (services.GetRequiredService<NpgsqlDataSource>(), services.GetRequiredService<SiteKeys>());
        pages.MapGet("/notices", Permission.WriteNotices, visit => PageAsync(visit, database, sites, fault: null), PageSites.Sifted);
        pages.MapPost("/notices", Permission.WriteNotices, async (visit, form) =>
        {
            if (SiteChoice.Of(visit, sites, form) is not { } site || form["text"].ToString().Trim() is not { Length: > 0 and <= LongestText } text
                || form["building"].ToString().Trim() is not { Length: <= 60 } building || visit.LocalTime(form["until"].ToString()) is not { } until || until <= visit.Time.GetUtcNow())
                return await PageAsync(visit, database, sites, visit.Say("请填写内容和将来的截止时间。", "Give the words, and a time to come until when."));
            await using var connection = await database.OpenConnectionAsync(visit.Gone);
            await connection.Sql("insert into notice (site, building, text, made_by, at, until) values ($1, $2, $3, $4, $5, $6)", site, building, text, visit.Session.Account, visit.Time.GetUtcNow(), until).RunAsync(visit.Gone);
            return Visit.Redirect($"/notices?site={site}", "done");
        }, PageSites.Sifted);
        pages.MapPost("/notices/end", Permission.WriteNotices, async (visit, form) =>
        {
            await using var connection = await database.OpenConnectionAsync(visit.Gone);
            var ended = await connection.Sql("update notice set until = $2 where id = $1 and until > $2 and ($3::text[] is null or site = any($3))", (long)(FormReading.Whole(form["notice"].ToString(), 1, int.MaxValue) ?? 0), visit.Time.GetUtcNow(), visit.Session.Sites?.ToArray()).RunAsync(visit.Gone);
            if (ended == 0)
                return await PageAsync(visit, database, sites, visit.Say("没有这条通知，或它已结束。", "There is no such notice, or it is over."));
            return Visit.Redirect($"/notices?site={SiteChoice.Of(visit, sites)}", "done");
        }, PageSites.Sifted);
    }

    private static async Task<IResult> PageAsync(Visit visit, NpgsqlDataSource database, SiteKeys sites, string? fault)
    {
        var title = visit.Say("住户通知", "Notices to residents");
        if (SiteChoice.Of(visit, sites) is not { } site)
            return SiteChoice.NoSite(visit, title);
        await using var connection = await database.OpenConnectionAsync(visit.Gone);
        var notices = await connection.Sql("select id, building, text, until, made_by from notice where site = $1 and until > $2 order by at desc", site, visit.Time.GetUtcNow())
            .ListAsync(row => Html.Of(
                $"""
                <form method="post" action="/notices/end" class="card">{visit.FormToken}<input type="hidden" name="site" value="{site}"><input type="hidden" name="notice" value="{row.GetInt64(0)}"><p>{row.GetString(2)}</p>
                <p class="soft">{(row.GetString(1) is { Length: > 0 } building ? visit.Say($"{building} 栋", $"building {building}") : visit.Say("全小区", "everybody"))} · {visit.Say("至", "until")} {visit.When(row.GetFieldValue<DateTimeOffset>(3), "MM-dd HH:mm")} · {row.GetString(4)}</p>
                <button class="danger">{visit.Say("撤下", "Take it down")}</button></form>
                """), visit.Gone);
        return visit.Page(title, Html.Of(
            $"""
            {SiteChoice.Links(visit, sites, site, "/notices")}{PeopleWords.FaultLine(fault)}
            <form method="post" action="/notices?site={site}" class="card">{visit.FormToken}<input type="hidden" name="site" value="{site}">
              <label for="text">{visit.Say("内容", "Words")}</label><textarea id="text" name="text" maxlength="{LongestText}" required></textarea>
              <div class="row"><div><label for="building">{visit.Say("楼栋（空则全小区）", "Building (everybody when empty)")}</label><input id="building" name="building" maxlength="60"></div>
              <div><label for="until">{visit.Say("至", "Until")}</label><input id="until" name="until" type="datetime-local" value="{visit.LocalField(visit.Time.GetUtcNow().AddDays(3))}" required></div></div>
              <button class="main">{visit.Say("发布", "Publish")}</button></form>
            {notices}
            """), fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }
}
