using EdgeGate.HealthCodes.Holders;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.HealthCodes;

/// <summary>
/// What a scanned code is worth, and why. This is all that leaves the module: the certificate's content stays inside, but for what a
/// rule or a comparison needs. No member's text form tells a name, a birth date or a certificate number.
/// </summary>
public sealed record HealthCodeResult
{
    public required CodeKind Kind { get; init; }

    public required HealthCodeStatus Status { get; init; }

    /// <summary>What was done, in order, in words that a person at the gate can read aloud.</summary>
    public required IReadOnlyList<VerificationStep> Steps { get; init; }

    /// <summary>What it certifies; <see cref="CertificateKinds.None"/> where that is not known or it is no certificate.</summary>
    public CertificateKinds Certificate { get; init; }

    /// <summary>Who vouches for it, once the signature holds: a country code or an issuer's address.</summary>
    public string? Issuer { get; init; }

    /// <summary>Issued at or valid from.</summary>
    public DateTimeOffset? IssuedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>
    /// SHA-256 of what was signed, 64 hex digits, once the signature holds: the same for every text and every signature of one
    /// certificate, so it can be counted, denied and looked up. It stands for a person's certificate: treat it as personal data.
    /// </summary>
    public string? Reference { get; init; }

    /// <summary>Whose certificate it is, for <see cref="HolderMatch.Compare"/> only; null before the signature holds.</summary>
    public CertificateHolder? Holder { get; init; }

    /// <summary>The pass, once its signature holds.</summary>
    public EdgeGatePass? Pass { get; init; }

    /// <summary>For provider and place codes: the name of the pattern that knew it.</summary>
    public string? Pattern { get; init; }

    /// <summary>Identifiers of the business rules that do not hold.</summary>
    public IReadOnlyList<string> FailedRules { get; init; } = [];

    /// <summary>Version of the trust list that was used.</summary>
    public long? TrustListVersion { get; init; }

    public TrustListAge? TrustListAge { get; init; }
}

/// <summary>One step of a verification.</summary>
/// <param name="Outcome">Whether it went as it must.</param>
/// <param name="Words">A sentence without personal data.</param>
public sealed record VerificationStep(StepOutcome Outcome, string Words);

public enum StepOutcome
{
    Holds,

    /// <summary>Worth knowing, and decides nothing.</summary>
    Noted,

    /// <summary>The verification ended here.</summary>
    Fails,
}

/// <summary>When a code is judged.</summary>
/// <param name="Time">Wall-clock time.</param>
/// <param name="ClockTrusted">Whether the clock was set by NTP or a battery-backed clock since the start; if not, no times can be judged.</param>
public readonly record struct VerificationMoment(DateTimeOffset Time, bool ClockTrusted);
