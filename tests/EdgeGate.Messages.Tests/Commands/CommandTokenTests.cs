using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access;
using EdgeGate.Messages.Commands;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Messages.Tests.Commands;

public sealed class CommandTokenTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2022, 3, 1, 12, 0, 0, 250, TimeSpan.Zero);

    private static readonly OpenOnceCommand Open = new("lane-1", "approved by the shift leader")
    {
        Gate = "estate/north-1",
        Id = "command-0001",
        IssuedAt = Noon,
        Expires = Noon.AddSeconds(30),
    };

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly CommandKeyRing _ring = new();

    public CommandTokenTests() => _ring.Add(new CommandKey("center", _key.ExportSubjectPublicKeyInfoPem()));

    public void Dispose()
    {
        _ring.Dispose();
        _key.Dispose();
    }

    public static TheoryData<GateCommand> EveryKind() =>
    [
        Open,
        new SetModeCommand("lane-1", "rush hour", PortalMode.EntryOnly) { Gate = "estate/north-1", Id = "command-0001", IssuedAt = Noon, Expires = Noon },
        new ResendRangeCommand(1, 1_000_000_000_000) { Gate = "estate/north-1", Id = "command-0001", IssuedAt = Noon, Expires = Noon },
        new ReportTallyCommand { Gate = "estate/north-1", Id = "command-0001", IssuedAt = Noon, Expires = Noon },
        new IdentifyCommand { Gate = "estate/north-1", Id = "command-0001", IssuedAt = Noon, Expires = Noon },
        new NoticeCommand("今日十点停水", "No water from 10 today", Noon.AddHours(2)) { Gate = "estate/north-1", Id = "command-0001", IssuedAt = Noon, Expires = Noon },
        new ApplySettingsCommand("{ \"site\": \"estate\" } // 设置", 60) { Gate = "estate/north-1", Id = "command-0001", IssuedAt = Noon, Expires = Noon },
        new SetModeCommand("lane-1", "rush hour is over") { Gate = "estate/north-1", Id = "command-0001", IssuedAt = Noon, Expires = Noon },
        new RebootCommand("a test") { Gate = "estate/north-1", Id = "command-0001", IssuedAt = Noon, Expires = Noon },
    ];

    [Theory, MemberData(nameof(EveryKind))]
    public void Every_kind_arrives_as_it_was_signed(GateCommand command)
    {
        var token = CommandToken.Sign(command, "center", _key);
        var genuine = Assert.IsType<CommandReading.Genuine>(Read(token));

        Assert.Equal(command, genuine.Command);
        Assert.StartsWith($$"""{"kind":"{{command.Kind}}",""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[1])), StringComparison.Ordinal);
        Assert.Equal("center", genuine.Key.Id);
    }

    [Fact]
    public void A_command_is_flat_json_that_other_programs_can_make()
    {
        var claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(CommandToken.Sign(Open, "center", _key).Split('.')[1]));

        Assert.Equal(
            """{"kind":"open-once","lane":"lane-1","reason":"approved by the shift leader","gate":"estate/north-1","id":"command-0001","iat":1646136000.25,"exp":1646136030.25}""",
            claims);
    }

    /// <summary>RFC 7515 appendix A.3: key, token and signature are theirs, so the signature must be good, and the claims are no command's.</summary>
    [Fact]
    public void The_example_of_rfc_7515_appendix_a3_verifies_with_its_key()
    {
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q =
            {
                X = Base64Url.DecodeFromChars("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                Y = Base64Url.DecodeFromChars("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
            },
        });
        const string token =
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
            + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        var end = token.LastIndexOf('.');

        Assert.True(key.VerifyData(
            Encoding.ASCII.GetBytes(token, 0, end), Base64Url.DecodeFromChars(token.AsSpan(end + 1)), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        Assert.Equal(CommandReason.Malformed, Reason(token)); // no kid and no typ: no command of ours
    }

    [Fact]
    public void A_changed_letter_anywhere_is_noticed()
    {
        var token = CommandToken.Sign(Open, "center", _key);
        for (var at = 0; at < token.Length; at++)
        {
            // Flips the highest bit of the letter's value: the lowest ones at the end of a part may not count.
            var altered = token.ToCharArray();
            altered[at] = altered[at] switch { '.' => 'A', >= 'a' and <= 'z' => 'A', _ => 'z' };
            Assert.IsType<CommandReading.Unusable>(Read(new string(altered)));
        }
    }

    [Theory]
    [InlineData("""{"alg":"none","kid":"center","typ":"edgegate-command"}""")]
    [InlineData("""{"alg":"HS256","kid":"center","typ":"edgegate-command"}""")]
    [InlineData("""{"alg":"ES256","kid":"center"}""")]
    [InlineData("""{"alg":"ES256","kid":"center","typ":"edgegate-pass"}""")]
    [InlineData("""{"alg":"ES256","kid":"center","typ":"edgegate-command","crit":["b64"],"b64":false}""")]
    [InlineData("""{"alg":"ES256","kid":"center","typ":"edgegate-command","jwk":{"kty":"EC"}}""")]
    [InlineData("""{"alg":"ES256","kid":"center","kid":"center","typ":"edgegate-command"}""")]
    [InlineData("""{"alg":"ES256","kid":null,"typ":"edgegate-command"}""")]
    [InlineData("""[]""")]
    [InlineData("null")]
    [InlineData("")]
    public void A_header_other_than_ours_is_refused_though_the_signature_is_good(string header) =>
        Assert.Equal(CommandReason.Malformed, Reason(Signed(header, Claims())));

    [Fact]
    public void A_key_that_is_not_pinned_is_unknown() =>
        Assert.Equal(CommandReason.KeyUnknown, Reason(CommandToken.Sign(Open, "somebody", _key)));

    [Fact]
    public void The_id_of_a_pinned_key_does_not_make_another_key_good()
    {
        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(CommandReason.SignatureWrong, Reason(CommandToken.Sign(Open, "center", thief)));
    }

    [Theory]
    [InlineData("", "{}", "no kind")]
    [InlineData("\"open-once\"", "\"launch\"", "an unknown kind")]
    [InlineData("\"id\":", "\"id\":\"twice-0002\",\"id\":", "a claim given twice")]
    [InlineData("\"lane\":", "\"extra\":1,\"lane\":", "a claim nobody knows")]
    [InlineData("\"lane-1\"", "null", "null for a text")]
    [InlineData("\"lane-1\"", "[[[[[[]]]]]]", "depth")]
    [InlineData("\"lane-1\"", "\"\\ud800\"", "half a character")]
    [InlineData("\"lane-1\"", "\"\"", "an empty lane")]
    [InlineData("command-0001", "short", "a short id")]
    [InlineData("command-0001", "../../../etc", "an id of other letters")]
    [InlineData("shift leader", "shift\\nleader", "a reason in two lines")]
    [InlineData("1646136000.25", "\"1646136000\"", "a time in quotes")]
    [InlineData("1646136000.25", "1e99", "a time out of all calendars")]
    [InlineData("1646136000.25", "-1e28", "a time before all calendars")]
    [InlineData(",\"exp\":1646136030.25", "", "no expiry")]
    public void Claims_that_are_signed_and_make_no_sense_are_not_understood(string written, string instead, string what)
    {
        var claims = written.Length == 0 ? instead : Claims().Replace(written, instead, StringComparison.Ordinal);
        Assert.NotEqual(Claims(), claims);

        var unusable = Assert.IsType<CommandReading.Unusable>(Read(Signed("""{"alg":"ES256","kid":"center","typ":"edgegate-command"}""", claims)));

        Assert.True((unusable.Reason, unusable.Key?.Id) == (CommandReason.NotUnderstood, "center"), what);
    }

    [Theory, InlineData(" "), InlineData("="), InlineData("\n"), InlineData(".")]
    public void White_space_padding_and_a_fourth_part_make_it_no_token(string more) =>
        Assert.Equal(CommandReason.Malformed, Reason(CommandToken.Sign(Open, "center", _key) + more));

    [Fact]
    public void What_is_longer_than_the_limit_is_not_even_read() =>
        Assert.Equal(CommandReason.TooLarge, Reason(new string('A', CommandToken.LongestBytes + 1)));

    [Fact]
    public void Any_bytes_at_all_are_refused_and_never_throw() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), noise => _ring.Read(noise) is CommandReading.Unusable { Key: null }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_claims_at_all_under_a_good_signature_never_throw() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), Gen.Choose(0, 200).ToArbitrary(), (noise, at) =>
        {
            var claims = Encoding.UTF8.GetBytes(Claims());
            noise.AsSpan(..Math.Min(noise.Length, claims.Length - at % claims.Length)).CopyTo(claims.AsSpan(at % claims.Length));
            return Read(Signed("""{"alg":"ES256","kid":"center","typ":"edgegate-command"}"""u8, claims)) is not null;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_every_gate_would_refuse_is_not_signed() =>
        Assert.Throws<ArgumentException>(() => CommandToken.Sign(Open with { Reason = "" }, "center", _key));

    [Fact]
    public void A_private_key_another_curve_and_what_is_no_key_are_not_taken_into_the_ring()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        foreach (var pem in new[] { _key.ExportPkcs8PrivateKeyPem(), other.ExportSubjectPublicKeyInfoPem(), "no key" })
            Assert.Throws<CryptographicException>(() => _ring.Add(new CommandKey("next", pem)));
        Assert.Throws<CryptographicException>(() => _ring.Add(new CommandKey("center", _key.ExportSubjectPublicKeyInfoPem())));
        Assert.Equal(1, _ring.Count);
    }

    [Theory]
    [InlineData("2022-02-28", false)]
    [InlineData("2022-03-01", true)]
    [InlineData("2022-03-31", true)]
    [InlineData("2022-04-01", false)]
    public void A_key_holds_from_its_first_day_through_its_last(string today, bool holds) =>
        Assert.Equal(holds, new CommandKey("center", "", new DateOnly(2022, 3, 1), new DateOnly(2022, 3, 31)).IsInTime(DateOnly.Parse(today)));

    private CommandReading Read(string token) => _ring.Read(Encoding.UTF8.GetBytes(token));

    private CommandReason Reason(string token) => Assert.IsType<CommandReading.Unusable>(Read(token)).Reason;

    private string Claims() => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(CommandToken.Sign(Open, "center", _key).Split('.')[1]));

    private string Signed(string header, string claims) => Signed(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(claims));

    private string Signed(ReadOnlySpan<byte> header, ReadOnlySpan<byte> claims)
    {
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(claims)}";
        var signature = _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }
}
