using System.Formats.Cbor;
using System.Security.Cryptography;
using EdgeGate.HealthCodes.Hcert;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.HealthCodes.Simulated;
using EdgeGate.HealthCodes.Trust;
using static EdgeGate.HealthCodes.Tests.TestCodes;

namespace EdgeGate.HealthCodes.Tests.Hcert;

public class HcertVerifierTests
{
    private static readonly byte[] NoHeader = [];

    [Fact]
    public void A_genuine_certificate_is_valid_and_explains_itself()
    {
        var result = Gate().Verify(Hc1, Moment);

        Is(HealthCodeStatus.Valid, result);
        Assert.Equal((CodeKind.HealthCertificate, CertificateKinds.Vaccination, "XA"), (result.Kind, result.Certificate, result.Issuer));
        Assert.Equal((Issued, Expires), (result.IssuedAt, result.ExpiresAt));
        Assert.Equal((1, TrustListAge.Current), (result.TrustListVersion, result.TrustListAge));
        Assert.All(result.Steps, step => Assert.Equal(StepOutcome.Holds, step.Outcome));
    }

    [Fact]
    public void Nothing_personal_is_in_the_result_text()
    {
        var text = Gate().Verify(Hc1, Moment).ToString() + string.Join(' ', Gate().Verify(Hc1, Moment).Steps);
        Assert.DoesNotContain("Testperson", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Erika", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("1990", text, StringComparison.Ordinal);
        Assert.DoesNotContain("UVCI", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_certificate_signed_with_RSA_is_valid() => Is(HealthCodeStatus.Valid, Gate().Verify(RsaHc1, Moment));

    [Theory, InlineData("\r\n"), InlineData("\n"), InlineData("  "), InlineData("\t")]
    public void What_a_scanner_adds_at_the_end_does_no_harm(string suffix) => Is(HealthCodeStatus.Valid, Gate().Verify(Hc1 + suffix, Moment));

    [Fact]
    public void Certificates_of_later_versions_are_unsupported_and_not_broken()
    {
        foreach (var version in "2345ABZ")
            Is(HealthCodeStatus.Unsupported, Gate().Verify($"HC{version}:{Hc1[4..]}", Moment));
    }

    [Fact]
    public void Times_are_judged()
    {
        Is(HealthCodeStatus.Expired, Gate().Verify(Issuer.IssueHc1(Vaccination, Issued, Now.AddHours(-1)), Moment));
        Is(HealthCodeStatus.NotYetValid, Gate().Verify(Issuer.IssueHc1(Vaccination, Now.AddHours(1), Expires), Moment));
        Is(HealthCodeStatus.Malformed, Gate().Verify(Issuer.IssueHc1(Vaccination, Expires, Issued), Moment));
        Is(HealthCodeStatus.Malformed, Gate().Verify(Issuer.IssueHc1(Vaccination, Issued, new DateTimeOffset(2201, 1, 1, 0, 0, 0, TimeSpan.Zero)), Moment));
        // outside the signer's own time
        Is(HealthCodeStatus.NotYetValid, Gate().Verify(Issuer.IssueHc1(Vaccination, Now.AddYears(-2), Expires), Moment));
        Is(HealthCodeStatus.Expired, Gate().Verify(Issuer.IssueHc1(Vaccination, Issued, Now.AddYears(3)), Moment));
    }

    [Fact]
    public void Times_may_be_floats_but_must_be_numbers() // Hungary and another country sign floats
    {
        Is(HealthCodeStatus.Valid, Gate().Verify(Signed(Claims(iat: 1_645_000_000.25, exp: 1_670_000_000.0)), Moment));
        Is(HealthCodeStatus.Malformed, Gate().Verify(Signed(Claims(iat: double.NaN, exp: 1_670_000_000.0)), Moment));
        Is(HealthCodeStatus.Malformed, Gate().Verify(Signed(Claims(iat: 1_645_000_000.0, exp: double.PositiveInfinity)), Moment));
        Is(HealthCodeStatus.Malformed, Gate().Verify(Signed(Claims(iat: -5, exp: 1_670_000_000.0)), Moment));
    }

    [Fact]
    public void A_certificate_without_expiry_is_refused() => Is(HealthCodeStatus.Malformed, Gate().Verify(Signed(Claims(iat: 1_645_000_000, exp: null)), Moment));

    [Fact]
    public void A_claim_written_twice_in_two_ways_is_refused()
    {
        var claims = Claims(iat: 1_645_000_000, exp: 1_670_000_000);
        byte[] doubled = [(byte)(claims[0] + 1), .. claims[1..], 0x18, 0x04, 0x1A, 0x7F, 0xFF, 0xFF, 0xFF];
        Is(HealthCodeStatus.Malformed, Gate().Verify(Signed(doubled), Moment));
    }

    [Fact]
    public void An_unset_clock_or_a_list_too_old_means_that_nothing_can_be_said()
    {
        Is(HealthCodeStatus.CannotVerify, Gate().Verify(Hc1, Moment with { ClockTrusted = false }));
        Is(HealthCodeStatus.CannotVerify, Gate().Verify(Hc1, Moment with { Time = Now.AddDays(28) }));
        Is(HealthCodeStatus.CannotVerify, Gate().Verify(Hc1, Moment with { Time = DateTimeOffset.UnixEpoch }));
        Is(HealthCodeStatus.CannotVerify, new HealthCodeVerifier(new TrustStore([])).Verify(Hc1, Moment));

        var inGrace = Gate().Verify(Hc1, Moment with { Time = Now.AddDays(26) });
        Is(HealthCodeStatus.Valid, inGrace);
        Assert.Equal(TrustListAge.Grace, inGrace.TrustListAge);
        Assert.Contains(inGrace.Steps, step => step.Outcome == StepOutcome.Noted);
    }

    [Fact]
    public void A_forged_certificate_is_called_forged_even_when_the_clock_is_unset() =>
        Is(HealthCodeStatus.SignatureInvalid, Gate().Verify(HealthCodeIssuer.Hc1Text(Forged()), Moment with { ClockTrusted = false }));

    [Fact]
    public void A_signer_that_is_not_listed_is_unknown()
    {
        using var stranger = HealthCodeIssuer.Create(Now.AddYears(-1), Now.AddYears(1));
        var code = stranger.IssueHc1(Vaccination, Issued, Expires);
        Is(HealthCodeStatus.UnknownIssuer, Gate().Verify(code, Moment));
        Is(HealthCodeStatus.CannotVerify, Gate().Verify(code, Moment with { Time = Now.AddDays(100) })); // it may be new
    }

    [Fact]
    public void All_keys_of_an_identifier_are_tried_but_not_more_than_eight()
    {
        var genuine = Issuer.SignerEntry() with { Certificate = null, Key = Issuer.CardKey };
        var others = Enumerable.Range(0, 8).Select(_ => genuine with { Key = JsonWebKey.From(ECDsa.Create(ECCurve.NamedCurves.nistP256)) }).ToArray();
        Is(HealthCodeStatus.Valid, new HealthCodeVerifier(TrustIn([.. others[..7], genuine])).Verify(Hc1, Moment));
        Is(HealthCodeStatus.SignatureInvalid, new HealthCodeVerifier(TrustIn([.. others, genuine])).Verify(Hc1, Moment));
    }

    [Fact]
    public void The_key_says_what_it_may_sign()
    {
        var code = Issuer.IssueHc1(Vaccination, Issued, Expires);
        Is(HealthCodeStatus.Valid, GateOf(Issuer.SignerEntry(CertificateKinds.Vaccination)).Verify(code, Moment));
        Is(HealthCodeStatus.KeyNotAllowedForKind, GateOf(Issuer.SignerEntry(CertificateKinds.Test | CertificateKinds.Recovery)).Verify(code, Moment));
    }

    [Theory]
    [InlineData(-37)] // PS256 with an EC key
    [InlineData(-35)] // ES384
    [InlineData(5)] // HMAC
    [InlineData(-257)] // RSA PKCS#1 v1.5
    public void The_header_does_not_choose_the_algorithm(int algorithm)
    {
        var claims = Claims(iat: 1_645_000_000, exp: 1_670_000_000);
        Is(HealthCodeStatus.SignatureInvalid, Gate().Verify(HealthCodeIssuer.Hc1Text(Issuer.Cose(Header(algorithm, Issuer.Kid.ToBytes()), claims)), Moment));
    }

    [Fact]
    public void An_EC_algorithm_with_an_RSA_key_and_no_algorithm_at_all_are_refused()
    {
        var claims = Claims(iat: 1_645_000_000, exp: 1_670_000_000);
        Is(HealthCodeStatus.SignatureInvalid, Gate().Verify(HealthCodeIssuer.Hc1Text(RsaIssuer.Cose(Header(-7, RsaIssuer.Kid.ToBytes()), claims)), Moment));
        Is(HealthCodeStatus.SignatureInvalid, Gate().Verify(HealthCodeIssuer.Hc1Text(Issuer.Cose(Header(null, Issuer.Kid.ToBytes()), claims)), Moment));
    }

    [Fact]
    public void A_header_with_critical_extensions_is_refused()
    {
        var header = Header(-7, Issuer.Kid.ToBytes(), writer => { writer.WriteInt32(2); writer.WriteStartArray(1); writer.WriteInt32(99); writer.WriteEndArray(); });
        Is(HealthCodeStatus.Unsupported, Gate().Verify(HealthCodeIssuer.Hc1Text(Issuer.Cose(header, Claims(iat: 1_645_000_000, exp: 1_670_000_000))), Moment));
    }

    [Fact]
    public void The_key_identifier_may_stand_unprotected_but_the_protected_one_counts()
    {
        var claims = Claims(iat: 1_645_000_000, exp: 1_670_000_000);
        var right = Issuer.Kid.ToBytes();
        var wrong = new byte[8];
        Is(HealthCodeStatus.Valid, Verify(Header(-7, null), Unprotected(4, right)));
        Is(HealthCodeStatus.Valid, Verify(Header(-7, right), Unprotected(4, wrong)));
        Is(HealthCodeStatus.UnknownIssuer, Verify(Header(-7, wrong), Unprotected(4, right)));
        Is(HealthCodeStatus.Malformed, Verify(Header(-7, null), null)); // none
        Is(HealthCodeStatus.Malformed, Verify(Header(-7, right[..7]), null));
        Is(HealthCodeStatus.Malformed, Verify(Header(-7, [.. right, 0]), null));
        Is(HealthCodeStatus.Malformed, Verify(Header(-7, wrong, writer => { writer.WriteUInt32(0x1804 & 0xFF); writer.WriteByteString(right); }), null)); // twice

        HealthCodeResult Verify(byte[] header, Action<CborWriter>? unprotected) => Gate().Verify(HealthCodeIssuer.Hc1Text(Issuer.Cose(header, claims, unprotected)), Moment);
    }

    [Fact]
    public void The_algorithm_may_stand_unprotected()
    {
        var cose = Issuer.Cose(NoHeader, Claims(iat: 1_645_000_000, exp: 1_670_000_000), writer =>
        {
            writer.WriteStartMap(2);
            writer.WriteInt32(1);
            writer.WriteInt32(-7);
            writer.WriteInt32(4);
            writer.WriteByteString(Issuer.Kid.ToBytes());
            writer.WriteEndMap();
        });
        Is(HealthCodeStatus.Valid, Gate().Verify(HealthCodeIssuer.Hc1Text(cose), Moment));
    }

    [Fact]
    public void Tags_may_be_there_or_not()
    {
        var cose = Issuer.Cose(Issuer.ProtectedHeader(), Claims(iat: 1_645_000_000, exp: 1_670_000_000));
        Assert.Equal(0xD2, cose[0]);
        Is(HealthCodeStatus.Valid, Gate().Verify(HealthCodeIssuer.Hc1Text(cose[1..]), Moment));
        Is(HealthCodeStatus.Valid, Gate().Verify(HealthCodeIssuer.Hc1Text([0xD8, 61, .. cose]), Moment));
        Is(HealthCodeStatus.Malformed, Gate().Verify(HealthCodeIssuer.Hc1Text([0xD2, .. cose]), Moment));
        Is(HealthCodeStatus.Malformed, Gate().Verify(HealthCodeIssuer.Hc1Text([.. cose, 0]), Moment));
    }

    [Fact]
    public void Signatures_of_another_length_and_of_zeros_are_refused()
    {
        var cose = Issuer.Cose(Issuer.ProtectedHeader(), Claims(iat: 1_645_000_000, exp: 1_670_000_000));
        var body = cose[..^66]; // without 58 40 and the signature
        Is(HealthCodeStatus.SignatureInvalid, Gate().Verify(HealthCodeIssuer.Hc1Text([.. body, 0x58, 0x40, .. new byte[64]]), Moment));
        Is(HealthCodeStatus.SignatureInvalid, Gate().Verify(HealthCodeIssuer.Hc1Text([.. body, 0x58, 0x41, .. cose[^64..], 0]), Moment));
        var der = new byte[] { 0x30, 0x44, 0x02, 0x20 }.Concat(cose[^64..^32]).Concat(new byte[] { 0x02, 0x20 }).Concat(cose[^32..]).ToArray();
        Is(HealthCodeStatus.SignatureInvalid, Gate().Verify(HealthCodeIssuer.Hc1Text([.. body, 0x58, (byte)der.Length, .. der]), Moment));
    }

    [Fact]
    public void A_changed_signature_that_still_holds_makes_no_other_certificate()
    {
        // s → n − s: anybody can do it, so nothing may be counted by signature.
        var order = System.Numerics.BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", System.Globalization.NumberStyles.HexNumber);
        var cose = Issuer.Cose(Issuer.ProtectedHeader(), Claims(iat: 1_645_000_000, exp: 1_670_000_000));
        var s = new System.Numerics.BigInteger(cose.AsSpan(^32..), isUnsigned: true, isBigEndian: true);
        var other = (order - s).ToByteArray(isUnsigned: true, isBigEndian: true);
        var changed = cose[..^32].Concat(new byte[32 - other.Length]).Concat(other).ToArray();

        var first = Gate().Verify(HealthCodeIssuer.Hc1Text(cose), Moment);
        var second = Gate().Verify(HealthCodeIssuer.Hc1Text(changed), Moment);
        Is(HealthCodeStatus.Valid, second);
        Assert.Equal(first.Reference, second.Reference);
    }

    [Fact]
    public void Denied_certificates_are_revoked_by_identifier_country_signature_or_content()
    {
        var cose = Issuer.Cose(Issuer.ProtectedHeader(), DccClaims());
        var code = HealthCodeIssuer.Hc1Text(cose);
        Assert.True(CoseSign1.TryParse(cose, out var parsed));
        string[] hashes = [Hash("URN:UVCI:01:XA:TEST0001#1"u8), Hash("XAURN:UVCI:01:XA:TEST0001#1"u8), Hash(parsed.Signature.Span[..32]), Gate().Verify(code, Moment).Reference!];
        foreach (var hash in hashes)
        {
            Is(HealthCodeStatus.Revoked, Gate(denied: [hash]).Verify(code, Moment));
            Is(HealthCodeStatus.Revoked, Gate(denied: [hash[..32]]).Verify(code, Moment));
        }
        Is(HealthCodeStatus.Valid, Gate(denied: [Hash("another"u8)]).Verify(code, Moment));

        static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    [Theory, InlineData(3), InlineData(-6), InlineData(5)]
    public void Certificates_of_the_WHO_are_signed_but_not_understood(int kind)
    {
        var result = Gate().Verify(Signed(Claims(iat: 1_645_000_000, exp: 1_670_000_000, kind: kind)), Moment);
        Is(HealthCodeStatus.Unsupported, result);
        Assert.NotNull(result.Reference);
        Assert.Contains("genuine", result.Steps[^1].Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"ver":"1.3.0","nam":{"fnt":"TEST"},"dob":"1990-01-01"}""")] // certifies nothing
    [InlineData("""{"ver":"1.3.0","nam":{"fnt":"TEST"},"dob":"1990-01-01","v":[{}],"t":[{}]}""")] // two kinds
    [InlineData("""{"ver":"1.3.0","nam":{"fnt":"TEST"},"dob":"1990-01-01","v":[{},{},{},{},{}]}""")]
    [InlineData("""{"ver":"1.3.0","nam":{},"dob":"1990-01-01","v":[{}]}""")] // for nobody
    [InlineData("""{"ver":"1.3.0","nam":{"fnt":"TEST"},"dob":"1990-01-01","v":["x"]}""")]
    [InlineData("[]")]
    public void A_signed_certificate_without_what_a_gate_needs_is_malformed(string dcc) => Is(HealthCodeStatus.Malformed, Gate().Verify(Issuer.IssueHc1(dcc, Issued, Expires), Moment));

    [Fact]
    public void Text_beyond_the_limit_is_refused_before_any_work()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Is(HealthCodeStatus.Malformed, Gate1.Verify("HC1:" + new string('0', HcertVerifier.MaxText), Moment));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 60_000);
    }

    [Fact]
    public void A_zip_bomb_is_refused()
    {
        var result = Gate().Verify(HealthCodeIssuer.Hc1Text(new byte[2_000_000]), Moment);
        Is(HealthCodeStatus.Malformed, result);
        Assert.Contains("16 KiB", result.Steps[^1].Words, StringComparison.Ordinal);
    }

    [Fact]
    public void An_uncompressed_certificate_is_refused() =>
        Is(HealthCodeStatus.Malformed, Gate().Verify("HC1:" + Base45.Encode(Issuer.Cose(Issuer.ProtectedHeader(), DccClaims())), Moment));

    [Fact]
    public void Rules_are_asked_with_the_certificate_as_JSON()
    {
        var rules = new AgeOfDose();
        Is(HealthCodeStatus.Valid, Gate(new HealthCodeOptions { Rules = rules }).Verify(Hc1, Moment));
        rules.Limit = "2022-02-01";
        var result = Gate(new HealthCodeOptions { Rules = rules }).Verify(Hc1, Moment);
        Is(HealthCodeStatus.RuleFailed, result);
        Assert.Equal(["VR-XA-0001"], result.FailedRules);
        rules.Limit = "";
        Is(HealthCodeStatus.CannotVerify, Gate(new HealthCodeOptions { Rules = rules }).Verify(Hc1, Moment));
    }

    [Fact]
    public async Task Lanes_may_verify_at_once()
    {
        var gate = Gate();
        await Parallel.ForAsync(0, 200, (i, _) =>
        {
            Is(HealthCodeStatus.Valid, gate.Verify(i % 2 == 0 ? Hc1 : RsaHc1, Moment));
            return ValueTask.CompletedTask;
        });
    }

    [Fact]
    public void Warming_up_verifies_a_code_of_each_kind() => Assert.True(HealthCodeVerifier.WarmUp());

    private static readonly HealthCodeVerifier Gate1 = Gate();

    private static byte[] Forged()
    {
        var cose = Issuer.Cose(Issuer.ProtectedHeader(), DccClaims());
        cose[^1] ^= 1;
        return cose;
    }

    private static string Signed(byte[] claims) => HealthCodeIssuer.Hc1Text(Issuer.Cose(Issuer.ProtectedHeader(), claims));

    private static byte[] DccClaims() => Claims(iat: 1_645_000_000, exp: 1_670_000_000);

    private static byte[] Claims(double? iat, double? exp, int kind = 1)
    {
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteStartMap(1 + (iat is null ? 0 : 1) + (exp is null ? 0 : 1));
        WriteTime(6, iat);
        WriteTime(4, exp);
        writer.WriteInt32(-260);
        writer.WriteStartMap(1);
        writer.WriteInt32(kind);
        WriteDcc();
        writer.WriteEndMap();
        writer.WriteEndMap();
        return writer.Encode();

        void WriteTime(int key, double? seconds)
        {
            if (seconds is not { } time)
                return;
            writer.WriteInt32(key);
            if (time == Math.Floor(time) && !double.IsInfinity(time))
                writer.WriteInt64((long)time);
            else
                writer.WriteDouble(time);
        }

        void WriteDcc()
        {
            writer.WriteStartMap(4);
            writer.WriteTextString("ver");
            writer.WriteTextString("1.3.0");
            writer.WriteTextString("nam");
            writer.WriteStartMap(1);
            writer.WriteTextString("fnt");
            writer.WriteTextString("TESTPERSON");
            writer.WriteEndMap();
            writer.WriteTextString("dob");
            writer.WriteTextString("");
            writer.WriteTextString("v");
            writer.WriteStartArray(1);
            writer.WriteStartMap(2);
            writer.WriteTextString("co");
            writer.WriteTextString("XA");
            writer.WriteTextString("ci");
            writer.WriteTextString("URN:UVCI:01:XA:TEST0001#1");
            writer.WriteEndMap();
            writer.WriteEndArray();
            writer.WriteEndMap();
        }
    }

    private static byte[] Header(int? algorithm, byte[]? kid, Action<CborWriter>? more = null)
    {
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteStartMap((algorithm is null ? 0 : 1) + (kid is null ? 0 : 1) + (more is null ? 0 : 1));
        if (algorithm is { } number)
        {
            writer.WriteInt32(1);
            writer.WriteInt32(number);
        }
        if (kid is not null)
        {
            writer.WriteInt32(4);
            writer.WriteByteString(kid);
        }
        more?.Invoke(writer);
        writer.WriteEndMap();
        return writer.Encode();
    }

    private static Action<CborWriter> Unprotected(int label, byte[] value) => writer =>
    {
        writer.WriteStartMap(1);
        writer.WriteInt32(label);
        writer.WriteByteString(value);
        writer.WriteEndMap();
    };

    private sealed class AgeOfDose : ICertificateRules
    {
        public string Limit { get; set; } = "2021-01-01";

        public CertificateRuling Check(CertificateFacts certificate)
        {
            if (Limit.Length == 0)
                return new CertificateRuling(HealthCodeStatus.CannotVerify, []);
            return string.CompareOrdinal(certificate.Payload.GetProperty("v")[0].GetProperty("dt").GetString(), Limit) >= 0
                ? new CertificateRuling(HealthCodeStatus.Valid, [])
                : new CertificateRuling(HealthCodeStatus.RuleFailed, [new RuleFailure("VR-XA-0001", "the dose is too old")]);
        }
    }
}
