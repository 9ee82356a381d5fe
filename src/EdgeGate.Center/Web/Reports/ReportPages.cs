using System.Text;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Messages.Registers;

namespace EdgeGate.Center.Web.Reports;

/// <summary>The daily sheet of an estate: to be read on the screen, printed, or taken on as CSV.</summary>
internal static class ReportPages
{
    public static void Map(CenterPages pages, IServiceProvider services)
    {
        var reports = services.GetRequiredService<DailyReports>();
        pages.MapGet("/reports", Permission.SeeReports, async visit =>
        {
            var sites = await reports.SitesAsync(visit.Gone);
            return visit.Page(visit.Say("日报", "Daily sheet"), await ReadAsync(visit, reports, sites) is { } report
                ? Body(visit, sites, report)
                : Html.Of($"<p>{visit.Say("还没有小区：edgegate-center gate add", "No estate yet: edgegate-center gate add")}</p>"));
        });
        pages.MapGet("/reports/daily.csv", Permission.SeeReports, async visit =>
            await ReadAsync(visit, reports, await reports.SitesAsync(visit.Gone)) is { } report
                ? TypedResults.File(Encoding.UTF8.GetBytes(CsvOf(report)), "text/csv; charset=utf-8", $"edgegate-{report.Site}-{report.Day:yyyy-MM-dd}.csv")
                : TypedResults.NotFound());
    }

    /// <summary>Of the site and day in the address; null when there is no such site.</summary>
    private static async Task<DailyReport?> ReadAsync(Visit visit, DailyReports reports, IReadOnlyList<string> sites)
    {
        var query = visit.Http.Request.Query;
        var day = visit.Day(query["day"].ToString());
        var (from, to) = visit.Bounds(day);
        var site = query["site"].ToString() is { Length: > 0 } asked ? sites.FirstOrDefault(site => site == asked) : sites.Count > 0 ? sites[0] : null;
        return site is null ? null : await reports.ReadAsync(site, day, from, to, visit.Gone);
    }

    private static Html Body(Visit visit, IReadOnlyList<string> sites, DailyReport report) => Html.Of(
        $"""
        <form method="get" action="/reports" class="card no-print"><div class="row">
          <div><label for="site">{visit.Say("小区", "Estate")}</label><select id="site" name="site">{sites.Select(site => Html.Of($"""<option {Html.If(site == report.Site, "selected")}>{site}</option>"""))}</select></div>
          <div><label for="day">{visit.Say("日期", "Day")}</label><input id="day" name="day" type="date" value="{report.Day:yyyy-MM-dd}"></div>
          <button class="main">{visit.Say("显示", "Show")}</button>
          <a class="button" href="/reports/daily.csv?site={Uri.EscapeDataString(report.Site)}&amp;day={report.Day:yyyy-MM-dd}">CSV</a>
          <button type="button" data-print>{visit.Say("打印", "Print")}</button></div></form>
        <h2>{report.Site}, {report.Day:yyyy-MM-dd} <small class="soft">{visit.Offset(visit.Bounds(report.Day).From)}</small></h2>
        <dl class="figures">
          {Figure(visit.Say("进", "In"), report.In.Sum())}{Figure(visit.Say("出", "Out"), report.Out.Sum())}{Figure(visit.Say("拒绝", "Denied"), report.Denied)}
          {Figure(visit.Say("转人工", "To a guard"), report.ToGuard)}{Figure(visit.Say("发热", "Fevers"), report.Fevers)}{Figure(visit.Say("在场访客", "Visitors inside"), report.VisitorsInside)}{Figure(visit.Say("警报", "Alarms"), report.Alarms)}
          {Figure(visit.Say("欠测体温", "Measures overdue"), report.OverdueMeasures)}{Figure(visit.Say("欠消毒楼栋", "Buildings to disinfect"), report.OverdueDisinfection.Count)}
        </dl>
        <section class="card"><h2>{visit.Say("每小时通行", "Passages by the hour")}</h2>
          <p class="soft"><span class="key one"></span>{visit.Say("进", "in")}　<span class="key two"></span>{visit.Say("出", "out")}</p>{HourChart.Of(visit, report.In, report.Out)}</section>
        <h2>{visit.Say("拒绝与转人工的原因", "Why people were denied or sent to a guard")}</h2>
        {DenialsOf(visit, report)}
        <h2>{visit.Say("一天内未消毒的楼栋", "Buildings not disinfected within a day")}</h2>
        {DisinfectionOf(visit, report)}
        """);

    private static Html Figure(string name, long value) => Html.Of($"<div><dt>{name}</dt><dd>{value}</dd></div>");

    private static Html DenialsOf(Visit visit, DailyReport report) => report.Denials.Count == 0
        ? Html.Of($"""<p class="card">{visit.Say("没有。", "None.")}</p>""")
        : Html.Of(
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="{visit.Say("原因", "Reasons")}"><table>
            <thead><tr><th scope="col">{visit.Say("原因", "Reason")}</th><th scope="col" class="number">{visit.Say("次数", "Times")}</th></tr></thead>
            <tbody>{report.Denials.Select(denial => Html.Of($"""<tr><th scope="row">{ReasonWords.Of(visit, denial.Reason)}</th><td class="number">{denial.Times}</td></tr>"""))}</tbody></table></div>
            """);

    private static Html DisinfectionOf(Visit visit, DailyReport report) => report.OverdueDisinfection.Count == 0
        ? Html.Of($"""<p class="card">{visit.Say("没有。", "None.")}</p>""")
        : Html.Of(
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="{visit.Say("未消毒的楼栋", "Buildings to disinfect")}"><table>
            <thead><tr><th scope="col">{visit.Say("楼栋", "Building")}</th><th scope="col">{visit.Say("上次消毒", "Last disinfected")}</th></tr></thead>
            <tbody>{report.OverdueDisinfection.Select(building => Html.Of($"""<tr><th scope="row">{building.Building}</th><td>{(building.Last is { } last ? visit.When(last, "MM-dd HH:mm") : Html.Of($"{visit.Say("从未", "never")}"))}</td></tr>"""))}</tbody></table></div>
            """);

    /// <summary>With a mark at the beginning, by which Excel knows UTF-8.</summary>
    private static string CsvOf(DailyReport report)
    {
        var text = new StringBuilder("\uFEFF");
        Line("site", "day", "what", "detail", "count");
        for (var hour = 0; hour < 24; hour++)
        {
            Line(report.Site, $"{report.Day:yyyy-MM-dd}", "in", $"{hour:00}:00", $"{report.In[hour]}");
            Line(report.Site, $"{report.Day:yyyy-MM-dd}", "out", $"{hour:00}:00", $"{report.Out[hour]}");
        }
        foreach (var (what, count) in new[]
        {
            ("decisions", report.Decisions), ("denied", report.Denied), ("to a guard", report.ToGuard), ("fevers", report.Fevers), ("visitors inside", report.VisitorsInside), ("alarms", report.Alarms),
            ("measures overdue", report.OverdueMeasures),
        })
            Line(report.Site, $"{report.Day:yyyy-MM-dd}", what, "", $"{count}");
        foreach (var (reason, times) in report.Denials)
            Line(report.Site, $"{report.Day:yyyy-MM-dd}", "reason", ReasonWords.Word(reason), $"{times}");
        foreach (var (building, last) in report.OverdueDisinfection)
            Line(report.Site, $"{report.Day:yyyy-MM-dd}", "disinfection overdue", building, $"{last:O}");
        return text.ToString();

        void Line(params string[] fields) => text.Append(CsvLine.Join(fields)).Append("\r\n");
    }
}
