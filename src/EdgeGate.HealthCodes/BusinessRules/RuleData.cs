using System.Globalization;
using System.Text.Json;

namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>What a rule's <c>var</c> looks into: the certificate as <c>payload</c>, everything else as <c>external</c>.</summary>
internal static class RuleData
{
    /// <exception cref="CertLogicException">The payload is over a limit.</exception>
    public static LogicValue Of(RuleSubject certificate, RulePlace place, JsonElement valueSets, CertLogicLimits limits)
    {
        var budget = new Budget(limits);
        return Record(
            ("payload", LogicValue.From(certificate.Payload, budget)),
            ("external", Record(
                ("validationClock", Time(place.ValidationClock)),
                ("valueSets", LogicValue.From(valueSets, budget)),
                ("countryCode", new LogicValue.Text(place.Country)),
                ("issuerCountryCode", new LogicValue.Text(certificate.IssuerCountry)),
                ("exp", Time(certificate.Expires)),
                ("iat", Time(certificate.IssuedAt)))));
    }

    private static LogicValue.Record Record(params (string Name, LogicValue Value)[] members) => new(members.ToDictionary(member => member.Name, member => member.Value));

    private static LogicValue.Text Time(DateTimeOffset time) => new(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
}
