namespace EdgeGate.Access;

/// <summary>What the gate answers. Ordered by severity: the worst answer of any rule is the decision.</summary>
public enum Outcome
{
    Granted,

    /// <summary>A person must look before anybody passes.</summary>
    Guard,
    Denied,
}

/// <summary>
/// Why somebody may not pass. The first names are ONVIF's (Access Rules, Access Control service specification, deny
/// reasons); ours follow. The names go out in records, so they are never renamed.
/// </summary>
public enum DenyReason
{
    CredentialNotEnabled,
    CredentialNotActive,
    CredentialExpired,
    NotPermittedAtThisTime,
    Unauthorized,

    /// <summary>The credential is of a kind or group this gate does not know.</summary>
    CredentialNotFound,

    /// <summary>The reader saw a card and could not read it, or the module refused it.</summary>
    CredentialUnreadable,

    /// <summary>The check digit of the ID number (GB 11643) does not fit the other digits.</summary>
    IdNumberInvalid,

    /// <summary>Another person showed a credential before this one's evidence was complete.</summary>
    Superseded,
    TemperatureMissing,
    TemperatureTooHigh,

    /// <summary>No living body has this temperature, or the surroundings are outside the thermometer's range.</summary>
    TemperatureImplausible,

    /// <summary>A date had to be judged and the gate does not know what day it is.</summary>
    ClockNotSet,

    /// <summary>A pass was called back before its time.</summary>
    CredentialRevoked,

    /// <summary>Whether a pass is good cannot be told here and now: the clock is not set, or it is made out to a person or for so many uses.</summary>
    CredentialUnverified,

    /// <summary>A pass was good for so many uses, and they are used up.</summary>
    CredentialUsedUp,

    HealthCodeMissing,

    /// <summary>Damaged, forged, of an issuer nobody trusts, or of a kind that is not taken here.</summary>
    HealthCodeInvalid,
    HealthCodeExpired,
    HealthCodeNotActive,
    HealthCodeRevoked,

    /// <summary>Genuine, and it says that its holder should not pass: red, yellow, or a business rule does not hold.</summary>
    HealthCodeNotHealthy,

    /// <summary>It is not that of the person whose ID card was shown, or nobody can tell.</summary>
    HealthCodeOfAnother,

    /// <summary>Nothing can be said now: the provider does not answer, the clock or the trust list cannot be relied on.</summary>
    HealthCodeUnverified,

    /// <summary>The portal's mode lets nobody pass now.</summary>
    PortalClosed,

    /// <summary>The portal's mode lets people pass the other way only.</summary>
    DirectionClosed,

    /// <summary>Somebody who is inside enters again, or who is outside leaves again.</summary>
    AntiPassbackViolation,

    /// <summary>As many people are inside as may be.</summary>
    MaxOccupancyReached,

    /// <summary>No register of this gate knows the person.</summary>
    NotRegistered,

    /// <summary>The register knows the person, for another time.</summary>
    RegistrationNotValid,

    /// <summary>A watch list names the person.</summary>
    WatchListed,

    /// <summary>The person is to stay at home.</summary>
    UnderQuarantine,

    /// <summary>Nobody leaves the person's zone, or home, for now.</summary>
    ZoneClosed,

    /// <summary>A mark on the person, or the region of the ID number, asks for more than a passage.</summary>
    NeedsRegistration,

    /// <summary>A list that a rule needs is not there.</summary>
    ListMissing,

    /// <summary>A list that a rule needs is older than it may be, or its age is not known.</summary>
    ListTooOld,

    /// <summary>How many people are inside is not known.</summary>
    OccupancyUnknown,
}

/// <summary>What one rule holds against a passage, and how severe it is.</summary>
public sealed record Objection(DenyReason Reason, Outcome Severity);

/// <summary>One rule's answer, kept with the decision so that every decision explains itself.</summary>
/// <param name="Flag">A mark for the record, with or without an objection, for example <c>arrival-from-outside</c>.</param>
public sealed record RuleAnswer(string Rule, Objection? Objection, string? Flag = null);

/// <summary>The answer to an access request: the worst severity of all rules' answers.</summary>
public sealed record AccessDecision(IReadOnlyList<RuleAnswer> Answers)
{
    public Outcome Outcome { get; } =
        Answers.Aggregate(Outcome.Granted, (worst, answer) => answer.Objection is { } o && o.Severity > worst ? o.Severity : worst);

    /// <summary>What the rules want marked in the record, whatever the outcome.</summary>
    public IEnumerable<string> Flags => Answers.Where(answer => answer.Flag is not null).Select(answer => answer.Flag!).Distinct();

    /// <summary>Every reason, the most severe first; within one severity in the order of the rules.</summary>
    public IEnumerable<DenyReason> Reasons =>
        Answers.Where(answer => answer.Objection is not null)
            .OrderByDescending(answer => answer.Objection!.Severity)
            .Select(answer => answer.Objection!.Reason);
}
