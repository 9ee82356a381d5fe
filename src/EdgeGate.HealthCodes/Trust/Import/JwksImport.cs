using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.HealthCodes.Trust.Import;

/// <summary>
/// Key sets (RFC 7517): plain, or signed as JWS in its JSON form (RFC 7515, 7.2). A key with a certificate (<c>x5c</c>) becomes that certificate; one without
/// is taken as a bare key, for which no times and no usage are known.
/// </summary>
public static class JwksImport
{
    /// <summary>A plain key set.</summary>
    /// <exception cref="FormatException">It is no key set.</exception>
    public static TrustImport Read(ReadOnlyMemory<byte> json, string? country, string source, DateTimeOffset fetchedAt)
    {
        using var document = ForeignJson.Parse(json, "a key set");
        var import = new TrustImport();
        Add(import, document.RootElement, country, source, fetchedAt);
        return import;
    }

    /// <summary>A signed key set.</summary>
    /// <param name="signer">Whose signature must hold.</param>
    /// <param name="now">To judge the <c>exp</c> of the signature's header or the payload.</param>
    /// <exception cref="FormatException">It is no signed key set, no signature of the signer holds, or it is too old.</exception>
    public static TrustImport ReadSigned(ReadOnlyMemory<byte> jws, JsonWebKey signer, DateTimeOffset now, string? country, string source, DateTimeOffset fetchedAt)
    {
        using var envelope = ForeignJson.Parse(jws, "a signed key set");
        var payload = envelope.RootElement.Text("payload") ?? throw new FormatException("it is no signed key set: there is no payload");
        if (!Signatures(envelope.RootElement).Any(signature => Holds(signature, payload, signer, now)))
            throw new FormatException("no signature of this signer holds on it, or the signature has expired");
        return Read(Base64Url.DecodeFromChars(payload), country, source, fetchedAt);
    }

    internal static void Add(TrustImport import, JsonElement keySet, string? country, string source, DateTimeOffset fetchedAt, Func<string, CertificateKinds?>? kindsOf = null)
    {
        foreach (var element in keySet.Items("keys"))
        {
            if (element.ValueKind != JsonValueKind.Object || element.TryGetProperty("d", out _))
            {
                import.Notes.Add($"{DisplayText.Of(country)}: a key that is none, or a private one, left out");
                continue;
            }
            var named = element.Text("kid");
            var kinds = named is null ? null : kindsOf?.Invoke(named);
            if (element.Items("x5c").FirstOrDefault() is { ValueKind: JsonValueKind.String } chain)
                AddCertificate(import, chain, named, kinds, country, source, fetchedAt);
            else
                AddBareKey(import, element, kinds, country, source, fetchedAt);
        }
    }

    private static void AddCertificate(TrustImport import, JsonElement x5c, string? named, CertificateKinds? kinds, string? country, string source, DateTimeOffset fetchedAt)
    {
        var fault = "its certificate is no base64";
        if (!x5c.TryGetBytesFromBase64(out var der) || CertificateImport.Entry(der, country, source, fetchedAt, out fault) is not { } entry)
        {
            import.Notes.Add($"{DisplayText.Of(country)} {DisplayText.Of(named)}: left out, {fault}");
            return;
        }
        if (named is not null && !(KeyIdentifier.TryParse(named, out var kid) && kid.ToString() == entry.Kid))
            import.Notes.Add($"{DisplayText.Of(country)} {DisplayText.Of(named)}: its certificate has the identifier {entry.Kid}, which is taken");
        import.Add(kinds is { } allowed ? entry with { Kinds = entry.Kinds & allowed } : entry);
    }

    private static void AddBareKey(TrustImport import, JsonElement element, CertificateKinds? kinds, string? country, string source, DateTimeOffset fetchedAt)
    {
        JsonWebKey? key = null;
        try
        {
            key = element.Deserialize(TrustListJson.ShapeOf<JsonWebKey>());
        }
        catch (JsonException)
        {
            // left null: told below
        }
        if (key is null || !KeyIdentifier.TryParse(key.KeyId, out var kid))
        {
            import.Notes.Add($"{DisplayText.Of(country)} {DisplayText.Of(key?.KeyId)}: left out, no key with an identifier of 8 bytes");
            return;
        }
        import.Add(new SignerEntry { Kid = kid.ToString(), Key = key, Country = country, Kinds = kinds ?? CertificateKinds.All, Source = source, FetchedAt = fetchedAt });
    }

    /// <summary>The general form has several signatures, the flattened form one.</summary>
    private static IEnumerable<JsonElement> Signatures(JsonElement envelope) => envelope.TryGetProperty("signatures", out _) ? envelope.Items("signatures") : [envelope];

    private static bool Holds(JsonElement signature, string payload, JsonWebKey signer, DateTimeOffset now)
    {
        if (signature.ValueKind != JsonValueKind.Object || signature.Text("protected") is not { } header || signature.Text("signature") is not { } value
            || !Base64Url.IsValid(header) || !Base64Url.IsValid(value) || !Base64Url.IsValid(payload)
            || !StrictJson.TryParseObject(Base64Url.DecodeFromChars(header), out var document))
            return false;
        using (document)
        {
            var root = document.RootElement;
            var critical = root.Items("crit").Select(name => name.ToString());
            return critical.All(name => name == "exp") // the one extension that is understood
                && !(root.TryGetProperty("exp", out _) && (root.Number("exp") is not { } expiry || UnixTime.From(expiry) is not { } end || now > end))
                && VerificationKey.From(signer, out _) is { } key
                && root.Text("alg") == (key.CoseAlgorithm == VerificationKey.CoseEs256 ? CompactJws.Es256 : "PS256")
                && key.Verify(Encoding.ASCII.GetBytes(header + "." + payload), Base64Url.DecodeFromChars(value));
        }
    }
}
