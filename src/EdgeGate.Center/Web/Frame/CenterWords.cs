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
}
