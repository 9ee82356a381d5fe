using EdgeGate.Access;
using EdgeGate.Center.Web.Accounts;

namespace EdgeGate.Center.Web.Frame;

/// <summary>Words that several pages need. Whatever one page alone says stands in that page.</summary>
internal static class CenterWords
{
    public static string Of(Visit visit, Role role) => role switch
    {
        Role.Officer => visit.Say("防疫员", "officer"),
        Role.Manager => visit.Say("物业", "manager"),
        Role.Operator => visit.Say("运维", "operator"),
        _ => visit.Say("审计", "auditor"),
    };

    /// <param name="taken">The portal opened for it.</param>
    public static string Of(Visit visit, Outcome outcome, bool taken) => outcome switch
    {
        Outcome.Granted when taken => visit.Say("通过", "granted"),
        Outcome.Granted => visit.Say("放行未通过", "granted, not taken"),
        Outcome.Guard => visit.Say("转人工", "to a guard"),
        _ => visit.Say("拒绝", "denied"),
    };
}
