using EdgeGate.Access;
using EdgeGate.Center.Fleet;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Web.Accounts;
using EdgeGate.Center.Web.Frame;
using EdgeGate.Messages.Commands;

namespace EdgeGate.Center.Web.Fleet;

/// <summary>One gate: its devices and alarms, what it can be told, and what became of what it was told.</summary>
internal static class GatePage
{
    private const int LongestReason = 150;

    public static string PathOf(GateName gate) => $"/fleet/{Uri.EscapeDataString(gate.Site)}/{Uri.EscapeDataString(gate.Gate)}";

    public static void Map(CenterPages pages, IServiceProvider services)
    {
        var (board, desk) = (services.GetRequiredService<FleetBoard>(), services.GetRequiredService<CommandDesk>());
        pages.MapGet("/fleet/{site}/{gate}", Permission.SeeFleet, visit => ShowAsync(visit, board, desk, fault: null));
        Order("open-once", Permission.CommandGates, (visit, form) =>
        {
            var lane = form["lane"].ToString();
            return (new OpenOnceCommand(lane, Reason(visit, form)), $"{lane}: {form["reason"]}");
        });
        Order("set-mode", Permission.CommandGates, (visit, form) =>
        {
            var lane = form["lane"].ToString();
            PortalMode? mode = Enum.TryParse<PortalMode>(form["mode"].ToString(), out var wanted) && Enum.IsDefined(wanted) ? wanted : null;
            return (new SetModeCommand(lane, Reason(visit, form), mode), $"{lane} → {mode?.ToString() ?? "hours"}: {form["reason"]}");
        });
        Order("notice", Permission.CommandGates, (visit, form) =>
        {
            var (zh, en) = (form["zh"].ToString().Trim(), form["en"].ToString().Trim());
            var minutes = FormReading.Whole(form["minutes"].ToString(), 1, 24 * 60) ?? 60;
            return (new NoticeCommand(zh, en, visit.Time.GetUtcNow().AddMinutes(minutes)), $"{zh} · {en} ({minutes} min)");
        });
        Order("apply-settings", Permission.ChangeGateSettings, (_, form) =>
        {
            var within = FormReading.Whole(form["within"].ToString(), 1, 600) ?? 60;
            return (new ApplySettingsCommand(form["settings"].ToString(), within), $"{form["settings"].ToString().Length} characters, on trial for {within} s");
        });

        void Order(string kind, Permission needs, Func<Visit, IFormCollection, (GateCommand Command, string Words)> make) =>
            pages.MapPost("/fleet/{site}/{gate}/" + kind, needs, async (visit, form) =>
            {
                if (FleetPages.GateOf(visit) is not { } gate)
                    return FleetPages.NoSuch(visit);
                var (command, words) = make(visit, form);
                return await desk.SendAsync(gate, command, StorableText.Cut(words, 400), visit.Session.Account, form["passphrase"].ToString(), visit.Gone) switch
                {
                    OrderResult.Sent => Visit.Redirect(PathOf(gate), "sent"),
                    OrderResult.WrongPassphrase => await ShowAsync(visit, board, desk, visit.Say("口令不对。", "The passphrase is wrong.")),
                    OrderResult.Wait(var wait) => await ShowAsync(visit, board, desk, visit.Say($"试错太多，请等 {visit.Long(wait)}。", $"Too many tries; wait {visit.Long(wait)}.")),
                    OrderResult.Impossible(var why) => await ShowAsync(visit, board, desk, visit.Say($"不能发送：{why}", $"Not sent: {why}")),
                    var result => throw new NotSupportedException(result.ToString()),
                };
            });
    }

    /// <summary>Who it was stands in the gate's own sealed record too.</summary>
    private static string Reason(Visit visit, IFormCollection form) =>
        form["reason"].ToString().Trim() is { Length: > 0 and <= LongestReason } reason ? $"{visit.Session.Account}: {reason}" : ""; // an empty one the command itself refuses

    private static async Task<IResult> ShowAsync(Visit visit, FleetBoard board, CommandDesk desk, string? fault)
    {
        if (FleetPages.GateOf(visit) is not { } name || await board.FindAsync(name, visit.Gone) is not { } gate)
            return FleetPages.NoSuch(visit);
        var (devices, alarms) = (await board.DevicesAsync(gate.Id, visit.Gone), await board.AlarmsAsync(gate.Id, visit.Gone));
        var (lanes, commands) = (await board.LanesAsync(gate.Id, visit.Gone), await board.CommandsAsync(gate.Id, visit.Gone));
        var canOrder = visit.May(Permission.CommandGates) && !gate.IsRetired;
        return visit.Page(gate.Name.ToString(), Html.Of(
            $"""
            {(fault is null ? Html.None : Html.Of($"""<p class="fault" role="alert">{fault}</p>"""))}
            <p><a href="/fleet">{visit.Say("全部门岗", "All gates")}</a></p>
            <div id="state" data-refresh="3">{StateOf(visit, gate)}</div>
            <h2>{visit.Say("设备", "Devices")}</h2><div id="devices" data-refresh="3">{DevicesOf(visit, devices)}</div>
            {(canOrder ? OrdersOf(visit, gate.Name, lanes, desk.HasKey) : Html.None)}
            <h2>{visit.Say("命令与结果", "Orders and what became of them")}</h2><div id="commands" data-refresh="2">{CommandsOf(visit, commands)}</div>
            <h2>{visit.Say("警报", "Alarms")}</h2><div id="alarms" data-refresh="5">{FleetPages.AlarmsOf(visit, alarms, "gate")}</div>
            """), fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static Html StateOf(Visit visit, GateView gate) => Html.Of(
        $"""
        <dl class="figures">
          <div><dt>{visit.Say("状态", "State")}</dt><dd>{FleetWords.Chip(FleetWords.StateOf(visit, gate))}</dd></div>
          <div><dt>{visit.Say("缺失记录（应为 0）", "Records missing (must be 0)")}</dt><dd {Html.If(gate.Missing > 0, "class=\"bad\"")}>{gate.Missing}</dd></div>
          <div><dt>{visit.Say("产生 / 收到", "Made / here")}</dt><dd>{gate.Made} / {gate.Here}</dd></div>
          <div><dt>{visit.Say("时钟", "Clock")}</dt><dd>{FleetWords.Clock(visit, gate.Clock)}</dd></div>
        </dl>
        {(gate.Fault is { } fault ? Html.Of($"""<p class="fault">{fault}</p>""") : Html.None)}
        <p>{visit.Say("积压", "Backlog")}: {FleetPages.BacklogOf(visit, gate)} · {visit.Say("作废", "Void")}: {gate.Void} · {visit.Say("未送达即删除", "Deleted undelivered")}: {gate.Dropped} · {visit.Say("版本", "Version")}: {gate.Version ?? "?"} ·
        {visit.Say("最近一次账目", "Newest tally")}: {visit.When(gate.TallyAt)} · {visit.Say("上次上下线", "Last seen to come or go")}: {visit.When(gate.OnlineAt)}</p>
        """);

    private static Html DevicesOf(Visit visit, IReadOnlyList<DeviceView> devices)
    {
        var rows = devices.Select(device => Html.Of(
            $"""
            <tr><th scope="row">{device.Device}</th><td>{FleetWords.Chip((device.IsWell ? "good" : "bad", FleetWords.Device(visit, device.State)))}</td><td>{device.Cause}</td><td>{visit.When(device.Since)}</td></tr>
            """));
        return devices.Count == 0 ? Html.Of($"""<p class="card">{visit.Say("门岗还没有报告设备。", "The gate has told of no device yet.")}</p>""") : Html.Of(
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="{visit.Say("设备", "Devices")}"><table>
            <thead><tr><th scope="col">{visit.Say("设备", "Device")}</th><th scope="col">{visit.Say("状态", "State")}</th><th scope="col">{visit.Say("原因与办法", "Cause and remedy")}</th><th scope="col">{visit.Say("自", "Since")}</th></tr></thead>
            <tbody>{rows}</tbody></table></div>
            """);
    }

    private static Html OrdersOf(Visit visit, GateName gate, IReadOnlyList<string> lanes, bool hasKey)
    {
        if (!hasKey)
            return Html.Of($"""<p class="warn">{visit.Say("中心没有运维密钥，不能下命令：edgegate-center operator-key。", "The center has no operator's key and can give no orders: edgegate-center operator-key.")}</p>""");
        var modes = Enum.GetValues<PortalMode>().Select(mode => Html.Of($"""<option value="{mode}">{FleetWords.Mode(visit, mode)}</option>"""));
        return Html.Of(
            $"""
            <h2>{visit.Say("下命令", "Give an order")}</h2>
            <datalist id="lanes">{lanes.Select(lane => Html.Of($"""<option value="{lane}"></option>"""))}</datalist>
            <div class="columns">
            {Form("open-once", visit.Say("开门一次", "Open once"), Html.Of($"{Lane("open")}{ReasonField("open")}"))}
            {Form("set-mode", visit.Say("设置模式", "Set the mode"), Html.Of(
                $"""{Lane("mode")}<label for="mode-mode">{visit.Say("模式", "Mode")}</label><select id="mode-mode" name="mode">{modes}<option value="">{visit.Say("按通道自己的时间表", "by the lane's own hours")}</option></select>{ReasonField("mode")}"""))}
            {Form("notice", visit.Say("屏幕通知", "Words on the kiosk"), Html.Of(
                $"""
                <label for="zh">{visit.Say("中文", "Chinese")}</label><input id="zh" name="zh" lang="zh-Hans" maxlength="{NoticeCommand.LongestZh}" required>
                <label for="en">{visit.Say("英文", "English")}</label><input id="en" name="en" lang="en" maxlength="{NoticeCommand.LongestEn}" required>
                <label for="minutes">{visit.Say("显示几分钟", "For how many minutes")}</label><input id="minutes" name="minutes" type="number" min="1" max="1440" value="60" required>
                """))}
            {(visit.May(Permission.ChangeGateSettings) ? Form("apply-settings", visit.Say("更换设置", "New settings"), Html.Of(
                $"""
                <p class="soft">{visit.Say("先试用；若代理或设备未在限时内正常，门岗自动退回旧设置。", "On trial: the gate goes back by itself unless its broker and every device are well in time.")}</p>
                <label for="settings">gate.json</label><textarea id="settings" name="settings" class="code" maxlength="{ApplySettingsCommand.LongestSettings}" spellcheck="false" required></textarea>
                <label for="within">{visit.Say("限时（秒）", "Within (seconds)")}</label><input id="within" name="within" type="number" min="1" max="600" value="60" required>
                """)) : Html.None)}
            </div>
            """);

        Html Form(string kind, string title, Html fields) => Html.Of(
            $"""
            <form method="post" action="{PathOf(gate)}/{kind}" class="card {(kind == "apply-settings" ? "wide" : "")}" autocomplete="off">{visit.FormToken}<h3>{title}</h3>{fields}
            <label for="{kind}-passphrase">{visit.Say("运维密钥口令", "Passphrase of the operators' key")}</label><input id="{kind}-passphrase" name="passphrase" type="password" autocomplete="off" required>
            <button class="main">{visit.Say("发送", "Send")}</button></form>
            """);

        Html Lane(string form) => Html.Of(
            $"""<label for="{form}-lane">{visit.Say("通道", "Lane")}</label><input id="{form}-lane" name="lane" list="lanes" value="{(lanes.Count > 0 ? lanes[0] : "")}" maxlength="32" required>""");

        Html ReasonField(string form) => Html.Of(
            $"""<label for="{form}-reason">{visit.Say("原因（勿写个人信息）", "Why (nothing about persons)")}</label><input id="{form}-reason" name="reason" maxlength="{LongestReason}" required>""");
    }

    private static Html CommandsOf(Visit visit, IReadOnlyList<CommandView> commands)
    {
        var rows = commands.Select(command => Html.Of(
            $"""
            <tr><td>{visit.When(command.AskedAt)}</td><td>{command.AskedBy}</td><th scope="row">{FleetWords.Kind(visit, command.Kind)}</th><td>{command.Words}</td>
            <td>{FleetWords.Chip(FleetWords.ResultOf(visit, command))} {command.TrialCause ?? command.Answer}</td></tr>
            """));
        return commands.Count == 0 ? Html.Of($"""<p class="card">{visit.Say("还没有命令。", "No order yet.")}</p>""") : Html.Of(
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="{visit.Say("命令", "Orders")}"><table>
            <thead><tr><th scope="col">{visit.Say("时间", "Time")}</th><th scope="col">{visit.Say("谁", "Who")}</th><th scope="col">{visit.Say("命令", "Order")}</th><th scope="col">{visit.Say("内容", "What")}</th><th scope="col">{visit.Say("结果", "Result")}</th></tr></thead>
            <tbody>{rows}</tbody></table></div>
            """);
    }
}
