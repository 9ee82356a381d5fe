using System.Text.Json;

namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>A verified certificate, as the rules see it.</summary>
/// <param name="Type">Vaccination, test or recovery.</param>
/// <param name="IssuerCountry">ISO 3166-1 alpha-2 of the issuer.</param>
/// <param name="Payload">The EU DCC payload (<c>ver</c>, <c>nam</c>, <c>dob</c>, and one of <c>v</c>, <c>t</c>, <c>r</c>).</param>
/// <param name="IssuedAt">CWT claim 6.</param>
/// <param name="Expires">CWT claim 4.</param>
public sealed record RuleSubject(CertificateType Type, string IssuerCountry, JsonElement Payload, DateTimeOffset IssuedAt, DateTimeOffset Expires);

/// <summary>Where and when a certificate is shown.</summary>
/// <param name="Country">ISO 3166-1 alpha-2 of the country whose acceptance rules count.</param>
/// <param name="ValidationClock">Now, by a clock that is trusted.</param>
public sealed record RulePlace(string Country, DateTimeOffset ValidationClock);

public enum RuleAnswer
{
    Passed,

    /// <summary>The rule does not hold, or could not be evaluated on this certificate.</summary>
    Failed,

    /// <summary>The rule needs a newer engine: nobody can tell.</summary>
    Open,
}

/// <summary>One rule's answer and, in words without personal data, why.</summary>
public sealed record RuleOutcome(Rule Rule, RuleAnswer Answer, string Description);

/// <summary>What all applicable rules say.</summary>
/// <param name="RuleSetVersion">The set that was asked.</param>
/// <param name="Outcomes">One for each rule that applies, in the order of the set.</param>
public sealed record RuleReport(long RuleSetVersion, IReadOnlyList<RuleOutcome> Outcomes)
{
    /// <summary>
    /// RuleFailed if any failed, else CannotVerify if any is open or no rule applies (a set whose rules have all lapsed must not let
    /// everybody in; who wants a kind of certificate accepted as it is signs a rule whose logic is <c>true</c>), else Valid.
    /// </summary>
    public HealthCodeStatus Status =>
        Outcomes.Any(outcome => outcome.Answer == RuleAnswer.Failed) ? HealthCodeStatus.RuleFailed
        : Outcomes.Count == 0 || Outcomes.Any(outcome => outcome.Answer == RuleAnswer.Open) ? HealthCodeStatus.CannotVerify
        : HealthCodeStatus.Valid;
}
