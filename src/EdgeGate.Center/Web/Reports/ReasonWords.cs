using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Center.Web.Frame;

namespace EdgeGate.Center.Web.Reports;

/// <summary>Deny reasons as facts for a sheet; the kiosk's words speak to the person instead.</summary>
internal static class ReasonWords
{
    private static readonly Dictionary<DenyReason, (string Zh, string En)> All = new()
    {
        [DenyReason.CredentialNotEnabled] = ("证件未启用", "credential not enabled"),
        [DenyReason.CredentialNotActive] = ("证件未生效", "credential not yet valid"),
        [DenyReason.CredentialExpired] = ("证件过期", "credential expired"),
        [DenyReason.NotPermittedAtThisTime] = ("不在允许时段", "not permitted at this time"),
        [DenyReason.Unauthorized] = ("未授权", "not authorised"),
        [DenyReason.CredentialNotFound] = ("证件未知", "credential unknown"),
        [DenyReason.CredentialUnreadable] = ("证件读不出", "credential unreadable"),
        [DenyReason.IdNumberInvalid] = ("身份证号校验不符", "ID number's check digit wrong"),
        [DenyReason.Superseded] = ("被后来者打断", "another person came between"),
        [DenyReason.TemperatureMissing] = ("未测温", "no temperature"),
        [DenyReason.TemperatureTooHigh] = ("体温过高", "temperature too high"),
        [DenyReason.TemperatureImplausible] = ("测温不可信", "temperature implausible"),
        [DenyReason.ClockNotSet] = ("门岗时钟未设", "the gate's clock was not set"),
        [DenyReason.CredentialRevoked] = ("通行证已收回", "pass called back"),
        [DenyReason.CredentialUnverified] = ("通行证无法核实", "pass could not be verified"),
        [DenyReason.CredentialUsedUp] = ("通行证次数用完", "pass used up"),
        [DenyReason.HealthCodeMissing] = ("无健康码", "no health code"),
        [DenyReason.HealthCodeInvalid] = ("健康码无效", "health code invalid"),
        [DenyReason.HealthCodeExpired] = ("健康码过期", "health code expired"),
        [DenyReason.HealthCodeNotActive] = ("健康码未生效", "health code not yet valid"),
        [DenyReason.HealthCodeRevoked] = ("健康码被撤销", "health code revoked"),
        [DenyReason.HealthCodeNotHealthy] = ("健康码非绿码", "health code says stay away"),
        [DenyReason.HealthCodeOfAnother] = ("他人健康码", "somebody else's health code"),
        [DenyReason.HealthCodeUnverified] = ("健康码无法核实", "health code could not be verified"),
        [DenyReason.PortalClosed] = ("通道关闭", "lane closed"),
        [DenyReason.DirectionClosed] = ("方向不通", "direction closed"),
        [DenyReason.AntiPassbackViolation] = ("重复进出", "anti-passback"),
        [DenyReason.MaxOccupancyReached] = ("人数已满", "full"),
        [DenyReason.NotRegistered] = ("未登记", "not registered"),
        [DenyReason.RegistrationNotValid] = ("登记不在有效期", "registration not valid now"),
        [DenyReason.WatchListed] = ("关注名单", "on a watch list"),
        [DenyReason.UnderQuarantine] = ("居家隔离中", "under quarantine"),
        [DenyReason.ZoneClosed] = ("区域封闭", "zone closed"),
        [DenyReason.NeedsRegistration] = ("需登记", "needs registration"),
        [DenyReason.ListMissing] = ("门岗缺名单", "the gate lacked a list"),
        [DenyReason.ListTooOld] = ("门岗名单过旧", "the gate's list was too old"),
        [DenyReason.OccupancyUnknown] = ("在场人数不明", "occupancy unknown"),
    };

    /// <summary>Those that have words.</summary>
    public static IReadOnlyCollection<DenyReason> Known => All.Keys;

    public static string Of(Visit visit, DenyReason reason) => visit.Say(All[reason].Zh, All[reason].En);

    /// <summary>As records name it.</summary>
    public static string Word(DenyReason reason) => JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString());
}
