using EdgeGate.Access;

namespace EdgeGate.Messages.Records;

/// <summary>One access decision with all its reasons. On disk before the portal moves.</summary>
/// <remarks>In the open: keyed person id, masked name, decision. Everything else about the person is in <see cref="Sealed"/>.</remarks>
public sealed record DecidedRecord
{
    public const string Type = "edgegate.access-decided.v1";

    public required string Lane { get; init; }
    public required Direction Direction { get; init; }
    public required string Reader { get; init; }
    public required CredentialKind Credential { get; init; }

    /// <summary>Keyed hash of the ID number or code (<see cref="Privacy.PersonKeys"/>); null when nothing could be read.</summary>
    public string? Person { get; init; }
    public string? MaskedName { get; init; }

    /// <summary>Sequences of the guards' records that brought what was shown, a code read with a phone or a word on who it is; null when the lane's own readers read it all.</summary>
    public IReadOnlyList<long>? GuardActions { get; init; }

    /// <summary>How often the pass is good; null for any number, and for everything that is no pass.</summary>
    public int? PassUses { get; init; }
    public required Outcome Outcome { get; init; }
    public required IReadOnlyList<DenyReason> Reasons { get; init; }

    /// <summary>Every rule's answer, also the ones that had nothing against it.</summary>
    public required IReadOnlyList<RuleAnswerRecord> Rules { get; init; }
    /// <summary>What was found out about the health code; null when none was shown, or no answer came in time.</summary>
    public HealthCodeRecord? HealthCode { get; init; }

    /// <summary>What the rules want marked, whatever the outcome, for example <c>arrival-from-outside</c>; null when nothing.</summary>
    public IReadOnlyList<string>? Flags { get; init; }

    /// <summary>Every list the rules looked into; null when they use none.</summary>
    public IReadOnlyList<ListUseRecord>? Lists { get; init; }
    public required ClockRecord Clock { get; init; }

    /// <summary>A JWE to the center's key holding a <see cref="SealedEvidence"/>.</summary>
    public required string Sealed { get; init; }
}

public enum CredentialKind
{
    IdCard,
    Code,
    Pass,
    Unreadable,

    /// <summary>A guard said who it is.</summary>
    Statement,
}

/// <summary>A health code without anything that tells whose it is, but for its keyed id.</summary>
public sealed record HealthCodeRecord
{
    /// <summary>The result's word, such as <c>valid</c>, <c>expired</c>, <c>provider-yellow</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Keyed like a person: the same for every showing of one certificate or token.</summary>
    public string? Code { get; init; }

    /// <summary>Certificates: vaccination, test or recovery, who vouches for it, and until when.</summary>
    public string? Certificate { get; init; }
    public string? Issuer { get; init; }
    public DateTimeOffset? Expires { get; init; }
    public IReadOnlyList<string>? FailedRules { get; init; }
    public long? TrustListVersion { get; init; }

    /// <summary>Whether certificate and ID card are of one person: match, differs, cannot-tell; null where there is nothing to compare.</summary>
    public string? Holder { get; init; }

    /// <summary>Online: who was asked, where the answer comes from (provider, cache, offline-policy), its colour, and why there was none.</summary>
    public string? Provider { get; init; }
    public string? Source { get; init; }
    public string? Colour { get; init; }
    public double? TestAgeHours { get; init; }
    public double? CachedMinutes { get; init; }
    public string? Fault { get; init; }
    public int? Attempts { get; init; }
    public double? Took { get; init; }
}

/// <param name="Reason">Null when the rule has nothing against the passage.</param>
public sealed record RuleAnswerRecord(string Rule, DenyReason? Reason, Outcome? Severity, string? Flag = null);

/// <param name="SinceBoot">Seconds.</param>
public sealed record ClockRecord(Guid Boot, double SinceBoot, ClockGrade Grade)
{
    public static ClockRecord From(ClockReading reading) =>
        new(reading.BootId, Math.Round(reading.SinceBoot.TotalSeconds, 3), reading.Grade);
}

/// <summary>What only the center may read. Temperatures in °C.</summary>
public sealed record SealedEvidence
{
    public string? Number { get; init; }
    public string? Name { get; init; }

    /// <summary>The card's portrait, undecoded (WLT), in Base64; null unless the gate's settings ask for it.</summary>
    public string? Photo { get; init; }

    /// <summary>Where the card says that its holder moved since it was made; null when it has none or the gate's settings do not ask for it.</summary>
    public string? AdditionalAddress { get; init; }
    public string? Code { get; init; }
    public DateOnly? ValidFrom { get; init; }
    public DateOnly? ValidTo { get; init; }
    public decimal? Body { get; init; }
    public decimal? Surface { get; init; }
    public decimal? Ambient { get; init; }
}
