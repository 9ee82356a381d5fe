using System.Formats.Cbor;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using EdgeGate.HealthCodes.Hcert;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.SmartHealthCards;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.HealthCodes.Simulated;

/// <summary>
/// The other end: an issuer with keys of its own that makes genuine codes for invented people. For tests, the warm-up and the demo.
/// </summary>
internal sealed class HealthCodeIssuer : IDisposable
{
    private readonly AsymmetricAlgorithm _key;
    private readonly X509Certificate2 _certificate;

    private HealthCodeIssuer(AsymmetricAlgorithm key, X509Certificate2 certificate)
    {
        _key = key;
        _certificate = certificate;
    }

    /// <summary>SMART Health Cards name their issuer by this.</summary>
    public string CardIssuer { get; init; } = "https://health.example/issuer";

    public string Country { get; init; } = "XA"; // reserved for private use by ISO 3166-1

    public KeyIdentifier Kid => KeyIdentifier.OfCertificate(_certificate.RawDataMemory.Span);

    public long CoseAlgorithm => _key is ECDsa ? VerificationKey.CoseEs256 : VerificationKey.CosePs256;

    /// <summary>P-256, ES256: HC1 and SMART Health Cards.</summary>
    /// <param name="keyUsage">OIDs of the certificate's extended key usage; none allows every kind.</param>
    public static HealthCodeIssuer Create(DateTimeOffset notBefore, DateTimeOffset notAfter, params ReadOnlySpan<string> keyUsage)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new HealthCodeIssuer(key, SelfSigned(new CertificateRequest("CN=EdgeGate test issuer, C=XA", key, HashAlgorithmName.SHA256), notBefore, notAfter, keyUsage));
    }

    /// <summary>RSA, PS256: HC1 only.</summary>
    public static HealthCodeIssuer CreateRsa(DateTimeOffset notBefore, DateTimeOffset notAfter, int bits = 2048)
    {
        var key = RSA.Create(bits);
        return new HealthCodeIssuer(key, SelfSigned(new CertificateRequest("CN=EdgeGate test issuer, C=XA", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pss), notBefore, notAfter, []));
    }

    public byte[] CertificateDer() => _certificate.RawData;

    public SignerEntry SignerEntry(CertificateKinds kinds = CertificateKinds.All) => new()
    {
        Kid = Kid.ToString(),
        Certificate = Convert.ToBase64String(_certificate.RawData),
        Country = Country,
        Kinds = kinds,
        Source = "simulated",
        FetchedAt = new DateTimeOffset(_certificate.NotBefore),
    };

    public JsonWebKey CardKey => JsonWebKey.From((ECDsa)_key);

    public CardIssuerEntry CardIssuerEntry(params IReadOnlyList<string> revokedRids) => new()
    {
        Issuer = CardIssuer,
        Keys = [CardKey],
        Revoked = revokedRids.Count == 0 ? [] : [new CardRevocation(CardKey.KeyId!, revokedRids)],
        Source = "simulated",
        FetchedAt = new DateTimeOffset(_certificate.NotBefore),
    };

    /// <summary>An EU certificate as <c>HC1:</c> text.</summary>
    /// <param name="dcc">As JSON, for example by <see cref="InventedDcc"/>.</param>
    public string IssueHc1(string dcc, DateTimeOffset issuedAt, DateTimeOffset expiresAt)
    {
        var claims = new CborWriter();
        claims.WriteStartMap(4);
        claims.WriteInt32(1);
        claims.WriteTextString(Country);
        claims.WriteInt32(4);
        claims.WriteInt64(expiresAt.ToUnixTimeSeconds());
        claims.WriteInt32(6);
        claims.WriteInt64(issuedAt.ToUnixTimeSeconds());
        claims.WriteInt32(-260);
        claims.WriteStartMap(1);
        claims.WriteInt32(1);
        using (var json = JsonDocument.Parse(dcc))
            Write(claims, json.RootElement);
        claims.WriteEndMap();
        claims.WriteEndMap();
        return Hc1Text(Cose(ProtectedHeader(), claims.Encode()));
    }

    /// <summary>Algorithm and key identifier, as most countries write them.</summary>
    public byte[] ProtectedHeader()
    {
        var header = new CborWriter();
        header.WriteStartMap(2);
        header.WriteInt32(1);
        header.WriteInt64(CoseAlgorithm);
        header.WriteInt32(4);
        header.WriteByteString(Kid.ToBytes());
        header.WriteEndMap();
        return header.Encode();
    }

    /// <summary>A signed object with any header and claims: also for what an honest issuer would not write.</summary>
    public byte[] Cose(byte[] protectedHeader, byte[] payload, Action<CborWriter>? unprotectedHeader = null)
    {
        var input = CoseSign1.SignatureInput(protectedHeader, payload);
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteTag((CborTag)18);
        writer.WriteStartArray(4);
        writer.WriteByteString(protectedHeader);
        if (unprotectedHeader is null)
        {
            writer.WriteStartMap(0);
            writer.WriteEndMap();
        }
        else
            unprotectedHeader(writer);
        writer.WriteByteString(payload);
        writer.WriteByteString(_key is ECDsa ecdsa
            ? ecdsa.SignData(input, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
            : ((RSA)_key).SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
        writer.WriteEndArray();
        return writer.Encode();
    }

    public static string Hc1Text(byte[] cose) => HcertVerifier.Prefix + Base45.Encode(Packed(cose, stream => new ZLibStream(stream, CompressionLevel.SmallestSize, leaveOpen: true)));

    /// <summary>A SMART Health Card as <c>shc:/</c> text.</summary>
    /// <param name="payload">JSON, for example by <see cref="InventedCard"/>.</param>
    public string IssueCard(string payload) => CardText.Prefix + CardText.Encode(CardJws(Deflated(payload)));

    /// <summary>The same in parts, each one code.</summary>
    public string[] IssueCardInParts(string payload, int parts)
    {
        var digits = CardText.Encode(CardJws(Deflated(payload)));
        var length = (digits.Length / 2 / parts * 2) + 2;
        return [.. Enumerable.Range(0, parts).Select(part => $"{CardText.Prefix}{part + 1}/{parts}/{digits[Math.Min(digits.Length, part * length)..Math.Min(digits.Length, (part + 1) * length)]}")];
    }

    public string CardJws(byte[] deflated) => CardJws(CompactJws.Header(CardKey.KeyId!, zip: "DEF"), deflated);

    /// <summary>With any header: also for what an honest issuer would not write.</summary>
    public string CardJws(byte[] header, byte[] deflated) => CompactJws.Sign((ECDsa)_key, header, deflated);

    public static byte[] Deflated(string payload) => Packed(Encoding.UTF8.GetBytes(payload), stream => new DeflateStream(stream, CompressionLevel.SmallestSize, leaveOpen: true));

    /// <summary>A vaccination, test or recovery of an invented person, schema 1.3.0.</summary>
    /// <param name="surname">Latin letters.</param>
    /// <param name="given">Latin letters.</param>
    public static string InventedDcc(CertificateKinds kind, string surname, string given, DateOnly birthDate, DateOnly done, string identifier = "URN:UVCI:01:XA:TEST0001#1")
    {
        var (group, entry) = kind switch
        {
            CertificateKinds.Test => ("t", $$"""{"tg":"840539006","tt":"LP6464-4","sc":"{{done:yyyy-MM-dd}}T08:00:00Z","tr":"260415000","tc":"Test centre","co":"XA","is":"Test authority","ci":"{{identifier}}"}"""),
            CertificateKinds.Recovery => ("r", $$"""{"tg":"840539006","fr":"{{done:yyyy-MM-dd}}","df":"{{done.AddDays(11):yyyy-MM-dd}}","du":"{{done.AddDays(180):yyyy-MM-dd}}","co":"XA","is":"Test authority","ci":"{{identifier}}"}"""),
            _ => ("v", $$"""{"tg":"840539006","vp":"1119349007","mp":"EU/1/20/1528","ma":"ORG-100030215","dn":2,"sd":2,"dt":"{{done:yyyy-MM-dd}}","co":"XA","is":"Test authority","ci":"{{identifier}}"}"""),
        };
        return $$"""{"ver":"1.3.0","nam":{"fn":"{{surname}}","fnt":"{{surname.ToUpperInvariant()}}","gn":"{{given}}","gnt":"{{given.ToUpperInvariant()}}"},"dob":"{{birthDate:yyyy-MM-dd}}","{{group}}":[{{entry}}]}""";
    }

    /// <summary>A vaccination of an invented person.</summary>
    public string InventedCard(string surname, string given, DateOnly birthDate, DateTimeOffset validFrom, DateTimeOffset? expiresAt = null, string? rid = null) =>
        $$"""{"iss":"{{CardIssuer}}","nbf":{{validFrom.ToUnixTimeSeconds()}},"""
        + (expiresAt is { } end ? $"\"exp\":{end.ToUnixTimeSeconds()}," : "")
        + "\"vc\"" + """:{"type":["https://smarthealth.cards#health-card","https://smarthealth.cards#immunization"],"""
        + (rid is null ? "" : $"\"rid\":\"{rid}\",")
        + "\"credentialSubject\"" + """:{"fhirVersion":"4.0.1","fhirBundle":{"resourceType":"Bundle","type":"collection","entry":["""
        + $$$"""{"fullUrl":"resource:0","resource":{"resourceType":"Patient","name":[{"family":"{{{surname}}}","given":["{{{given}}}"]}],"birthDate":"{{{birthDate:yyyy-MM-dd}}}"}},"""
        + """{"fullUrl":"resource:1","resource":{"resourceType":"Immunization","status":"completed","patient":{"reference":"resource:0"},"occurrenceDateTime":"2022-01-03"}}]}}}}""";

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private static X509Certificate2 SelfSigned(CertificateRequest request, DateTimeOffset notBefore, DateTimeOffset notAfter, ReadOnlySpan<string> keyUsage)
    {
        if (!keyUsage.IsEmpty)
        {
            var usages = new OidCollection();
            foreach (var oid in keyUsage)
                usages.Add(new Oid(oid));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        }
        return request.CreateSelfSigned(notBefore, notAfter);
    }

    private static byte[] Packed(byte[] bytes, Func<Stream, Stream> packer)
    {
        using var packed = new MemoryStream();
        using (var stream = packer(packed))
            stream.Write(bytes);
        return packed.ToArray();
    }

    private static void Write(CborWriter writer, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartMap(json.GetPropertyCount());
                foreach (var property in json.EnumerateObject())
                {
                    writer.WriteTextString(property.Name);
                    Write(writer, property.Value);
                }
                writer.WriteEndMap();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray(json.GetArrayLength());
                foreach (var item in json.EnumerateArray())
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number when json.TryGetInt64(out var integer):
                writer.WriteInt64(integer);
                break;
            case JsonValueKind.Number:
                writer.WriteDouble(json.GetDouble());
                break;
            case JsonValueKind.String:
                writer.WriteTextString(json.GetString()!);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBoolean(json.GetBoolean());
                break;
            default:
                writer.WriteNull();
                break;
        }
    }
}
