using System.Collections.Frozen;
using EdgeGate.Access;
using EdgeGate.Service.Kiosk;

namespace EdgeGate.Service.GuardPost;

/// <summary>Why somebody needs a guard, as a guard needs to know it: plainer than <see cref="KioskWords"/>, which everybody near can read.</summary>
internal static class GuardWords
{
    /// <summary>The reason's own name where a later version of the rules knows one that this table does not: a live view without words is worse.</summary>
    public static Bilingual Of(DenyReason reason) => OfReasons.GetValueOrDefault(reason) ?? new Bilingual(reason.ToString(), reason.ToString());

    public static FrozenDictionary<DenyReason, Bilingual> OfReasons { get; } = new Dictionary<DenyReason, Bilingual>
    {
        [DenyReason.CredentialNotEnabled] = new("证件未启用", "Card not enabled"),
        [DenyReason.CredentialNotActive] = new("证件未生效", "Card not valid yet"),
        [DenyReason.CredentialExpired] = new("证件已过期", "Card expired"),
        [DenyReason.NotPermittedAtThisTime] = new("不在通行时段", "Not at this hour"),
        [DenyReason.Unauthorized] = new("无本通道权限", "Not allowed here"),
        [DenyReason.CredentialNotFound] = new("证件不认识", "Card unknown"),
        [DenyReason.CredentialUnreadable] = new("证件读不出", "Card unreadable"),
        [DenyReason.IdNumberInvalid] = new("身份证号校验错误", "ID number is wrong"),
        [DenyReason.Superseded] = new("被后来者打断", "Overtaken by another"),
        [DenyReason.TemperatureMissing] = new("没有体温", "No temperature"),
        [DenyReason.TemperatureTooHigh] = new("体温偏高", "Temperature high"),
        [DenyReason.TemperatureImplausible] = new("体温读数异常", "Temperature implausible"),
        [DenyReason.ClockNotSet] = new("设备未校时，日期不可信", "Gate does not know the date"),
        [DenyReason.CredentialRevoked] = new("通行证已收回", "Pass withdrawn"),
        [DenyReason.CredentialUnverified] = new("核对通行证与本人", "Check pass and person"),
        [DenyReason.CredentialUsedUp] = new("通行证次数已用完", "Pass is used up"),
        [DenyReason.HealthCodeMissing] = new("没有健康码", "No health code"),
        [DenyReason.HealthCodeInvalid] = new("健康码无效或伪造", "Health code invalid"),
        [DenyReason.HealthCodeExpired] = new("健康码过期", "Health code expired"),
        [DenyReason.HealthCodeNotActive] = new("健康码未生效", "Health code not valid yet"),
        [DenyReason.HealthCodeRevoked] = new("健康码已撤销", "Health code revoked"),
        [DenyReason.HealthCodeNotHealthy] = new("健康码红码或黄码", "Health code red or yellow"),
        [DenyReason.HealthCodeOfAnother] = new("健康码不是本人", "Health code of another"),
        [DenyReason.HealthCodeUnverified] = new("健康码暂无法核实", "Health code not verifiable"),
        [DenyReason.PortalClosed] = new("通道已关闭", "Lane is closed"),
        [DenyReason.DirectionClosed] = new("此方向已关闭", "Direction is closed"),
        [DenyReason.AntiPassbackViolation] = new("重复同向通行", "Same way twice"),
        [DenyReason.MaxOccupancyReached] = new("人数已满", "Site is full"),
        [DenyReason.NotRegistered] = new("名册中没有", "Not registered"),
        [DenyReason.RegistrationNotValid] = new("登记不在有效期", "Registration not valid today"),
        [DenyReason.WatchListed] = new("在关注名单上", "On a watch list"),
        [DenyReason.UnderQuarantine] = new("居家隔离中", "Under quarantine"),
        [DenyReason.ZoneClosed] = new("所在区域封控", "Zone is closed"),
        [DenyReason.NeedsRegistration] = new("需补登记", "Needs registration"),
        [DenyReason.ListMissing] = new("名单缺失", "A list is missing"),
        [DenyReason.ListTooOld] = new("名单过旧", "A list is too old"),
        [DenyReason.OccupancyUnknown] = new("在场人数不明", "Head count unknown"),
    }.ToFrozenDictionary();

    /// <summary>Why a guard lets somebody pass: the words that records carry, and that the page has buttons for.</summary>
    public static FrozenSet<string> GrantReasons { get; } = FrozenSet.Create(
        "document-checked", "known-resident", "measured-by-hand", "escorted", "emergency", "other");

    /// <summary>Why a guard does not.</summary>
    public static FrozenSet<string> DenyReasons { get; } = FrozenSet.Create("not-permitted", "unwell", "document-doubtful", "other");

    /// <summary>Why a guard opens for somebody who showed nothing.</summary>
    public static FrozenSet<string> OpenReasons { get; } = FrozenSet.Create("pram-or-wheelchair", "delivery", "vehicle", "emergency", "other");
}
