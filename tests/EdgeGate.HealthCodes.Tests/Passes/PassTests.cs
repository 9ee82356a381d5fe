using System.Security.Cryptography;
using System.Text;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.HealthCodes.Trust;
using static EdgeGate.HealthCodes.Tests.TestCodes;

namespace EdgeGate.HealthCodes.Tests.Passes;

public sealed class PassTests : IDisposable
{
    private static readonly byte[] Secret = "12345678901234567890"u8.ToArray();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Register _register = new();

    private EdgeGatePass Visitor { get; } = new()
    {
        Id = "visit-1",
        Person = "p3rs0n",
        NotBefore = Now.AddHours(-1),
        ExpiresAt = Now.AddHours(8),
        Gates = ["north", "visitors"],
        Directions = PassDirections.Entry,
        Uses = 2,
    };

    public void Dispose() => _key.Dispose();

    [Fact]
    public void A_pass_comes_out_as_it_was_signed()
    {
        var result = Verify(PassText.Sign(Visitor, _key));
        Is(HealthCodeStatus.Valid, result);
        Assert.Equal(CodeKind.EdgeGatePass, result.Kind);
        Assert.Equal(Visitor with { Gates = [] }, result.Pass! with { Gates = [] });
        Assert.Equal(Visitor.Gates, result.Pass.Gates);
    }

    [Fact]
    public void A_pass_opens_its_gates_in_its_directions_only()
    {
        Assert.True(Visitor.Opens(["south", "visitors"], PassDirections.Entry));
        Assert.False(Visitor.Opens(["visitors"], PassDirections.Exit));
        Assert.False(Visitor.Opens(["south"], PassDirections.Entry));
        Assert.False(Visitor.Opens(["visitors"], PassDirections.None));
        Assert.True((Visitor with { Gates = ["*"], Directions = PassDirections.Both }).Opens(["any"], PassDirections.Exit));
        Assert.True((Visitor with { Gates = ["estate/*"] }).Opens(["north", "estate/north", EdgeGatePass.EveryGateOf("estate")], PassDirections.Entry));
        Assert.False((Visitor with { Gates = ["estate/*"] }).Opens(["north", "other/north", EdgeGatePass.EveryGateOf("other")], PassDirections.Entry));
    }

    [Fact]
    public void Time_revocation_and_uses_are_judged()
    {
        Is(HealthCodeStatus.NotYetValid, Verify(PassText.Sign(Visitor with { NotBefore = Now.AddHours(1) }, _key)));
        Is(HealthCodeStatus.Expired, Verify(PassText.Sign(Visitor with { NotBefore = Now.AddHours(-9), ExpiresAt = Now.AddHours(-1) }, _key)));
        Is(HealthCodeStatus.CannotVerify, Gate().Verify(PassText.Sign(Visitor, _key), Moment with { ClockTrusted = false }));
        _register.Used = 1;
        Is(HealthCodeStatus.Valid, Verify(PassText.Sign(Visitor, _key)));
        _register.Used = 2;
        Is(HealthCodeStatus.RuleFailed, Verify(PassText.Sign(Visitor, _key)));
        _register.Revoked = "visit-1";
        Is(HealthCodeStatus.Revoked, Verify(PassText.Sign(Visitor, _key)));
    }

    [Fact]
    public void A_pass_of_which_nobody_can_tell_whether_it_was_called_back_is_for_a_person_to_judge()
    {
        _register.IsUnreadable = true;

        Is(HealthCodeStatus.CannotVerify, Verify(PassText.Sign(Visitor, _key)));
    }

    [Fact]
    public void A_pass_of_another_key_and_an_altered_pass_are_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var text = PassText.Sign(Visitor, _key);
        Is(HealthCodeStatus.UnknownIssuer, Verify(PassText.Sign(Visitor, other)));
        Is(HealthCodeStatus.SignatureInvalid, Verify(text[..^10] + (text[^10] == 'A' ? 'B' : 'A') + text[^9..]));
        var (header, rest) = (text[..text.IndexOf('.')], text[text.IndexOf('.')..]);
        Is(HealthCodeStatus.SignatureInvalid, Verify(header + PassText.Sign(Visitor with { Id = "visit-2" }, other)[header.Length..]));
        Assert.NotEmpty(rest);
    }

    [Fact]
    public void Something_else_signed_with_the_same_key_is_no_pass()
    {
        var payload = Encoding.UTF8.GetBytes("""{"jti":"a","nbf":1600000000,"exp":1700000000,"gates":["*"],"dir":"both"}""");
        foreach (var type in new[] { null, "JWT", "edgegate-trust+jws" })
            Is(HealthCodeStatus.Unsupported, Verify("EGP1:" + CompactJws.Sign(_key, CompactJws.Header(JsonWebKey.From(_key).KeyId!, type), payload)));
        Assert.IsType<TrustLoad.Refused>(TrustListSignature.Open(PassText.Sign(Visitor, _key)[5..], [JsonWebKey.From(_key)]));
    }

    [Theory]
    [InlineData("""{"nbf":1600000000,"exp":1700000000,"gates":["*"],"dir":"both"}""")]
    [InlineData("""{"jti":"a b","nbf":1600000000,"exp":1700000000,"gates":["*"],"dir":"both"}""")]
    [InlineData("""{"jti":"a","exp":1700000000,"gates":["*"],"dir":"both"}""")]
    [InlineData("""{"jti":"a","nbf":1700000000,"exp":1600000000,"gates":["*"],"dir":"both"}""")]
    [InlineData("""{"jti":"a","nbf":1600000000,"exp":1700000000,"dir":"both"}""")]
    [InlineData("""{"jti":"a","nbf":1600000000,"exp":1700000000,"gates":[],"dir":"both"}""")]
    [InlineData("""{"jti":"a","nbf":1600000000,"exp":1700000000,"gates":[null],"dir":"both"}""")]
    [InlineData("""{"jti":"a","nbf":1600000000,"exp":1700000000,"gates":["*"],"dir":"up"}""")]
    [InlineData("""{"jti":"a","nbf":1600000000,"exp":1700000000,"gates":["*"],"dir":"both","uses":0}""")]
    [InlineData("""{"jti":"a","jti":"b","nbf":1600000000,"exp":1700000000,"gates":["*"],"dir":"both"}""")]
    [InlineData("""null""")]
    public void Signed_claims_that_make_no_sense_are_malformed(string claims) => Is(
        HealthCodeStatus.Malformed,
        Verify("EGP1:" + CompactJws.Sign(_key, CompactJws.Header(JsonWebKey.From(_key).KeyId!, PassText.Type), Encoding.UTF8.GetBytes(claims))));

    [Fact]
    public void A_pass_that_makes_no_sense_is_not_signed()
    {
        Assert.Throws<ArgumentException>(() => PassText.Sign(Visitor with { Id = "测试" }, _key));
        Assert.Throws<ArgumentException>(() => PassText.Sign(Visitor with { Directions = PassDirections.None }, _key));
        Assert.Throws<ArgumentException>(() => PassText.Sign(Visitor with { Gates = [.. Enumerable.Range(0, 32).Select(i => new string('g', 60) + i)] }, _key));
    }

    [Fact]
    public void A_rotating_pass_needs_the_code_of_now()
    {
        var pass = PassText.Sign(Visitor with { TotpSecret = "site-2022" }, _key);
        Is(HealthCodeStatus.Valid, Verify(PassText.WithRotatingCode(pass, Secret, Now)));
        Is(HealthCodeStatus.Valid, Verify(PassText.WithRotatingCode(pass, Secret, Now.AddSeconds(-30))));
        Is(HealthCodeStatus.RuleFailed, Verify(PassText.WithRotatingCode(pass, Secret, Now.AddMinutes(-2))));
        Is(HealthCodeStatus.RuleFailed, Verify(pass));
        Is(HealthCodeStatus.RuleFailed, Verify(pass + "~１２３４５６"));
        Is(HealthCodeStatus.CannotVerify, Verify(PassText.WithRotatingCode(PassText.Sign(Visitor with { TotpSecret = "unknown" }, _key), Secret, Now)));
    }

    // RFC 6238, appendix B; the last six of its eight digits.
    [Theory, InlineData(59, "287082"), InlineData(1111111109, "081804"), InlineData(20000000000, "353130")]
    public void Rotating_codes_are_those_of_the_specification(long seconds, string expected) => Assert.Equal(expected, Totp.Code(Secret, seconds / 30));

    [Fact]
    public void Text_beyond_the_limit_is_refused() => Is(HealthCodeStatus.Malformed, Verify("EGP1:" + new string('a', PassText.MaxText)));

    [Fact]
    public void A_pass_key_is_a_P256_key()
    {
        Assert.Equal(JsonWebKey.From(_key).KeyId, PassKey.FromPem(_key.ExportSubjectPublicKeyInfoPem()).Thumbprint);
        using var wrong = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.ThrowsAny<CryptographicException>(() => PassKey.FromPem(wrong.ExportSubjectPublicKeyInfoPem()));
    }

    [Fact]
    public void A_pass_for_so_many_uses_is_not_believed_where_nobody_counts_them()
    {
        var gate = Gate(register: null);
        Is(HealthCodeStatus.CannotVerify, gate.Verify(PassText.Sign(Visitor with { Uses = 1 }, _key), Moment));
        Is(HealthCodeStatus.Valid, gate.Verify(PassText.Sign(Visitor with { Uses = null }, _key), Moment));
    }

    private HealthCodeVerifier Gate() => Gate(_register);

    private HealthCodeVerifier Gate(IPassRegister? register) =>
        new(new TrustStore([]), new HealthCodeOptions { PassKeys = [PassKey.From(JsonWebKey.From(_key))], PassRegister = register });

    private HealthCodeResult Verify(string text) => Gate().Verify(text, Moment);

    private sealed class Register : IPassRegister
    {
        public string? Revoked { get; set; }

        public int Used { get; set; }

        public bool IsUnreadable { get; set; }

        public bool? IsRevoked(string passId) => IsUnreadable ? null : passId == Revoked;

        public int UsesOf(string passId) => Used;

        public byte[]? TotpSecret(string name) => name == "site-2022" ? Secret : null;
    }
}
