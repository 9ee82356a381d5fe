using EdgeGate.Center.Database;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using Npgsql;

namespace EdgeGate.Center.Web.Tracing;

/// <summary>Who asked about persons, and why: for those who watch over it. Persons stand in it by their keys only.</summary>
internal static class AuditPage
{
    private const int PageLength = 100;

    private const string Columns = "select id, at, asked_by, action, purpose, answers, details::text from audit where id < $1";

    /// <summary>$1 before which, $2 whose, $3 how many.</summary>
    internal const string AuditOfSql = Columns + " and asked_by = $2 order by asked_by, id desc limit $3";

    private sealed record Entry(long Id, DateTimeOffset At, string Asker, string Action, string Purpose, int Answers, string Details);

    public static void Map(CenterPages pages, IServiceProvider services)
    {
        var database = services.GetRequiredService<NpgsqlDataSource>();
        pages.MapGet("/audit", Permission.SeeAudit, async visit =>
        {
            var query = visit.Http.Request.Query;
            var (who, before) = (query["who"].ToString(), long.TryParse(query["before"], out var id) ? id : long.MaxValue);
            var entries = await ReadAsync(database, who, before, visit.Gone);
            return visit.Page(visit.Say("审计", "Audit"), Body(visit, who, entries));
        });
    }

    private static async Task<List<Entry>> ReadAsync(NpgsqlDataSource database, string who, long before, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var query = who.Length > 0 ? connection.Sql(AuditOfSql, before, who, PageLength) : connection.Sql(Columns + " order by id desc limit $2", before, PageLength);
        return await query
            .ListAsync(row => new Entry(row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt32(5), row.GetString(6)), cancellationToken);
    }

    private static Html Body(Visit visit, string who, List<Entry> entries)
    {
        var rows = entries.Select(entry => Html.Of(
            $"""
            <tr><td>{visit.When(entry.At, "yyyy-MM-dd HH:mm:ss")}</td><th scope="row">{entry.Asker}</th><td>{entry.Action}</td><td>{entry.Purpose}</td><td class="number">{entry.Answers}</td>
            <td><details><summary>{visit.Say("内容", "details")}</summary><code>{entry.Details}</code></details></td></tr>
            """));
        var older = entries.Count == PageLength
            ? Html.Of($"""<p class="no-print"><a class="button" href="/audit?before={entries[^1].Id}&amp;who={Uri.EscapeDataString(who)}">{visit.Say("更早", "Older")}</a></p>""")
            : Html.None;
        return Html.Of(
            $"""
            <form method="get" action="/audit" class="card no-print"><div class="row">
              <div><label for="who">{visit.Say("账号", "Account")}</label><input id="who" name="who" value="{who}" maxlength="64"></div>
              <button>{visit.Say("筛选", "Filter")}</button> <button type="button" data-print>{visit.Say("打印", "Print")}</button></div></form>
            <div class="scroll" tabindex="0" role="region" aria-label="{visit.Say("审计记录", "Audit records")}"><table>
            <thead><tr><th scope="col">{visit.Say("时间", "Time")}</th><th scope="col">{visit.Say("谁", "Who")}</th><th scope="col">{visit.Say("动作", "Action")}</th><th scope="col">{visit.Say("用途", "Purpose")}</th>
            <th scope="col" class="number">{visit.Say("结果数", "Answers")}</th><th scope="col">{visit.Say("内容", "Details")}</th></tr></thead>
            <tbody>{rows}</tbody></table>{(entries.Count == 0 ? Html.Of($"""<p class="empty">{visit.Say("没有记录。", "Nothing.")}</p>""") : Html.None)}</div>
            {older}
            """);
    }
}
