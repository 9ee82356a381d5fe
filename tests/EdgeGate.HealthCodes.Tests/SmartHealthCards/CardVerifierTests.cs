using System.Security.Cryptography;
using System.Text;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Simulated;
using EdgeGate.HealthCodes.SmartHealthCards;
using static EdgeGate.HealthCodes.Tests.TestCodes;

namespace EdgeGate.HealthCodes.Tests.SmartHealthCards;

public class CardVerifierTests
{
    [Fact]
    public void A_genuine_card_is_valid()
    {
        var result = Gate().Verify(Card, Moment);
        Is(HealthCodeStatus.Valid, result);
        Assert.Equal((CertificateKinds.Vaccination, Issuer.CardIssuer), (result.Certificate, result.Issuer));
        Assert.Null(result.ExpiresAt);
        Assert.DoesNotContain("Testperson", result.ToString() + string.Join(' ', result.Steps), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Times_of_a_card_are_judged()
    {
        Is(HealthCodeStatus.NotYetValid, Verify(Issuer.InventedCard("Testperson", "Erika", Born, Now.AddHours(1))));
        Is(HealthCodeStatus.Expired, Verify(Issuer.InventedCard("Testperson", "Erika", Born, Issued, Now.AddHours(-1))));
        Is(HealthCodeStatus.Valid, Verify(Issuer.InventedCard("Testperson", "Erika", Born, Issued, Now.AddHours(1))));
        Is(HealthCodeStatus.Malformed, Verify(Issuer.InventedCard("Testperson", "Erika", Born, Issued, Issued.AddDays(-1))));
        Is(HealthCodeStatus.CannotVerify, Gate().Verify(Card, Moment with { ClockTrusted = false }));
    }

    [Fact]
    public void A_genuine_key_under_another_issuers_name_is_refused()
    {
        var payload = Payload.Replace(Issuer.CardIssuer, "https://other.example/issuer", StringComparison.Ordinal);
        Is(HealthCodeStatus.UnknownIssuer, Verify(payload));
        Is(HealthCodeStatus.UnknownIssuer, Verify(Payload.Replace(Issuer.CardIssuer, Issuer.CardIssuer + "/", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_revoked_card_is_refused_and_a_revocation_with_a_time_spares_later_cards()
    {
        Is(HealthCodeStatus.Revoked, GateRevoking("card-1").Verify(Card, Moment));
        Is(HealthCodeStatus.Revoked, GateRevoking($"card-1.{Issued.ToUnixTimeSeconds() + 1}").Verify(Card, Moment));
        Is(HealthCodeStatus.Valid, GateRevoking($"card-1.{Issued.ToUnixTimeSeconds()}").Verify(Card, Moment));
        Is(HealthCodeStatus.Valid, GateRevoking("card-2").Verify(Card, Moment));
        Is(HealthCodeStatus.Revoked, Gate(denied: [Gate().Verify(Card, Moment).Reference!]).Verify(Card, Moment));

        static HealthCodeVerifier GateRevoking(string rid) =>
            new(TestTrust.Store([], Now.AddDays(-2), Now.AddDays(20), [Issuer.CardIssuerEntry(rid)]));
    }

    [Fact]
    public void Nothing_is_unpacked_before_the_signature_holds()
    {
        using var stranger = HealthCodeIssuer.Create(Now.AddYears(-1), Now.AddYears(1));
        var bomb = HealthCodeIssuer.Deflated(new string(' ', 1_000_000));
        // signed by a stranger under the listed key's name
        var jws = CompactJws.Sign(ECDsa.Create(ECCurve.NamedCurves.nistP256), CompactJws.Header(Issuer.CardKey.KeyId!, zip: "DEF"), bomb);
        Is(HealthCodeStatus.SignatureInvalid, Gate().Verify("shc:/" + CardText.Encode(jws), Moment));
        Is(HealthCodeStatus.UnknownIssuer, Gate().Verify("shc:/" + CardText.Encode(stranger.CardJws(bomb)), Moment));
    }

    [Fact]
    public void A_card_that_unpacks_to_more_than_64_KiB_is_refused()
    {
        var result = Verify(new string(' ', CardVerifier.MaxInflated + 1));
        Is(HealthCodeStatus.Malformed, result);
        Assert.Contains("64 KiB", result.Steps[^1].Words, StringComparison.Ordinal);
        Is(HealthCodeStatus.Valid, Verify(Payload + new string(' ', 60_000)));
    }

    [Fact]
    public void A_packed_payload_cut_or_lengthened_by_the_issuer_is_refused()
    {
        var packed = HealthCodeIssuer.Deflated(Payload);
        Is(HealthCodeStatus.Malformed, Gate().Verify("shc:/" + CardText.Encode(Issuer.CardJws(packed[..^3])), Moment));
        Is(HealthCodeStatus.Malformed, Gate().Verify("shc:/" + CardText.Encode(Issuer.CardJws([.. packed, 0])), Moment));
    }

    [Theory]
    [InlineData("""{"alg":"none","zip":"DEF","kid":"KID"}""", HealthCodeStatus.SignatureInvalid)]
    [InlineData("""{"alg":"HS256","zip":"DEF","kid":"KID"}""", HealthCodeStatus.SignatureInvalid)]
    [InlineData("""{"alg":"ES256","kid":"KID"}""", HealthCodeStatus.Malformed)]
    [InlineData("""{"alg":"ES256","zip":"DEF"}""", HealthCodeStatus.Malformed)]
    [InlineData("""{"alg":"ES256","zip":"DEF","kid":"KID","kid":"KID"}""", HealthCodeStatus.Malformed)]
    [InlineData("""{"alg":"ES256","zip":"DEF","kid":"KID","crit":["b64"]}""", HealthCodeStatus.Unsupported)]
    [InlineData("""{"alg":"ES256","zip":"DEF","kid":"KID"/**/}""", HealthCodeStatus.Malformed)]
    [InlineData("""{"alg":"ES256","zip":"DEF","kid":"KID","\ud800":1}""", HealthCodeStatus.Malformed)] // half a surrogate pair: no text in .NET
    [InlineData("""[]""", HealthCodeStatus.Malformed)]
    public void Headers_that_are_not_as_they_must_be_are_refused(string header, HealthCodeStatus expected)
    {
        using var issuer = HealthCodeIssuer.Create(Now.AddYears(-1), Now.AddYears(1));
        var jws = issuer.CardJws(Encoding.UTF8.GetBytes(header.Replace("KID", issuer.CardKey.KeyId, StringComparison.Ordinal)), HealthCodeIssuer.Deflated(issuer.InventedCard("Testperson", "Erika", Born, Issued)));
        var gate = new HealthCodeVerifier(TestTrust.Store([], Now.AddDays(-2), Now.AddDays(20), [issuer.CardIssuerEntry()]));
        Is(expected, gate.Verify("shc:/" + CardText.Encode(jws), Moment));
    }

    [Theory]
    [InlineData("""{"nbf":1,"vc":{"type":["https://smarthealth.cards#health-card"]}}""")]
    [InlineData("""{"iss":"x","vc":{"type":["https://smarthealth.cards#health-card"]}}""")]
    [InlineData("""{"iss":"x","nbf":"1","vc":{"type":["https://smarthealth.cards#health-card"]}}""")]
    [InlineData("""{"iss":"x","nbf":1e300,"vc":{"type":["https://smarthealth.cards#health-card"]}}""")]
    [InlineData("""{"iss":"x","nbf":-1,"vc":{"type":["https://smarthealth.cards#health-card"]}}""")]
    [InlineData("""{"iss":"x","nbf":1,"exp":null,"vc":{"type":["https://smarthealth.cards#health-card"]}}""")]
    [InlineData("""{"iss":"x","nbf":1,"vc":{"type":["https://example.com#other"]}}""")]
    [InlineData("""{"iss":"x","nbf":1,"vc":7}""")]
    [InlineData("""{"iss":"x","nbf":1,"nbf":2,"vc":{"type":["https://smarthealth.cards#health-card"]}}""")]
    [InlineData("""[1]""")]
    [InlineData("""{"iss":"x","nbf":1,"vc":{"type":["https://smarthealth.cards#health-card"],"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}}""")]
    public void Signed_payloads_that_are_not_as_they_must_be_are_refused(string payload) => Is(HealthCodeStatus.Malformed, Verify(payload));

    [Fact]
    public void Text_in_a_card_that_is_no_text_is_passed_over()
    {
        Is(HealthCodeStatus.Valid, Verify(Payload.Replace("\"type\":[\"", "\"type\":[\"\\ud800\",\"", StringComparison.Ordinal)));
        Is(HealthCodeStatus.Valid, Verify(Payload.Replace("\"Erika\"", "\"\\ud800\",\"Erika\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_card_that_certifies_nothing_known_is_signed_and_not_understood() =>
        Is(HealthCodeStatus.Unsupported, Verify(Payload.Replace("#immunization", "#other", StringComparison.Ordinal).Replace("\"Immunization\"", "\"Coverage\"", StringComparison.Ordinal)));

    [Fact]
    public void Where_rules_are_set_a_card_cannot_be_judged_for_they_are_written_for_EU_certificates() =>
        Is(HealthCodeStatus.CannotVerify, Gate(new HealthCodeOptions { Rules = new RuleSetRules(() => null, "XA") }).Verify(Card, Moment));

    [Theory, InlineData("shc:/1"), InlineData("shc:/"), InlineData("shc:/78"), InlineData("shc:/12a4"), InlineData("shc:/0/1/12"), InlineData("shc:/2/1/12"), InlineData("shc:/1/12"), InlineData("shc:/1/1/1/12"), InlineData("shc:/１２")]
    public void Text_that_is_no_card_is_refused(string text) => Is(HealthCodeStatus.Malformed, Gate().Verify(text, Moment));

    [Fact]
    public void Text_beyond_the_limit_is_refused() => Is(HealthCodeStatus.Malformed, Gate().Verify("shc:/" + new string('5', CardText.MaxText), Moment));

    [Fact]
    public void A_card_in_parts_is_read_when_all_are_there()
    {
        var parts = Issuer.IssueCardInParts(Payload, 3);
        Is(HealthCodeStatus.Valid, Gate().Verify(string.Join('\n', parts), Moment));
        Is(HealthCodeStatus.Unsupported, Gate().Verify(parts[0], Moment));
        Is(HealthCodeStatus.Malformed, Gate().Verify(string.Join('\n', parts[0], parts[2], parts[1]), Moment));
        Is(HealthCodeStatus.Malformed, Gate().Verify(string.Join('\n', Enumerable.Repeat("shc:/1/9/12", 9)), Moment));
        Is(HealthCodeStatus.Valid, Gate().Verify("shc:/1/1/" + Card[5..], Moment));
    }

    private static HealthCodeResult Verify(string payload) => Gate().Verify(Issuer.IssueCard(payload), Moment);
}
