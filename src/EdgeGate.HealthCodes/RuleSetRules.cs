using EdgeGate.HealthCodes.BusinessRules;

namespace EdgeGate.HealthCodes;

/// <summary>Asks a rule set about each certificate.</summary>
/// <param name="current">The set in use; null when none is loaded, and then nothing can be judged.</param>
/// <param name="country">Two letters: whose acceptance rules count at this gate.</param>
public sealed class RuleSetRules(Func<RuleSet?> current, string country) : ICertificateRules
{
    public CertificateRuling Check(CertificateFacts certificate)
    {
        if (current() is not { } rules)
            return new CertificateRuling(HealthCodeStatus.CannotVerify, []);
        var type = certificate.Kind switch
        {
            CertificateKinds.Vaccination => CertificateType.Vaccination,
            CertificateKinds.Test => CertificateType.Test,
            _ => CertificateType.Recovery,
        };
        var report = rules.Evaluate(
            new RuleSubject(type, certificate.IssuerCountry ?? "", certificate.Payload, certificate.IssuedAt, certificate.ExpiresAt), new RulePlace(country, certificate.Now));
        return new CertificateRuling(report.Status, [.. report.Outcomes
            .Where(outcome => outcome.Answer != RuleAnswer.Passed)
            .Select(outcome => new RuleFailure(outcome.Rule.Identifier, outcome.Description))]);
    }
}
