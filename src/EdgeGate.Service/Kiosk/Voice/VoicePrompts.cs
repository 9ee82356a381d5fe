using System.Collections.Frozen;
using EdgeGate.Access;

namespace EdgeGate.Service.Kiosk.Voice;

/// <summary>All that a gate ever says aloud. Everybody near hears it: it says what to do next, and never why.</summary>
internal enum VoicePrompt
{
    ShowId,
    HoldStill,
    Measure,
    ShowCode,
    Pass,
    SeeStaff,
    TryAgain,
}

/// <param name="Words">As they are heard.</param>
/// <param name="Pinyin">
/// The Chinese words as espeak-ng is given them, with the tones that are spoken. Its voice for characters (1.51 in Debian 12) reads the tones of
/// its own dictionary aloud as English numbers; the one for pinyin speaks.
/// </param>
internal sealed record VoiceWords(Bilingual Words, string Pinyin);

/// <summary>Which prompt goes with a picture, and its words.</summary>
internal static class VoicePrompts
{
    public static FrozenDictionary<VoicePrompt, VoiceWords> Words { get; } = new Dictionary<VoicePrompt, VoiceWords>
    {
        [VoicePrompt.ShowId] = Say("请扫描二维码，或出示身份证", "qing3 sao3 miao2 er4 wei2 ma3, huo4 chu1 shi4 shen1 fen4 zheng4", "Please scan your code, or show your ID card"),
        [VoicePrompt.HoldStill] = Say("请将证件放稳", "qing3 jiang1 zheng4 jian4 fang4 wen3", "Please hold your card still"),
        [VoicePrompt.Measure] = Say("请将额头靠近测温仪", "qing3 jiang1 e2 tou2 kao4 jin4 ce4 wen1 yi2", "Please bring your forehead close to the thermometer"),
        [VoicePrompt.ShowCode] = Say("请刷健康码", "qing3 shua1 jian4 kang1 ma3", "Please show your health code"),
        [VoicePrompt.Pass] = Say("核验通过，请通行", "he2 yan4 tong1 guo4, qing3 tong1 xing2", "Thank you, please go ahead"),
        [VoicePrompt.SeeStaff] = Say("请联系工作人员", "qing3 lian2 xi4 gong1 zuo4 ren2 yuan2", "Please see our staff"),
        [VoicePrompt.TryAgain] = Say("请再试一次", "qing3 zai4 shi4 yi2 ci4", "Please try again"),
    }.ToFrozenDictionary();

    /// <summary>Whoever is refused for one of these can mend it alone; for anything else it is "see our staff", whatever the cause.</summary>
    private static readonly FrozenSet<DenyReason> MendedByTryingAgain =
        [DenyReason.CredentialUnreadable, DenyReason.IdNumberInvalid, DenyReason.Superseded, DenyReason.TemperatureMissing, DenyReason.TemperatureImplausible];

    /// <summary>Null for a picture that comes without a word: a lane where nobody stands is quiet.</summary>
    public static VoicePrompt? For(KioskView view) => view switch
    {
        { Face: KioskFace.Reading } => VoicePrompt.HoldStill,
        { Face: KioskFace.Gathering, Wanted: [WantedEvidence.Identity, ..] } => VoicePrompt.ShowId,
        { Face: KioskFace.Gathering, Wanted: [WantedEvidence.Temperature, ..] } => VoicePrompt.Measure,
        { Face: KioskFace.Gathering, Wanted: [WantedEvidence.HealthCode, ..] } => VoicePrompt.ShowCode,
        { Face: KioskFace.Granted } => VoicePrompt.Pass,
        { Face: KioskFace.Denied, Reasons: [_, ..] } when view.Reasons.All(MendedByTryingAgain.Contains) => VoicePrompt.TryAgain,
        { Face: KioskFace.Denied or KioskFace.SeeGuard } => VoicePrompt.SeeStaff,
        _ => null,
    };

    private static VoiceWords Say(string zh, string pinyin, string en) => new(new Bilingual(zh, en), pinyin);
}
