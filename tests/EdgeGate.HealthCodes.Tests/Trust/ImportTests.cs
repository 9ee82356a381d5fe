using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Simulated;
using EdgeGate.HealthCodes.Trust.Import;
using static EdgeGate.HealthCodes.Tests.TestCodes;

namespace EdgeGate.HealthCodes.Tests.Trust;

public sealed class ImportTests : IDisposable
{
    private const string Source = "test";
    private readonly string _folder = Directory.CreateTempSubdirectory("edgegate-import-").FullName;
    private readonly ECDsa _publisher = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _publisher.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_folder_of_certificates_in_both_forms_is_read()
    {
        File.WriteAllBytes(Path.Combine(_folder, "a.der"), Issuer.CertificateDer());
        File.WriteAllText(Path.Combine(_folder, "b.pem"), Pem(RsaIssuer.CertificateDer()) + "\n" + Pem(Issuer.CertificateDer()));
        File.WriteAllText(Path.Combine(_folder, "c.crt"), "nothing of the kind");
        File.WriteAllText(Path.Combine(_folder, "readme.txt"), "no certificate, and not looked at");

        var import = CertificateImport.Read(_folder, country: null, Source, Now);
        Assert.Equal([Issuer.Kid.ToString(), RsaIssuer.Kid.ToString(), Issuer.Kid.ToString()], import.Signers.Select(signer => signer.Kid));
        Assert.All(import.Signers, signer => Assert.Equal(("XA", CertificateKinds.All), (signer.Country, signer.Kinds)));
        Assert.Single(import.Notes);
        Verifies(import);
    }

    [Theory]
    [InlineData("1.3.6.1.4.1.1847.2021.1.1", CertificateKinds.Test)]
    [InlineData("1.3.6.1.4.1.1847.2021.1.2", CertificateKinds.Vaccination)]
    [InlineData("1.3.6.1.4.1.0.1847.2021.1.3", CertificateKinds.Recovery)] // the misprint
    [InlineData("1.3.6.1.5.5.7.3.1", CertificateKinds.All)] // TLS: says nothing about health
    public void The_key_usage_says_which_kinds_a_key_may_sign(string oid, CertificateKinds expected)
    {
        using var issuer = HealthCodeIssuer.Create(Now.AddYears(-1), Now.AddYears(1), oid);
        Assert.Equal(expected, CertificateImport.Entry(issuer.CertificateDer(), null, Source, Now, out _)!.Kinds);
    }

    [Fact]
    public void A_key_set_is_read_with_certificates_or_bare_keys()
    {
        var import = JwksImport.Read(Utf8(KeySet()), "XA", Source, Now);
        Assert.Equal(2, import.Signers.Count);
        Assert.NotNull(import.Signers[0].Certificate);
        Assert.Null(import.Signers[1].Certificate);
        Assert.Equal(2, import.Notes.Count); // the private key and the one without identifier
        Verifies(import);
    }

    [Fact]
    public void A_signed_key_set_is_read_when_its_signature_holds_and_is_in_its_time()
    {
        var jws = SignedKeySet(Now.AddDays(1));
        Assert.Equal(2, JwksImport.ReadSigned(Utf8(jws), JsonWebKey.From(_publisher), Now, "XA", Source, Now).Signers.Count);
        Assert.Throws<FormatException>(() => JwksImport.ReadSigned(Utf8(jws), JsonWebKey.From(_publisher), Now.AddDays(2), "XA", Source, Now));
        Assert.Throws<FormatException>(() => JwksImport.ReadSigned(Utf8(jws), Issuer.CardKey, Now, "XA", Source, Now));
        Assert.Throws<FormatException>(() => JwksImport.ReadSigned(Utf8(KeySet()), JsonWebKey.From(_publisher), Now, "XA", Source, Now));
    }

    [Fact]
    public void The_German_form_is_read_when_its_signature_holds()
    {
        var json = $$"""{"certificates":[{"certificateType":"DSC","country":"XA","kid":"x","rawData":"{{Convert.ToBase64String(Issuer.CertificateDer())}}"},{"certificateType":"CSCA","rawData":"AAAA"},{"certificateType":"DSC","rawData":"AAAA"}]}""";
        foreach (var form in (ReadOnlySpan<DSASignatureFormat>)[DSASignatureFormat.IeeeP1363FixedFieldConcatenation, DSASignatureFormat.Rfc3279DerSequence])
        {
            var text = Convert.ToBase64String(_publisher.SignData(Utf8(json), HashAlgorithmName.SHA256, form)) + "\n" + json + "\n";
            var import = GermanTrustListImport.Read(Utf8(text), _publisher, Source, Now);
            Assert.Equal(Issuer.Kid.ToString(), Assert.Single(import.Signers).Kid);
            Assert.Single(import.Notes);
            Verifies(import);
            Assert.Throws<FormatException>(() => GermanTrustListImport.Read(Utf8(text.Replace("XA", "XB", StringComparison.Ordinal)), _publisher, Source, Now));
        }
        Assert.Throws<FormatException>(() => GermanTrustListImport.Read(Utf8(json), _publisher, Source, Now));
    }

    [Fact]
    public void The_Swedish_form_is_read_when_its_signature_holds_and_is_in_its_time()
    {
        var kid = Convert.ToBase64String(Issuer.Kid.ToBytes());
        var payload = $$"""{"exp":{{Now.AddDays(1).ToUnixTimeSeconds()}},"dsc_trust_list":{"XA":{"keys":[{"kid":"{{kid}}","kty":"EC","x5c":["{{Convert.ToBase64String(Issuer.CertificateDer())}}"]}],"eku":{"{{kid}}":["1.3.6.1.4.1.1847.2021.1.2"]} } } }""";
        var token = CompactJws.Sign(_publisher, CompactJws.Header("publisher"), Utf8(payload));
        var import = SwedishTrustListImport.Read(token + "\n", JsonWebKey.From(_publisher), Now, Source, Now);
        Assert.Equal(("XA", CertificateKinds.Vaccination), (import.Signers[0].Country, import.Signers[0].Kinds));
        Verifies(import);
        Assert.Throws<FormatException>(() => SwedishTrustListImport.Read(token, JsonWebKey.From(_publisher), Now.AddDays(2), Source, Now));
        Assert.Throws<FormatException>(() => SwedishTrustListImport.Read(token, Issuer.CardKey, Now, Source, Now));
        Assert.Throws<FormatException>(() => SwedishTrustListImport.Read("x", Issuer.CardKey, Now, Source, Now));
    }

    [Fact]
    public void A_card_issuer_is_read_with_its_revocations_and_bad_keys_are_left_out()
    {
        var key = Issuer.CardKey;
        var good = $$"""{"kty":"EC","use":"sig","alg":"ES256","crv":"P-256","kid":"{{key.KeyId}}","x":"{{key.X}}","y":"{{key.Y}}"}""";
        string[] bad =
        [
            good.Replace("\"sig\"", "\"enc\"", StringComparison.Ordinal),
            good.Replace("ES256", "ES384", StringComparison.Ordinal),
            good.Replace(key.KeyId!, "another", StringComparison.Ordinal),
            good[..^1] + ",\"d\":\"AA\"}",
            "7",
        ];
        var import = CardIssuerImport.Read(Issuer.CardIssuer, Utf8($$"""{"keys":[{{good}},{{string.Join(',', bad)}}]}"""), [Utf8($$"""{"kid":"{{key.KeyId}}","method":"rid","ctr":1,"rids":["card-1"]}""")], Source, Now);
        Assert.Equal(bad.Length, import.Notes.Count);
        var gate = new HealthCodeVerifier(TestTrust.Store([], Now.AddDays(-1), Now.AddDays(1), import.CardIssuers));
        Is(HealthCodeStatus.Revoked, gate.Verify(Card, Moment));
    }

    private static void Verifies(TrustImport import) => Is(HealthCodeStatus.Valid, new HealthCodeVerifier(TrustIn(import.Signers)).Verify(Hc1, Moment));

    private static string Pem(byte[] der) => PemEncoding.WriteString("CERTIFICATE", der);

    private static string KeySet()
    {
        var (key, kid) = (Issuer.CardKey, Base64Url.EncodeToString(Issuer.Kid.ToBytes()));
        return $$"""{"keys":[{"kty":"EC","kid":"{{kid}}","x5c":["{{Convert.ToBase64String(Issuer.CertificateDer())}}"]},{"kty":"EC","crv":"P-256","kid":"{{kid}}","x":"{{key.X}}","y":"{{key.Y}}"},{"kty":"EC","d":"AA"},{"kty":"EC","crv":"P-256","x":"{{key.X}}","y":"{{key.Y}}"}]}""";
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private string SignedKeySet(DateTimeOffset expires)
    {
        var parts = CompactJws.Sign(_publisher, Utf8($$"""{"alg":"ES256","crit":["exp"],"exp":{{expires.ToUnixTimeSeconds()}}}"""), Utf8(KeySet())).Split('.');
        return JsonSerializer.Serialize(new { payload = parts[1], signatures = new[] { new { @protected = parts[0], signature = parts[2] } } });
    }
}
