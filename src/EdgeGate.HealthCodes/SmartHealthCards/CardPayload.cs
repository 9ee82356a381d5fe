using System.Text.Json;
using EdgeGate.HealthCodes.Holders;
using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.HealthCodes.SmartHealthCards;

/// <summary>What a gate needs of a SMART Health Card's payload: a W3C credential with a FHIR bundle.</summary>
/// <param name="Issuer">Claim <c>iss</c>.</param>
/// <param name="NotBefore">Claim <c>nbf</c>, seconds; fractions occur.</param>
/// <param name="ExpiresAt">Claim <c>exp</c>, often absent.</param>
/// <param name="RevocationId">Claim <c>vc.rid</c>.</param>
/// <param name="Kind">By the credential's types, else by the bundle's resources; none where neither tells.</param>
/// <param name="Holder">Null unless there is exactly one patient with a name or a birth date.</param>
internal sealed record CardPayload(string Issuer, double NotBefore, DateTimeOffset? ExpiresAt, string? RevocationId, CertificateKinds Kind, CertificateHolder? Holder)
{
    private const string TypePrefix = "https://smarthealth.cards#";
    private const int MaxName = 200;

    public DateTimeOffset ValidFrom => UnixTime.From(NotBefore)!.Value;

    /// <returns>Null, and what is wrong in words, when something needed is missing or not well formed.</returns>
    public static CardPayload? Read(ReadOnlyMemory<byte> json, out string fault)
    {
        fault = "";
        if (!StrictJson.TryParseObject(json, out var document))
        {
            fault = "what is signed is no JSON object";
            return null;
        }
        using (document)
        {
            var root = document.RootElement;
            var types = root.TryGetProperty("vc", out var credential)
                ? credential.Items("type").Select(type => type.Text()).OfType<string>().ToArray()
                : [];
            if (root.Text("iss") is not { } issuer)
                fault = "no issuer";
            else if (root.Number("nbf") is not { } notBefore || UnixTime.From(notBefore) is null)
                fault = "no time from which it is valid";
            else if (root.TryGetProperty("exp", out _) && (root.Number("exp") is not { } seconds || UnixTime.From(seconds) is null || seconds < notBefore))
                fault = "its expiry is no time, or before its beginning";
            else if (!types.Contains(TypePrefix + "health-card"))
                fault = "it is not marked as a health card";
            else
            {
                var resources = Resources(credential).ToArray();
                var expiry = root.Number("exp") is { } end ? UnixTime.From(end) : null;
                return new CardPayload(issuer, notBefore, expiry, credential.Text("rid"), KindOf(types, resources), HolderOf(resources));
            }
            return null;
        }
    }

    private static IEnumerable<JsonElement> Resources(JsonElement credential)
    {
        if (!credential.TryGetProperty("credentialSubject", out var subject) || subject.ValueKind != JsonValueKind.Object
            || !subject.TryGetProperty("fhirBundle", out var bundle))
            yield break;
        foreach (var entry in bundle.Items("entry"))
        {
            if (entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("resource", out var resource) && resource.ValueKind == JsonValueKind.Object)
                yield return resource;
        }
    }

    private static CertificateKinds KindOf(string[] types, JsonElement[] resources)
    {
        var kind = CertificateKinds.None;
        if (types.Contains(TypePrefix + "immunization") || resources.Any(resource => resource.Text("resourceType") == "Immunization"))
            kind |= CertificateKinds.Vaccination;
        if (types.Contains(TypePrefix + "laboratory") || resources.Any(resource => resource.Text("resourceType") is "Observation" or "DiagnosticReport"))
            kind |= CertificateKinds.Test;
        return kind;
    }

    private static CertificateHolder? HolderOf(JsonElement[] resources)
    {
        if (resources.Where(resource => resource.Text("resourceType") == "Patient").ToArray() is not [var patient])
            return null;
        var names = patient.Items("name").Select(NameOf).OfType<HolderName>().ToList();
        var birthDate = PartialDate.Parse(patient.Text("birthDate"));
        return names.Count > 0 || birthDate is not null ? new CertificateHolder(names, birthDate) : null;
    }

    private static HolderName? NameOf(JsonElement name)
    {
        if (name.ValueKind != JsonValueKind.Object)
            return null;
        var given = string.Join(' ', name.Items("given").Select(part => part.Text()).OfType<string>());
        var read = name.Text("family") is { } family ? new HolderName(family, given) : name.Text("text") is { } whole ? new HolderName(whole, "") : null;
        return read is { } known && known.Surname.Length + known.Given.Length <= MaxName ? known : null;
    }
}
