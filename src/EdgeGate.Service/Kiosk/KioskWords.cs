using System.Collections.Frozen;
using EdgeGate.Access;

namespace EdgeGate.Service.Kiosk;

/// <summary>The same words in both languages; the kiosk always shows both.</summary>
internal sealed record Bilingual(string Zh, string En);

/// <summary>
/// What the kiosk says: a title to be read from three metres and an advice that says what to do next. The wording follows
/// three rules: no blame, no jargon, and never a dead end. Lengths are limited by what fits a 480 × 800 screen.
/// </summary>
internal sealed record KioskWords(Bilingual Title, Bilingual Advice)
{
    public static FrozenDictionary<KioskFace, KioskWords> OfFaces { get; } = new Dictionary<KioskFace, KioskWords>
    {
        [KioskFace.Idle] = Say("请出示证件", "Show your ID", "请将身份证放在读卡区，或出示二维码", "Place your ID card on the reader, or show your code"),
        [KioskFace.Reading] = Say("正在读取", "Reading", "请将证件放稳，先不要拿开", "Please keep your card still on the reader"),
        [KioskFace.Gathering] = Say("正在核验", "Checking", "请稍候片刻", "One moment, please"),
        [KioskFace.Granted] = Say("请通行", "Please go ahead", "核验通过，谢谢您的配合", "All is well, thank you"),
        [KioskFace.Denied] = Say("暂不能通行", "Please see staff", "请联系工作人员，为您办理", "Please ask our staff, they will help you"),
        [KioskFace.SeeGuard] = Say("需人工核验", "Staff will help", "请稍候，工作人员将协助您", "Please wait here, our staff will assist you"),
        [KioskFace.Free] = Say("自由通行", "Free passage", "无需刷卡，请直接通行", "No card needed, please walk through"),
        [KioskFace.OutOfService] = Say("暂停使用", "Out of service", "请走人工通道，或联系工作人员", "Please use the staffed entrance or ask our staff"),
        [KioskFace.Closed] = Say("通道关闭", "Closed now", "现在不开放，请走其他通道", "This way is closed, please use another entrance"),
    }.ToFrozenDictionary();

    /// <summary>For <see cref="KioskFace.Gathering"/>: how each piece of evidence is asked for.</summary>
    public static FrozenDictionary<WantedEvidence, KioskWords> OfWanted { get; } = new Dictionary<WantedEvidence, KioskWords>
    {
        [WantedEvidence.Identity] = Say("请出示证件", "Now show your ID", "还需身份证或二维码", "Your ID card or code is still needed"),
        [WantedEvidence.HealthCode] = Say("出示健康码", "Health code", "请将健康码对准扫码口", "Please hold your health code to the scanner"),
        [WantedEvidence.Temperature] = Say("请测量体温", "Your temperature", "请将额头靠近测温仪", "Please hold your forehead close to the thermometer"),
    }.ToFrozenDictionary();

    /// <summary>For <see cref="KioskFace.Denied"/> and <see cref="KioskFace.SeeGuard"/>.</summary>
    public static FrozenDictionary<DenyReason, KioskWords> OfReasons { get; } = new Dictionary<DenyReason, KioskWords>
    {
        [DenyReason.CredentialNotEnabled] = Say("证件未启用", "Card not enabled", "请联系工作人员，为您启用", "Please ask our staff to enable it for you"),
        [DenyReason.CredentialNotActive] = Say("证件未生效", "Not valid yet", "请在生效日期后使用，或联系工作人员", "Please come back from its start date, or ask our staff"),
        [DenyReason.CredentialExpired] = Say("证件已过期", "Card has expired", "请出示其他有效证件，或联系工作人员", "Please show another valid card, or ask our staff"),
        [DenyReason.NotPermittedAtThisTime] = Say("非通行时段", "Not at this hour", "请在您的通行时段再来，或联系工作人员", "Please come back in your time slot, or ask our staff"),
        [DenyReason.Unauthorized] = Say("尚未授权", "Not yet allowed", "请联系工作人员，为您办理登记", "Please ask our staff to register you for this gate"),
        [DenyReason.CredentialNotFound] = Say("证件未登记", "Not registered", "请换一种证件，或联系工作人员登记", "Please try another card, or register with our staff"),
        [DenyReason.CredentialUnreadable] = Say("读卡未成功", "Card not read", "请将证件平放在读卡区，再试一次", "Please lay your card flat on the reader and try again"),
        [DenyReason.IdNumberInvalid] = Say("号码待核对", "ID needs a check", "请再刷一次证件，或联系工作人员核对", "Please show your ID again, or ask our staff to check it"),
        [DenyReason.Superseded] = Say("请依次通行", "One at a time", "请等前一位通过后，再刷一次证件", "Please wait your turn, then show your card again"),
        [DenyReason.TemperatureMissing] = Say("未测到体温", "No temperature", "请将额头靠近测温仪，再试一次", "Please hold your forehead close and try again"),
        [DenyReason.TemperatureTooHigh] = Say("体温偏高", "Temperature high", "请稍候，工作人员将为您复测", "Please wait, our staff will measure again"),
        [DenyReason.TemperatureImplausible] = Say("请重新测温", "Measure again", "请休息片刻，再将额头靠近测温仪", "Please rest a moment, then hold your forehead close"),
        [DenyReason.PortalClosed] = Say("通道已关闭", "Gate is closed", "请走其他通道，或联系工作人员", "Please use another entrance, or ask our staff"),
        [DenyReason.DirectionClosed] = Say("单向通行", "One way only", "此方向暂不通行，请走其他通道", "This way is closed now, please use another entrance"),
        [DenyReason.CredentialRevoked] = Say("通行证停用", "Pass withdrawn", "请联系工作人员，为您重新办理", "Please ask our staff for a new pass"),
        [DenyReason.CredentialUsedUp] = Say("通行证用完", "Pass used up", "次数已经用完，请联系工作人员", "This pass was used before, please ask our staff"),
        [DenyReason.CredentialUnverified] = Say("通行证待核", "Pass to be seen", "请稍候，工作人员将为您核对", "Please wait here, our staff will look at your pass"),
        [DenyReason.HealthCodeMissing] = Say("未见健康码", "No health code", "请打开健康码，再刷一次证件", "Please open your health code, then show your ID again"),
        [DenyReason.HealthCodeInvalid] = Say("健康码无效", "Code not valid", "请刷新健康码再试，或联系工作人员", "Please refresh your health code, or ask our staff"),
        [DenyReason.HealthCodeExpired] = Say("健康码过期", "Code has expired", "请刷新健康码再试，或联系工作人员", "Please refresh your health code, or ask our staff"),
        [DenyReason.HealthCodeNotActive] = Say("码尚未生效", "Not valid yet", "请在生效日期后使用，或联系工作人员", "Please come back from its start date, or ask our staff"),
        [DenyReason.HealthCodeRevoked] = Say("健康码失效", "Code withdrawn", "请刷新健康码再试，或联系工作人员", "Please refresh your health code, or ask our staff"),
        [DenyReason.HealthCodeNotHealthy] = Say("请到人工台", "Please see staff", "请稍候片刻，工作人员为您办理", "Please ask our staff, they will help you"),
        [DenyReason.HealthCodeOfAnother] = Say("请核对本人", "Is it your code?", "请出示本人的健康码，或联系工作人员", "Please show your own health code, or ask our staff"),
        [DenyReason.HealthCodeUnverified] = Say("暂无法查询", "Cannot check now", "请稍候，工作人员将协助您", "Please wait here, our staff will assist you"),
        [DenyReason.ClockNotSet] = Say("设备待校时", "Clock not set", "设备原因，请联系工作人员协助", "The gate needs attention, please ask our staff"),
        [DenyReason.AntiPassbackViolation] = Say("重复通行", "Already recorded", "您上次的通行未登记完，请联系工作人员", "Your last passage was this way too, please ask our staff"),
        [DenyReason.MaxOccupancyReached] = Say("人数已满", "Full for now", "请在外等候，有人离开后即可进入", "Please wait outside until somebody has left"),
        [DenyReason.NotRegistered] = Say("人员未登记", "Please register", "请到工作人员处，登记后即可通行", "Please register with our staff, it takes a minute"),
        [DenyReason.RegistrationNotValid] = Say("不在有效期", "Not valid today", "您的登记不在有效期，请联系工作人员", "Your registration is for other days, please ask our staff"),
        [DenyReason.WatchListed] = Say("请稍候", "One moment", "请在此等候，工作人员马上就来", "Please wait here, our staff will be with you shortly"),
        [DenyReason.UnderQuarantine] = Say("请居家休养", "Please stay home", "居家期间请勿外出，需要帮助请找我们", "Please stay at home for now; our staff brings what you need"),
        [DenyReason.ZoneClosed] = Say("暂停外出", "Please stay in", "本区域暂停外出，急事请联系工作人员", "Nobody leaves this area for now; if urgent, ask our staff"),
        [DenyReason.NeedsRegistration] = Say("需登记信息", "A few questions", "请稍候，工作人员为您登记", "Please wait, our staff will note a few details"),
        [DenyReason.ListMissing] = Say("名单未就绪", "List not ready", "设备原因，请由工作人员核对", "The gate lacks a list, our staff will check by hand"),
        [DenyReason.ListTooOld] = Say("名单待更新", "List out of date", "名单未及时更新，请由工作人员核对", "The gate's list is old, our staff will check by hand"),
        [DenyReason.OccupancyUnknown] = Say("人数待核对", "Count unknown", "请稍候，工作人员核对后放行", "Please wait while our staff checks how many are inside"),
    }.ToFrozenDictionary();

    /// <summary>
    /// One message only, for the first and most severe reason: a list is not read at a gate. A reason without words (the
    /// tests know none) falls back to those of the face.
    /// </summary>
    public static KioskWords For(KioskView view) => view switch
    {
        { Face: KioskFace.Gathering, Wanted: [WantedEvidence.Temperature, ..], MeasuredFrom: { } centimetres } => Measured(centimetres),
        { Face: KioskFace.Gathering, Wanted: [var wanted, ..] } when OfWanted.TryGetValue(wanted, out var words) => words,
        { Face: KioskFace.Denied or KioskFace.SeeGuard, Reasons: [var reason, ..] } when OfReasons.TryGetValue(reason, out var words) => words,
        _ => OfFaces[view.Face],
    };

    /// <summary>For whoever looks for one gate among several.</summary>
    public static Bilingual ThisIs(string gate) => new($"本机编号 {gate}", $"This is gate {gate}");

    private static KioskWords Measured(int from) => OfWanted[WantedEvidence.Temperature] with
    {
        Advice = new Bilingual($"请将额头靠近测温仪，距离约{from}厘米", $"Please hold your forehead about {from} cm away"),
    };

    private static KioskWords Say(string title, string titleEn, string advice, string adviceEn) =>
        new(new Bilingual(title, titleEn), new Bilingual(advice, adviceEn));
}
