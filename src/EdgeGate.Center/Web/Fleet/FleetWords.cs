using EdgeGate.Access;
using EdgeGate.Center.Fleet;
using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.Fleet;

/// <summary>States of gates, devices, alarms and commands in words; a word this program does not know is shown as it came.</summary>
internal static class FleetWords
{
    /// <summary>The one word for a gate, the worst first, and how it is shown: good, poor or bad.</summary>
    public static (string Class, string Words) StateOf(Visit visit, GateView gate) => gate switch
    {
        { IsRetired: true } => ("soft", visit.Say("已停用", "retired")),
        { Fault: not null } => ("bad", visit.Say("有故障", "fault")),
        { Online: false } => ("bad", visit.Say("离线", "offline")),
        { Online: null } => ("poor", visit.Say("未连接过", "never seen")),
        { Troubles: > 0 } => ("poor", visit.Say("设备异常", "device trouble")),
        { Missing: > 0 } => ("poor", visit.Say("补传中", "behind")),
        _ => ("good", visit.Say("在线", "online")),
    };

    public static string Clock(Visit visit, string? grade) => grade switch
    {
        null => "?",
        "synchronised" => visit.Say("已校准", "synchronised"),
        "holdover" => visit.Say("自守时", "holdover"),
        "unset" => visit.Say("未设置", "not set"),
        _ => grade,
    };

    public static string Alarm(Visit visit, string word) => word switch
    {
        "tailgated" => visit.Say("尾随", "tailgating"),
        "forced-open" => visit.Say("强行打开", "forced open"),
        "held-open" => visit.Say("久开未关", "held open"),
        "closed-again" => visit.Say("已关上", "closed again"),
        "sensor-stuck" => visit.Say("传感器卡住", "sensor stuck"),
        "sensor-freed" => visit.Say("传感器恢复", "sensor freed"),
        "fire-began" => visit.Say("消防释放", "fire release"),
        "fire-ended" => visit.Say("消防解除", "fire release ended"),
        _ => word,
    };

    public static string Device(Visit visit, string state) => state switch
    {
        "connected" => visit.Say("正常", "connected"),
        "disconnected" => visit.Say("断开", "disconnected"),
        "searching" => visit.Say("寻找中", "searching"),
        _ => state,
    };

    public static string Mode(Visit visit, PortalMode mode) => mode switch
    {
        PortalMode.Normal => visit.Say("正常", "normal"),
        PortalMode.EntryOnly => visit.Say("只进", "entry only"),
        PortalMode.ExitOnly => visit.Say("只出", "exit only"),
        PortalMode.Closed => visit.Say("关闭", "closed"),
        _ => visit.Say("自由通行", "free"),
    };

    public static string Kind(Visit visit, string kind) => kind switch
    {
        "open-once" => visit.Say("开门一次", "open once"),
        "set-mode" => visit.Say("设置模式", "set mode"),
        "notice" => visit.Say("屏幕通知", "notice"),
        "apply-settings" => visit.Say("更换设置", "settings"),
        _ => kind,
    };

    public static (string Class, string Words) ResultOf(Visit visit, CommandView command) => command switch
    {
        { Confirmed: true } => ("good", visit.Say("已确认生效", "confirmed")),
        { Confirmed: false } => ("bad", visit.Say("已退回旧设置", "reverted")),
        { Outcome: "taken", Kind: "apply-settings" } => ("poor", visit.Say("试用中", "on trial")),
        { Outcome: "taken" } => ("good", visit.Say("已执行", "done")),
        { Outcome: "refused" } => ("bad", visit.Say("被拒绝", "refused")),
        { Outcome: not null } => ("bad", visit.Say("失败", "failed")),
        _ when visit.Time.GetUtcNow() > command.Expires => ("bad", visit.Say("无应答", "no answer")),
        _ => ("poor", visit.Say("等待应答", "waiting")),
    };

    public static Html Chip((string Class, string Words) state) => Html.Of($"""<span class="chip {state.Class}">{state.Words}</span>""");
}
