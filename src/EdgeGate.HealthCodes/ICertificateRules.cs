using System.Text.Json;

namespace EdgeGate.HealthCodes;

/// <summary>Business rules for genuine certificates, such as how old a test may be.</summary>
public interface ICertificateRules
{
    /// <summary>Asks every rule that applies. Called from several lanes at once. Must not keep the certificate.</summary>
    CertificateRuling Check(CertificateFacts certificate);
}

/// <summary>What the rules say.</summary>
/// <param name="Status">
/// <see cref="HealthCodeStatus.Valid"/>, <see cref="HealthCodeStatus.RuleFailed"/>, or <see cref="HealthCodeStatus.CannotVerify"/> when nobody can tell.
/// </param>
/// <param name="Failures">The rules that do not hold, or cannot be judged.</param>
public sealed record CertificateRuling(HealthCodeStatus Status, IReadOnlyList<RuleFailure> Failures);

/// <summary>What rules are asked about.</summary>
/// <param name="Kind">Vaccination, test or recovery.</param>
/// <param name="Payload">The EU DCC as JSON; lives no longer than the call.</param>
/// <param name="IssuerCountry">Of the trust list, or as the certificate states it.</param>
/// <param name="KeyIdentifier">Of the signer, 8 bytes.</param>
/// <param name="IssuedAt">Claim 6.</param>
/// <param name="ExpiresAt">Claim 4.</param>
/// <param name="Now">When it is judged.</param>
public readonly record struct CertificateFacts(
    CertificateKinds Kind, JsonElement Payload, string? IssuerCountry, ReadOnlyMemory<byte> KeyIdentifier, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, DateTimeOffset Now);

/// <summary>A rule that does not hold, or cannot be judged.</summary>
/// <param name="Identifier">For example <c>TR-EU-0003</c>.</param>
/// <param name="Words">Why, without personal data.</param>
public sealed record RuleFailure(string Identifier, string Words);
