using System.Text.Json;
using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.HealthCodes.Trust.Import;

/// <summary>
/// The Swedish form (DSC trust list 1.0): a JWT signed with ES256 whose <c>dsc_trust_list</c> has, by country, a key set and the usages of each
/// key.
/// </summary>
public static class SwedishTrustListImport
{
    /// <param name="jwt">The token.</param>
    /// <param name="signer">Whose signature must hold; the certificate in the token's own header proves nothing.</param>
    /// <param name="now">To judge the token's <c>exp</c>.</param>
    /// <exception cref="FormatException">It is no such token, its signature does not hold, or it has expired.</exception>
    public static TrustImport Read(string jwt, JsonWebKey signer, DateTimeOffset now, string source, DateTimeOffset fetchedAt)
    {
        if (!CompactJws.TryParse(jwt.AsSpan().Trim(), out var jws))
            throw new FormatException("it is no signed token");
        if (jws.Algorithm != CompactJws.Es256 || jws.HasCritical || VerificationKey.From(signer, out _)?.Verify(jws.SigningInput, jws.Signature) != true)
            throw new FormatException("the signature on it does not hold with this key");
        using var document = ForeignJson.Parse(jws.Payload, "a list of certificates");
        if (document.RootElement.Number("exp") is { } expiry && (UnixTime.From(expiry) is not { } end || now > end))
            throw new FormatException("it has expired");
        if (!document.RootElement.TryGetProperty("dsc_trust_list", out var countries) || countries.ValueKind != JsonValueKind.Object)
            throw new FormatException("it holds no list of signers");
        var import = new TrustImport();
        foreach (var country in countries.EnumerateObject().Where(country => country.Value.ValueKind == JsonValueKind.Object))
            JwksImport.Add(import, country.Value, country.Name, source, fetchedAt, kid => KindsOf(country.Value, kid));
        return import;
    }

    /// <summary>Usages that the country states for a key, beside those of its certificate.</summary>
    private static CertificateKinds? KindsOf(JsonElement country, string kid) =>
        country.TryGetProperty("eku", out var usages) && usages.ValueKind == JsonValueKind.Object && usages.TryGetProperty(kid, out _)
            ? CertificateImport.KindsOf(usages.Items(kid).Select(usage => usage.ToString()))
            : null;
}
