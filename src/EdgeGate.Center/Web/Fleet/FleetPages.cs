using EdgeGate.Center.Fleet;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.Fleet;

/// <summary>All gates at a glance: what is wrong first, then the plans, then every gate with its numbers.</summary>
internal static class FleetPages
{
    private const int LongestNote = 400;

    public static void Map(CenterPages pages, IServiceProvider services)
    {
        var (board, plans) = (services.GetRequiredService<FleetBoard>(), services.GetRequiredService<SiteGrounds>());
        var lists = services.GetRequiredService<GateLists>();
        pages.MapGet("/fleet", Permission.SeeFleet, async visit =>
        {
            GateView[] gates = [.. (await board.GatesAsync(visit.Gone)).Where(gate => visit.Sees(gate.Name.Site))];
            var alarms = await board.AlarmsAsync(gate: null, visit.Gone, visit.Session.Sites);
            return visit.Page(visit.Say("门岗", "Gates"), Body(visit, gates, await lists.ListAsync(visit.Gone), alarms, await plans.SitesWithPictureAsync(visit.Gone), await board.AsideAsync(visit.Gone, visit.Session.Sites)));
        }, PageSites.Sifted);
        pages.MapPost("/fleet/{site}/{gate}/alarms/{sequence}", Permission.AcknowledgeAlarm, async (visit, form) =>
        {
            var note = form["note"].ToString().Trim();
            if (GateOf(visit) is not { } gate || !long.TryParse(visit.Http.Request.RouteValues["sequence"]?.ToString(), out var sequence) || note.Length > LongestNote)
                return NoSuch(visit);
            await board.AcknowledgeAsync(gate, sequence, visit.Session.Account, note.Length == 0 ? null : note, visit.Gone);
            return Visit.Redirect(form["back"] == "gate" ? GatePage.PathOf(gate) : "/fleet", "done");
        });
    }

    /// <summary>As the address names it, whether there is such a gate or not.</summary>
    public static GateName? GateOf(Visit visit) =>
        visit.Http.Request.RouteValues["site"] is string { Length: <= 64 } site && visit.Http.Request.RouteValues["gate"] is string { Length: <= 64 } gate ? new GateName(site, gate) : null;

    public static IResult NoSuch(Visit visit) =>
        visit.Page(visit.Say("没有找到", "Not found"), Html.Of($"""<p><a href="/fleet">{visit.Say("回到门岗", "Back to the gates")}</a></p>"""), StatusCodes.Status404NotFound);

    /// <param name="back">gate or fleet: where its button leads back to.</param>
    public static Html AlarmsOf(Visit visit, IReadOnlyList<AlarmView> alarms, string back)
    {
        var rows = alarms.Select(alarm => Html.Of(
            $"""
            <tr {Html.If(alarm.AcknowledgedBy is null, "class=\"alarm\"")}><td>{visit.When(alarm.At)}</td><th scope="row"><a href="{GatePage.PathOf(alarm.Gate)}">{alarm.Gate.ToString()}</a> {alarm.Lane}</th><td>{FleetWords.Alarm(visit, alarm.Word)}</td>
            <td>{(alarm.AcknowledgedBy is { } by ? Html.Of($"{by}, {visit.When(alarm.AcknowledgedAt)} {alarm.Note}") : visit.May(Permission.AcknowledgeAlarm) ? AcknowledgeForm(visit, alarm, back) : Html.Of($"{visit.Say("未处理", "open")}"))}</td></tr>
            """));
        return Html.Of(
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="{visit.Say("警报", "Alarms")}"><table>
            <thead><tr><th scope="col">{visit.Say("时间", "Time")}</th><th scope="col">{visit.Say("门岗", "Gate")}</th><th scope="col">{visit.Say("警报", "Alarm")}</th><th scope="col">{visit.Say("处理", "Acknowledged")}</th></tr></thead>
            <tbody>{rows}</tbody></table>{(alarms.Count == 0 ? Html.Of($"""<p class="empty">{visit.Say("没有警报。", "No alarm.")}</p>""") : Html.None)}</div>
            """);
    }

    private static Html AcknowledgeForm(Visit visit, AlarmView alarm, string back) => Html.Of(
        $"""
        <form method="post" action="{GatePage.PathOf(alarm.Gate)}/alarms/{alarm.Sequence}" class="line">{visit.FormToken}<input type="hidden" name="back" value="{back}">
        <input name="note" maxlength="{LongestNote}" aria-label="{visit.Say("备注", "Note")}" placeholder="{visit.Say("备注", "Note")}"> <button>{visit.Say("已处理", "Acknowledge")}</button></form>
        """);

    private static Html Body(Visit visit, IReadOnlyList<GateView> gates, IReadOnlyList<GateList> lists, IReadOnlyList<AlarmView> alarms, IReadOnlySet<string> pictures, IReadOnlyList<AsideCount> aside)
    {
        var current = gates.Where(gate => !gate.IsRetired).ToArray();
        var missing = current.Sum(gate => gate.Missing);
        var stale = lists.Where(list => list.State is ListState.Stale).ToLookup(list => new GateName(list.Site, list.Gate));
        return Html.Of(
            $"""
            <div id="figures" data-refresh="5"><dl class="figures">
              {Figure(visit.Say("在线 / 全部", "Online / all"), $"{current.Count(gate => gate.Online is true)} / {current.Length}", current.Any(gate => gate.Online is not true))}
              {Figure(visit.Say("缺失记录（应为 0）", "Records missing (must be 0)"), $"{missing}", missing > 0)}
              {Figure(visit.Say("未处理警报", "Open alarms"), $"{current.Sum(gate => gate.OpenAlarms)}", alarms.Count > 0)}
              {Figure(visit.Say("异常设备", "Devices in trouble"), $"{current.Sum(gate => gate.Troubles)}", current.Any(gate => gate.Troubles > 0))}
              {Figure(visit.Say("有故障的门岗", "Gates with a fault"), $"{current.Count(gate => gate.Fault is not null)}", current.Any(gate => gate.Fault is not null))}
              {Figure(visit.Say("搁置的消息", "Messages set aside"), $"{(aside is [var first, ..] ? first.OfAll : 0)}", aside.Count > 0)}
            </dl></div>
            <section><h2>{visit.Say("未处理的警报", "Open alarms")}</h2><div id="alarms" data-refresh="5">{AlarmsOf(visit, alarms, "fleet")}</div></section>
            {current.GroupBy(gate => gate.Name.Site).Select(site => PlanSection(visit, site.Key, [.. site], pictures.Contains(site.Key)))}
            <h2>{visit.Say("全部门岗", "All gates")}</h2>
            <div id="gates" data-refresh="5">{Table(visit, gates, stale)}</div>
            <div id="aside" data-refresh="5">{AsideOf(visit, aside)}</div>
            """);
    }

    private static Html AsideOf(Visit visit, IReadOnlyList<AsideCount> aside) => aside.Count == 0 ? Html.None : Html.Of(
        $"""
        <h2>{visit.Say("搁置的消息", "Messages set aside")}</h2>
        <p class="soft">{visit.Say("损坏、不认识或来自更新版本的消息，连同原因。中心更新后会自动重读；也可运行 edgegate-center set-aside read-again。", "Damaged, unknown or of a newer version, with the reason. After an update the center reads them again by itself; or run edgegate-center set-aside read-again.")}</p>
        <div class="scroll" tabindex="0" role="region" aria-label="{visit.Say("搁置的消息", "Messages set aside")}"><table>
        <thead><tr><th scope="col">{visit.Say("原因", "Reason")}</th><th scope="col" class="number">{visit.Say("消息", "Messages")}</th><th scope="col" class="number">{visit.Say("门岗", "Gates")}</th><th scope="col">{visit.Say("最近", "Newest")}</th></tr></thead>
        <tbody>{aside.Select(reason => Html.Of($"""<tr><th scope="row">{reason.Reason}</th><td class="number">{reason.Messages}</td><td class="number">{reason.Gates}</td><td>{visit.When(reason.Last)}</td></tr>"""))}</tbody></table></div>
        """);

    private static Html Figure(string name, string value, bool isBad) => Html.Of($"""<div><dt>{name}</dt><dd {Html.If(isBad, "class=\"bad\"")}>{value}</dd></div>""");

    private static Html PlanSection(Visit visit, string site, IReadOnlyList<GateView> gates, bool hasPicture) => Html.Of(
        $"""
        <section><h2>{site}</h2><div class="card" id="plan-{site}" data-refresh="5">{EntrancePlan.Of(visit, site, gates, hasPicture)}
        {(visit.May(Permission.EditPlan) ? Html.Of($"""<p class="no-print"><a href="{EntrancePlan.PathOf(site)}">{visit.Say("更换平面图、摆放门岗", "Change the picture, place gates")}</a></p>""") : Html.None)}</div></section>
        """);

    private static Html Table(Visit visit, IReadOnlyList<GateView> gates, ILookup<GateName, GateList> stale) => Html.Of(
        $"""
        <div class="scroll" tabindex="0" role="region" aria-label="{visit.Say("全部门岗", "All gates")}"><table>
        <thead><tr><th scope="col">{visit.Say("门岗", "Gate")}</th><th scope="col">{visit.Say("状态", "State")}</th><th scope="col" class="number">{visit.Say("产生", "Made")}</th><th scope="col" class="number">{visit.Say("收到", "Here")}</th>
        <th scope="col" class="number">{visit.Say("缺失", "Missing")}</th><th scope="col" class="number">{visit.Say("作废", "Void")}</th><th scope="col">{visit.Say("积压", "Backlog")}</th><th scope="col">{visit.Say("设备", "Devices")}</th>
        <th scope="col">{visit.Say("名单", "Lists")}</th><th scope="col">{visit.Say("时钟", "Clock")}</th><th scope="col">{visit.Say("版本", "Version")}</th></tr></thead>
        <tbody>{gates.Select(gate => Row(visit, gate, [.. stale[gate.Name]]))}</tbody></table>{(gates.Count == 0 ? Html.Of($"""<p class="empty">{visit.Say("还没有门岗：edgegate-center gate add", "No gate yet: edgegate-center gate add")}</p>""") : Html.None)}</div>
        """);

    private static Html Row(Visit visit, GateView gate, IReadOnlyList<GateList> stale) => Html.Of(
        $"""
        <tr><th scope="row"><a href="{GatePage.PathOf(gate.Name)}">{gate.Name.ToString()}</a></th><td>{FleetWords.Chip(FleetWords.StateOf(visit, gate))}{(gate.Fault is { } fault ? Html.Of($"<br><small>{fault}</small>") : Html.None)}</td>
        <td class="number">{gate.Made}</td><td class="number">{gate.Here}</td><td class="number {(gate.Missing > 0 ? "bad" : "")}">{gate.Missing}</td><td class="number">{gate.Void}</td>
        <td>{BacklogOf(visit, gate)}</td><td class="{(gate.Troubles > 0 ? "poor" : "")}">{(gate.Troubles > 0 ? visit.Say($"{gate.Troubles} / {gate.Devices} 异常", $"{gate.Troubles} of {gate.Devices} in trouble") : $"{gate.Devices}")}</td>
        <td class="{(stale.Count > 0 ? "bad" : "")}">{(stale.Count == 0 ? "–" : visit.Say("过旧：", "old: ") + string.Join(", ", stale.Select(list => $"{list.Register} {list.Version} < {list.Newest}")))}</td>
        <td class="{(gate.Clock is null or "synchronised" ? "" : "poor")}">{FleetWords.Clock(visit, gate.Clock)}</td><td>{gate.Version}</td></tr>
        """);

    public static string BacklogOf(Visit visit, GateView gate)
    {
        if (gate.Backlog is not { } backlog)
            return "–";
        var age = backlog.Since is { } since ? visit.Say($"{visit.Long(visit.Time.GetUtcNow() - since)}前起", $"since {visit.Long(visit.Time.GetUtcNow() - since)}") : visit.Say("从头起", "from the first");
        return backlog.DrainsIn is { } drains ? visit.Say($"{age}，约 {visit.Long(drains)}补完", $"{age}, drained in {visit.Long(drains)}") : visit.Say($"{age}，未见减少", $"{age}, not getting less");
    }
}
