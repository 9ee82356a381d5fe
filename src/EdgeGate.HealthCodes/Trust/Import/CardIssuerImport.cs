using System.Text.Json;
using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.HealthCodes.Trust.Import;

/// <summary>An issuer of SMART Health Cards: its <c>.well-known/jwks.json</c> and revocation lists, fetched by the operator beforehand.</summary>
public static class CardIssuerImport
{
    /// <param name="issuer">Exactly as cards name it.</param>
    /// <param name="jwks">The key set.</param>
    /// <param name="revocationLists">Of its keys; may be none.</param>
    /// <exception cref="FormatException">The key set or a revocation list is none.</exception>
    public static TrustImport Read(string issuer, ReadOnlyMemory<byte> jwks, IEnumerable<ReadOnlyMemory<byte>> revocationLists, string source, DateTimeOffset fetchedAt)
    {
        var notes = new List<string>();
        var keys = new List<JsonWebKey>();
        using (var document = ForeignJson.Parse(jwks, "a key set"))
        {
            foreach (var element in document.RootElement.Items("keys"))
            {
                if (KeyOf(element, out var fault) is { } key)
                    keys.Add(key);
                else
                    notes.Add($"{DisplayText.Of(issuer)} {DisplayText.Of(element.ValueKind == JsonValueKind.Object ? element.Text("kid") : null)}: left out, {fault}");
            }
        }
        var import = new TrustImport
        {
            CardIssuers = [new CardIssuerEntry { Issuer = issuer, Keys = keys, Revoked = [.. revocationLists.Select(Revocation)], Source = source, FetchedAt = fetchedAt }],
        };
        foreach (var note in notes)
            import.Notes.Add(note);
        return import;
    }

    /// <summary>SMART Health Cards 1.4, "Determining keys associated with an issuer".</summary>
    private static JsonWebKey? KeyOf(JsonElement element, out string fault)
    {
        fault = "it is no key";
        JsonWebKey? key;
        try
        {
            key = element.Deserialize(TrustListJson.ShapeOf<JsonWebKey>());
        }
        catch (JsonException)
        {
            return null;
        }
        if (key is null || VerificationKey.From(key, out fault) is null)
            return null;
        fault = element.TryGetProperty("d", out _) ? "it is a private key: whoever published it must replace it"
            : element.Text("use") != "sig" || element.Text("alg") != CompactJws.Es256 ? "it is not for signing with ES256"
            : key.KeyId != key.Thumbprint() ? "its identifier is not its thumbprint"
            : "";
        return fault.Length == 0 ? key : null;
    }

    private static CardRevocation Revocation(ReadOnlyMemory<byte> json)
    {
        using var document = ForeignJson.Parse(json, "a revocation list");
        var root = document.RootElement;
        return new CardRevocation(
            root.Text("kid") ?? throw new FormatException("the revocation list names no key"),
            [.. root.Items("rids").Where(rid => rid.ValueKind == JsonValueKind.String).Select(rid => rid.GetString()!)]);
    }
}
