using EdgeGate.Access;
using EdgeGate.Access.Rules;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Holders;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.HealthCodes;

/// <summary>
/// A code must be genuine, in its time, healthy, and, where that can be told, that of the person who shows it. What cannot be found out
/// is never "healthy" by itself: the settings say what it means.
/// </summary>
internal sealed class HealthCodeRule(HealthCodeRuleSettings settings) : IAccessRule
{
    public string Name => "health-code";

    public Objection? Check(AccessRequest request)
    {
        if (request.Presentation.Credential is Credential.Unreadable)
            return null; // nobody's; the encounter's rule says so
        if (settings.PassesAreExempt && request.Presentation.Credential is (Credential.Code or Credential.Pass or Credential.Statement))
            return null;
        return request.HealthCode switch
        {
            JudgedHealthCode judged => Check(judged, MatchOf(request)),
            _ => Objection(DenyReason.HealthCodeMissing, settings.WhenMissing),
        };
    }

    /// <summary>
    /// How a certificate and the ID card shown with it fit together; null without a card, and for a certificate that is not believed and
    /// tells of nobody. A genuine one that names nobody is anybody's: cannot tell.
    /// </summary>
    public static HolderMatchAnswer? MatchOf(AccessRequest request) => request switch
    {
        { HealthCode: JudgedHealthCode.Certificate { Result: var result }, Presentation.Credential: Credential.IdCard card } when result.Holder is not null || result.Status is HealthCodeStatus.Valid =>
            HolderMatch.Compare(result.Holder, card.Name, CitizenNumber.TryParse(card.Number, out var number) ? number.BirthDate : null),
        { HealthCode: JudgedHealthCode.Asked { Answer.Status: HealthCodeStatus.ProviderGreen, Answer.MaskedName: var masked }, Presentation.Credential: Credential.IdCard card } =>
            CompareMasked(masked, card.Name),
        _ => null,
    };

    /// <summary>A masked name can only contradict: letters that both show and that differ. That they agree says little, 张** is a great many people.</summary>
    private static HolderMatchAnswer CompareMasked(string? masked, string name) =>
        masked is not null && masked.Length == name.Length && masked.Zip(name).Any(pair => char.IsLetter(pair.First) && pair.First != pair.Second)
            ? HolderMatchAnswer.Differs
            : HolderMatchAnswer.CannotTell;

    private Objection? Check(JudgedHealthCode judged, HolderMatchAnswer? match) => judged switch
    {
        JudgedHealthCode.Asked { Answer.WhenOffline: { } whenOffline } =>
            new(DenyReason.HealthCodeUnverified, whenOffline is OfflineAnswer.Deny ? Outcome.Denied : Outcome.Guard),
        _ => judged.Status switch
        {
            HealthCodeStatus.Valid or HealthCodeStatus.ProviderGreen => CheckHolder(match),
            HealthCodeStatus.ProviderYellow => Objection(DenyReason.HealthCodeNotHealthy, settings.WhenYellow),
            HealthCodeStatus.ProviderRed or HealthCodeStatus.RuleFailed => new(DenyReason.HealthCodeNotHealthy, Outcome.Denied),
            HealthCodeStatus.Expired or HealthCodeStatus.ProviderExpired => new(DenyReason.HealthCodeExpired, Outcome.Denied),
            HealthCodeStatus.NotYetValid => new(DenyReason.HealthCodeNotActive, Outcome.Denied),
            HealthCodeStatus.Revoked => new(DenyReason.HealthCodeRevoked, Outcome.Denied),
            HealthCodeStatus.CannotVerify or HealthCodeStatus.ProviderTimeout or HealthCodeStatus.ProviderError =>
                Objection(DenyReason.HealthCodeUnverified, settings.WhenUnverified),
            _ => new(DenyReason.HealthCodeInvalid, Outcome.Denied),
        },
    };

    private Objection? CheckHolder(HolderMatchAnswer? match) => match switch
    {
        HolderMatchAnswer.Differs => new(DenyReason.HealthCodeOfAnother, Outcome.Denied),
        HolderMatchAnswer.CannotTell => Objection(DenyReason.HealthCodeOfAnother, settings.WhenHolderUnclear),
        _ => null,
    };

    private static Objection? Objection(DenyReason reason, HealthCodeAnswer answer) => answer switch
    {
        HealthCodeAnswer.Grant => null,
        HealthCodeAnswer.Guard => new(reason, Outcome.Guard),
        _ => new(reason, Outcome.Denied),
    };
}
