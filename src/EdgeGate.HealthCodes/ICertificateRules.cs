using System.Text.Json;

namespace EdgeGate.HealthCodes;

/// <summary>Business rules for genuine certificates, such as how old a test may be.</summary>
public interface ICertificateRules
{
    /// <summary>Asks every rule that applies. Called from several lanes at once. Must not keep the certificate.</summary>
    /// <returns>The rules that do not hold; none when all do.</returns>
    IReadOnlyList<RuleFailure> Check(CertificateFacts certificate);
}

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

/// <summary>A rule that does not hold.</summary>
/// <param name="Identifier">For example <c>TR-EU-0003</c>.</param>
/// <param name="Words">What it demands, in a sentence.</param>
public sealed record RuleFailure(string Identifier, string Words);
