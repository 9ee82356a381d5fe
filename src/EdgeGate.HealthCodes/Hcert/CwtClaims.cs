using EdgeGate.HealthCodes.Cbor;

namespace EdgeGate.HealthCodes.Hcert;

/// <summary>The claims of a CBOR web token (RFC 8392) that a health certificate uses; others are skipped.</summary>
/// <param name="Issuer">Claim 1: country of the issuer, where stated.</param>
/// <param name="IssuedAt">Claim 6. Two countries sign a float.</param>
/// <param name="ExpiresAt">Claim 4.</param>
/// <param name="Certificates">Claim -260: the health certificate by kind of envelope.</param>
internal sealed record CwtClaims(string? Issuer, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, CborValue.Map Certificates)
{
    private const long IssuerKey = 1;
    private const long ExpiresAtKey = 4;
    private const long IssuedAtKey = 6;
    private const long CertificatesKey = -260;

    /// <returns>Null, and what is wrong in words, when a claim is missing or makes no sense.</returns>
    public static CwtClaims? Read(ReadOnlyMemory<byte> payload, out string fault)
    {
        fault = "";
        if (!CborValue.TryDecode(payload, out var value) || value is not CborValue.Map claims)
            fault = "what is signed is no set of claims";
        else if (Time(claims[IssuedAtKey]) is not { } issuedAt)
            fault = "no time of issue";
        else if (Time(claims[ExpiresAtKey]) is not { } expiresAt)
            fault = "no time of expiry";
        else if (expiresAt < issuedAt)
            fault = "it expires before it was issued";
        else if (claims[CertificatesKey] is not CborValue.Map { Entries.Count: > 0 } certificates)
            fault = "there is no health certificate among the claims";
        else
            return new CwtClaims((claims[IssuerKey] as CborValue.Text)?.Value, issuedAt, expiresAt, certificates);
        return null;
    }

    private static DateTimeOffset? Time(CborValue? claim) => claim switch
    {
        CborValue.Integer { Value: var seconds } => UnixTime.From(seconds),
        CborValue.Float { Value: var seconds } => UnixTime.From(seconds),
        _ => null,
    };
}
