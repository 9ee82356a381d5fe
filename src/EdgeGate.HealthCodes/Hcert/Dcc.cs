using System.Buffers;
using System.Text.Json;
using EdgeGate.HealthCodes.Cbor;
using EdgeGate.HealthCodes.Holders;

namespace EdgeGate.HealthCodes.Hcert;

/// <summary>
/// An EU digital COVID certificate (ehn-dcc-schema 1.0.0 to 1.3.x). Only what a gate cannot do without is demanded: what it certifies, and
/// for whom. The full JSON schema is a matter of the issuer's data quality and no ground for refusal: a birth date that is none, a missing
/// identifier and more than one entry stand in genuine certificates.
/// </summary>
/// <param name="Kind">Vaccination, test or recovery.</param>
/// <param name="Entries">Country (<c>co</c>) and unique identifier (<c>ci</c>) of each entry that has them.</param>
/// <param name="Holder">Whose it is; the birth date may be unknown.</param>
/// <param name="Content">The whole certificate.</param>
internal sealed record Dcc(CertificateKinds Kind, IReadOnlyList<(string Country, string Identifier)> Entries, CertificateHolder Holder, CborValue.Map Content)
{
    /// <summary>Longest text of any field that is read; the schema's longest is 80, and some issuers go beyond.</summary>
    private const int MaxText = 500;

    /// <summary>Most entries: more would make the deny list slow. Genuine certificates have one, a few have two.</summary>
    private const int MaxEntries = 4;

    private static readonly (string Key, CertificateKinds Kind)[] Groups = [("v", CertificateKinds.Vaccination), ("t", CertificateKinds.Test), ("r", CertificateKinds.Recovery)];

    /// <returns>Null, and what is wrong in words, when a field that is needed is missing or not well formed.</returns>
    public static Dcc? Read(CborValue value, out string fault)
    {
        fault = "";
        if (value is not CborValue.Map content)
            fault = "it has no fields";
        else if (Groups.Where(group => content[group.Key] is CborValue.List).ToArray() is not [var group] || EntriesOf(content[group.Key]) is not { } entries)
            fault = "it does not hold a vaccination, a test or a recovery, and one of these only";
        else if (content["nam"] is not CborValue.Map name || Names(name) is not { Count: > 0 } names)
            fault = "it names nobody";
        else
            return new Dcc(group.Kind, entries, new CertificateHolder(names, PartialDate.Parse(Text(content["dob"]))), content);
        return null;
    }

    /// <summary>The certificate as the JSON that business rules are written for. The caller disposes of it.</summary>
    public JsonDocument ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
            Content.WriteTo(writer);
        return JsonDocument.Parse(buffer.WrittenMemory);
    }

    private static List<(string Country, string Identifier)>? EntriesOf(CborValue? group)
    {
        if (group is not CborValue.List { Items: { Count: >= 1 and <= MaxEntries } items } || !items.All(item => item is CborValue.Map))
            return null;
        return [.. items.Cast<CborValue.Map>().Where(item => Text(item["ci"]) is not null).Select(item => (Text(item["co"]) ?? "", Text(item["ci"])!))];
    }

    /// <summary>The transliterated form (ICAO 9303) first, then the national one.</summary>
    private static List<HolderName> Names(CborValue.Map name)
    {
        var names = new List<HolderName>(2);
        Add(Text(name["fnt"]), Text(name["gnt"]));
        Add(Text(name["fn"]), Text(name["gn"]));
        return names;

        void Add(string? surname, string? given)
        {
            if (!string.IsNullOrEmpty(surname) || !string.IsNullOrEmpty(given))
                names.Add(new HolderName(surname ?? "", given ?? ""));
        }
    }

    private static string? Text(CborValue? value) => value is CborValue.Text { Value: { Length: <= MaxText } text } ? text : null;
}
