using System.Text.Json;

namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>Whose rule it is.</summary>
public enum RuleType
{
    /// <summary>Of the country where the certificate is shown.</summary>
    Acceptance,

    /// <summary>Of the country that issued the certificate, which takes some of its own back. It holds, too, when the certificate is good.</summary>
    Invalidation,
}

/// <summary>The kinds of certificate a rule can be for; <see cref="General"/> is all of them.</summary>
public enum CertificateType
{
    General,
    Vaccination,
    Test,
    Recovery,
}

/// <summary>One business rule of a signed rule set.</summary>
public sealed record Rule
{
    /// <summary>Two capital letters (GR, VR, TR, RR or IR), country, four digits: <c>VR-DE-0001</c>.</summary>
    public required string Identifier { get; init; }

    public required RuleType Type { get; init; }

    /// <summary>ISO 3166-1 alpha-2, capitals.</summary>
    public required string Country { get; init; }

    /// <summary>The highest version of an identifier that is in its time counts alone.</summary>
    public required Version Version { get; init; }

    /// <summary>The CertLogic version the rule was written for.</summary>
    public required Version EngineVersion { get; init; }

    public required CertificateType CertificateType { get; init; }

    /// <summary>First instant.</summary>
    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>Last instant.</summary>
    public required DateTimeOffset ValidTo { get; init; }

    /// <summary>Paths into the payload that the rule looks at, for people: <c>v.0.dn</c>.</summary>
    public required IReadOnlyList<string> AffectedFields { get; init; }

    /// <summary>What the rule demands, by language tag; may be empty.</summary>
    public required IReadOnlyDictionary<string, string> Descriptions { get; init; }

    /// <summary>A checked CertLogic expression over <c>payload</c> and <c>external</c> that is true when the certificate keeps the rule.</summary>
    public required JsonElement Logic { get; init; }
}
