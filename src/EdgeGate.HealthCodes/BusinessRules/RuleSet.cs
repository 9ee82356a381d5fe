using System.Text.Json;

namespace EdgeGate.HealthCodes.BusinessRules;

/// <summary>
/// All rules and value sets a gate judges certificates by. Immutable, so a new set replaces an old one as a whole; safe to use from many threads.
/// </summary>
public sealed class RuleSet
{
    private readonly JsonElement _valueSets;

    internal RuleSet(long version, IReadOnlyList<Rule> rules, JsonElement valueSets) => (Version, Rules, _valueSets) = (version, rules, valueSets);

    /// <summary>Rises with every set the operator signs.</summary>
    public long Version { get; }

    public IReadOnlyList<Rule> Rules { get; }

    /// <summary>
    /// Reads the payload of a signed rule file: <c>{"version": 7, "rules": [ … ], "valueSets": {"name": ["code", …]}}</c>. Rules are
    /// written as the EU gateway has them (Identifier, Type, Country, Version, Engine, EngineVersion, CertificateType, Description,
    /// ValidFrom, ValidTo, AffectedFields, Logic). The caller has verified the signature, and compares versions.
    /// </summary>
    /// <param name="payload">UTF-8 JSON, at most 4 MiB.</param>
    /// <param name="limits">What each rule may take; the same apply when it is evaluated.</param>
    /// <exception cref="RuleSetException">It cannot be used; every fault found is listed. Half a set is never taken.</exception>
    public static RuleSet Parse(ReadOnlyMemory<byte> payload, CertLogicLimits? limits = null) => RuleSetReader.Read(payload, limits ?? CertLogicLimits.Default);

    /// <summary>Asks every rule that applies; none short-circuits.</summary>
    /// <param name="certificate">The certificate's claims, already verified.</param>
    /// <param name="place">Where and when it is shown.</param>
    /// <param name="limits">What each rule may take.</param>
    public RuleReport Evaluate(RuleSubject certificate, RulePlace place, CertLogicLimits? limits = null)
    {
        limits ??= CertLogicLimits.Default;
        LogicValue data;
        try
        {
            data = CertLogic.Guarded(() => RuleData.Of(certificate, place, _valueSets, limits));
        }
        catch (CertLogicException unusable)
        {
            return new RuleReport(Version, [.. Applicable(certificate, place).Select(rule => new RuleOutcome(rule, RuleAnswer.Failed, unusable.Message))]);
        }
        return new RuleReport(Version, [.. Applicable(certificate, place).Select(rule => Ask(rule, data, limits))]);
    }

    private IEnumerable<Rule> Applicable(RuleSubject certificate, RulePlace place) => Rules
        .Where(rule => rule.Country == (rule.Type == RuleType.Acceptance ? place.Country : certificate.IssuerCountry))
        .Where(rule => rule.CertificateType == CertificateType.General || rule.CertificateType == certificate.Type)
        .Where(rule => rule.ValidFrom <= place.ValidationClock && place.ValidationClock <= rule.ValidTo)
        .GroupBy(rule => rule.Identifier, StringComparer.Ordinal)
        .Select(versions => versions.MaxBy(rule => rule.Version)!);

    private static RuleOutcome Ask(Rule rule, LogicValue data, CertLogicLimits limits)
    {
        if (rule.EngineVersion > CertLogic.EngineVersion)
            return new RuleOutcome(rule, RuleAnswer.Open, $"written for CertLogic {rule.EngineVersion}, newer than {CertLogic.EngineVersion}");
        try
        {
            return CertLogic.Holds(rule.Logic, data, limits)
                ? new RuleOutcome(rule, RuleAnswer.Passed, "holds")
                : new RuleOutcome(rule, RuleAnswer.Failed, rule.AffectedFields.Count > 0 ? $"does not hold; it looks at {string.Join(", ", rule.AffectedFields)}" : "does not hold");
        }
        catch (CertLogicException error)
        {
            return new RuleOutcome(rule, RuleAnswer.Failed, $"could not be evaluated: {error.Message}");
        }
    }
}

/// <summary>A rule file that cannot be used.</summary>
public sealed class RuleSetException(IReadOnlyList<string> faults, Exception? inner = null) : Exception(string.Join("; ", faults), inner)
{
    /// <summary>Each names the rule and what is wrong with it.</summary>
    public IReadOnlyList<string> Faults => faults;
}
