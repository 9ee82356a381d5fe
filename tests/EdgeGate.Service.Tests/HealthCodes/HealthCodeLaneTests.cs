using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.HealthCodes.Simulated;
using EdgeGate.HealthCodes.Trust;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Tests.Passing;

namespace EdgeGate.Service.Tests.HealthCodes;

/// <summary>Codes of a real issuer, verified for real, at a lane that asks for them.</summary>
public sealed class HealthCodeLaneTests : IAsyncLifetime
{
    private static readonly DateOnly Born = new(1990, 3, 7);
    private readonly ECDsa _operator = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _passes = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private HealthCodeIssuer _issuer = null!;
    private HealthCodeIssuer _stranger = null!;
    private LaneUnderTest _lane = null!;
    private TrustStore _trust = null!;
    private CodeIntake _codes = null!;

    public async Task InitializeAsync()
    {
        _lane = await LaneUnderTest.StartAsync(configure: options => options with
        {
            Encounter = options.Encounter with { HealthCodeRequired = true, PassesNeedNoHealthCode = true },
        });
        _issuer = HealthCodeIssuer.Create(Now.AddYears(-2), Now.AddYears(2));
        _stranger = HealthCodeIssuer.Create(Now.AddYears(-2), Now.AddYears(2));
        _trust = new TrustStore([JsonWebKey.From(_operator)]);
        Trust(version: 1);
        var options = new CodeIntakeOptions
        {
            TakesHealthCodes = true,
            TakesPasses = true,
            Patterns = [new CodePattern("province", CodeKind.ProviderCode, "SIM:.*")],
            GateNames = ["gate-1"],
            Direction = PassDirections.Entry,
            Place = "estate/gate-1",
        };
        var verifier = new HealthCodeVerifier(_trust, new HealthCodeOptions { Patterns = options.Patterns, PassKeys = [PassKey.FromPem(_passes.ExportSubjectPublicKeyInfoPem())] });
        _codes = new CodeIntake(options, verifier, _lane.Providers, _lane.Inputs, _lane.Clock, _lane.Time, new ListLogger<CodeIntake>());
    }

    public async Task DisposeAsync()
    {
        await _lane.DisposeAsync();
        foreach (var provider in _lane.Providers.Values)
            provider.Dispose();
        _issuer.Dispose();
        _stranger.Dispose();
        _operator.Dispose();
        _passes.Dispose();
    }

    private DateTimeOffset Now => _lane.Clock.Read().Wall;

    private void Trust(long version, params string[] denied) => Assert.IsType<TrustLoad.Accepted>(_trust.Load(TrustListSignature.Sign(
        new TrustListDocument { Version = version, IssuedAt = Now.AddDays(-1), ExpiresAt = Now.AddDays(30), Signers = [_issuer.SignerEntry()], Denied = denied }, _operator)));

    private static Credential.IdCard Card(string name = "TESTER ANNA", DateOnly? born = null)
    {
        var seventeen = $"999999{born ?? Born:yyyyMMdd}001";
        return new(seventeen + Iso7064Mod112.CheckCharacter(seventeen), name, new DateOnly(2020, 1, 1), null, LongTerm: true);
    }

    private string Certificate(HealthCodeIssuer? issuer = null, DateTimeOffset? expires = null) => (issuer ?? _issuer).IssueHc1(
        HealthCodeIssuer.InventedDcc(CertificateKinds.Vaccination, "Tester", "Anna", Born, DateOnly.FromDateTime(Now.Date).AddDays(-60)),
        Now.AddDays(-30), expires ?? Now.AddDays(30));

    private ValueTask ScanAsync(string text) => _codes.TakeAsync("scanner", text, CancellationToken.None);

    private async Task<JsonElement> DecisionAsync() => (await _lane.RecordsAsync(1))[0].GetProperty("data");

    private async Task<JsonElement> DecisionAsync(Credential card, string code)
    {
        await _lane.PresentAsync(card);
        await ScanAsync(code);
        return await DecisionAsync();
    }

    private static string[] ReasonsOf(JsonElement decision) => [.. decision.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()!)];

    [Fact]
    public async Task A_healthy_person_passes_and_the_record_says_why()
    {
        var decision = await DecisionAsync(Card(), Certificate());

        Assert.Equal("granted", decision.GetProperty("outcome").GetString());
        var code = decision.GetProperty("healthCode");
        Assert.Equal(("valid", "vaccination", "match"), (code.GetProperty("status").GetString(), code.GetProperty("certificate").GetString(), code.GetProperty("holder").GetString()));
        Assert.Equal(1, code.GetProperty("trustListVersion").GetInt64());
        Assert.DoesNotContain("Anna", decision.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_code_may_come_before_the_card()
    {
        await ScanAsync(Certificate());
        await _lane.PresentAsync(Card());
        Assert.Equal("granted", (await DecisionAsync()).GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task An_expired_code_is_refused() =>
        Assert.Equal(["health-code-expired"], ReasonsOf(await DecisionAsync(Card(), Certificate(expires: Now.AddDays(-1)))));

    [Fact]
    public async Task A_forged_code_is_refused()
    {
        var text = Certificate(_stranger);
        Assert.Equal(["health-code-invalid"], ReasonsOf(await DecisionAsync(Card(), text)));
    }

    [Fact]
    public async Task A_denied_code_is_refused_from_the_next_list_on()
    {
        var text = Certificate();
        var reference = new HealthCodeVerifier(_trust).Verify(text, new VerificationMoment(Now, ClockTrusted: true)).Reference!;
        Trust(2, denied: reference);
        Assert.Equal(["health-code-revoked"], ReasonsOf(await DecisionAsync(Card(), text)));
    }

    [Fact]
    public async Task Somebody_elses_code_is_refused()
    {
        var decision = await DecisionAsync(Card("MUSTER BERT", new DateOnly(1971, 5, 5)), Certificate());
        Assert.Equal(["health-code-of-another"], ReasonsOf(decision));
        Assert.Equal("differs", decision.GetProperty("healthCode").GetProperty("holder").GetString());
    }

    [Fact]
    public async Task A_Chinese_name_cannot_be_compared_and_the_settings_let_it_pass_and_say_so()
    {
        var decision = await DecisionAsync(Card("测试安"), Certificate());
        Assert.Equal("granted", decision.GetProperty("outcome").GetString());
        Assert.Equal("cannot-tell", decision.GetProperty("healthCode").GetProperty("holder").GetString());
    }

    [Fact]
    public async Task Who_shows_no_code_is_asked_for_one_and_then_refused()
    {
        await _lane.PresentAsync(Card());
        Assert.Equal([WantedEvidence.HealthCode], (await _lane.SeeAsync(KioskFace.Gathering)).Wanted);
        await _lane.LetPassAsync(TimeSpan.FromSeconds(11));
        Assert.Equal(["health-code-missing"], ReasonsOf(await DecisionAsync()));
    }

    [Fact]
    public async Task The_code_of_a_person_who_was_overtaken_does_not_let_the_next_one_in()
    {
        await _lane.PresentAsync(Card());
        await _lane.PresentAsync(Card("MUSTER BERT", new DateOnly(1971, 5, 5)));
        await _lane.LetPassAsync(TimeSpan.FromSeconds(11));
        var records = await _lane.RecordsAsync(2);
        Assert.Equal(["superseded", "health-code-missing"], ReasonsOf(records[0].GetProperty("data")));
        Assert.Equal(["health-code-missing"], ReasonsOf(records[1].GetProperty("data")));
    }

    [Fact]
    public async Task A_pass_on_paper_needs_no_health_code()
    {
        var pass = new EdgeGatePass { Id = "visitor-7", NotBefore = Now.AddHours(-1), ExpiresAt = Now.AddHours(1), Gates = ["gate-1"] };
        await ScanAsync(PassText.Sign(pass, _passes));
        var decision = await DecisionAsync();
        Assert.Equal(("granted", "pass"), (decision.GetProperty("outcome").GetString(), decision.GetProperty("credential").GetString()));
    }

    [Theory]
    [InlineData("other-gate", 1, "unauthorized")]
    [InlineData("gate-1", -1, "credential-expired")]
    public async Task A_pass_for_elsewhere_or_of_yesterday_is_refused(string gate, int hoursLeft, string reason)
    {
        var pass = new EdgeGatePass { Id = "visitor-7", NotBefore = Now.AddHours(-9), ExpiresAt = Now.AddHours(hoursLeft), Gates = [gate] };
        await ScanAsync(PassText.Sign(pass, _passes));
        Assert.Equal([reason], ReasonsOf(await DecisionAsync()));
    }

    [Fact]
    public async Task A_pass_made_out_to_a_person_is_for_the_guard_to_look_at()
    {
        await ScanAsync(PassText.Sign(new EdgeGatePass { Id = "visitor-7", Person = "somebody", NotBefore = Now.AddHours(-1), ExpiresAt = Now.AddHours(1) }, _passes));
        var decision = await DecisionAsync();
        Assert.Equal("guard", decision.GetProperty("outcome").GetString());
        Assert.Equal(["credential-unverified"], ReasonsOf(decision));
    }

    [Theory]
    [InlineData("测**", "differs", false)]
    [InlineData("安**", "differs", true)]
    [InlineData("**甲", "cannot-tell", true)]
    [InlineData(null, "cannot-tell", true)]
    public void A_providers_masked_name_can_only_contradict_the_card(string? masked, string expected, bool cardIsAn)
    {
        var answer = new ProviderAnswer
        {
            Status = HealthCodeStatus.ProviderGreen,
            ProviderId = "province",
            RequestId = "1",
            TokenHash = "1",
            Source = AnswerSource.Provider,
            MaskedName = masked,
            Took = TimeSpan.Zero,
            Attempts = 1,
        };
        var request = new AccessRequest(new Presentation("reader", Card(cardIsAn ? "测试甲" : "安试甲"), _lane.Clock.Read()), Direction.Entry, null, _lane.Clock.Read())
        {
            HealthCode = new JudgedHealthCode.Asked("a", TimeSpan.Zero, answer),
        };
        Assert.Equal(expected, JsonNamingPolicy.KebabCaseLower.ConvertName(HealthCodeRule.MatchOf(request)!.Value.ToString()));
    }

    [Fact]
    public async Task A_pass_somebody_wrote_themselves_is_unknown()
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await ScanAsync(PassText.Sign(new EdgeGatePass { Id = "visitor-7", NotBefore = Now.AddHours(-1), ExpiresAt = Now.AddHours(1) }, own));
        Assert.Equal(["credential-not-found"], ReasonsOf(await DecisionAsync()));
    }

    [Theory]
    [InlineData("SIM:green:1", SimulatedFault.None, "granted", null)]
    [InlineData("SIM:yellow:1", SimulatedFault.None, "guard", "health-code-not-healthy")]
    [InlineData("SIM:red:1", SimulatedFault.None, "denied", "health-code-not-healthy")]
    [InlineData("SIM:expired:1", SimulatedFault.None, "denied", "health-code-expired")]
    [InlineData("SIM:green:1", SimulatedFault.ServerError, "guard", "health-code-unverified")]
    [InlineData("SIM:green:1", SimulatedFault.Garbage, "guard", "health-code-unverified")]
    public async Task A_providers_answer_decides_and_while_it_is_down_the_stated_policy_does(string token, SimulatedFault fault, string outcome, string? reason)
    {
        await using var provider = await SimulatedProvider.StartAsync(0, TimeProvider.System, certificate: null, CancellationToken.None);
        provider.Fault = fault;
        _lane.Providers["province"] = new HttpHealthCodeProvider(provider.Options with { Id = "province" }, TimeProvider.System);

        var decision = await DecisionAsync(Card(), token);

        Assert.Equal(outcome, decision.GetProperty("outcome").GetString());
        Assert.Equal(reason is null ? [] : [reason], ReasonsOf(decision));
        var code = decision.GetProperty("healthCode");
        Assert.Equal("province", code.GetProperty("provider").GetString());
        Assert.Equal(fault is SimulatedFault.None ? "provider" : "offline-policy", code.GetProperty("source").GetString());
        Assert.Equal(fault is not SimulatedFault.None, code.TryGetProperty("fault", out _));
        Assert.DoesNotContain(token, decision.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_at_a_lane_that_asks_for_none_is_not_kept()
    {
        var options = new CodeIntakeOptions { TakesHealthCodes = false, TakesPasses = false, Patterns = [], GateNames = [], Direction = PassDirections.Entry, Place = "estate/gate-1" };
        var codes = new CodeIntake(options, new HealthCodeVerifier(_trust), _lane.Providers, _lane.Inputs, _lane.Clock, _lane.Time, new ListLogger<CodeIntake>());
        await codes.TakeAsync("scanner", Certificate(), CancellationToken.None);

        var decision = await DecisionAsync();
        Assert.Equal(("denied", "unreadable"), (decision.GetProperty("outcome").GetString(), decision.GetProperty("credential").GetString()));
        Assert.InRange(decision.GetProperty("sealed").GetRawText().Length, 1, 500); // no room for what the certificate says
    }

    [Fact]
    public async Task An_answer_that_comes_after_the_person_was_overtaken_counts_for_nobody()
    {
        await _lane.PresentAsync(Card());
        await _lane.Inputs.ShowCodeAsync("a", _lane.Clock.SinceBoot, CancellationToken.None);
        await _lane.PresentAsync(Card("MUSTER BERT", new DateOnly(1971, 5, 5)));
        await _lane.Inputs.JudgeCodeAsync(
            new JudgedHealthCode.Certificate("a", _lane.Clock.SinceBoot, new HealthCodeVerifier(_trust).Verify(Certificate(), new VerificationMoment(Now, true))), CancellationToken.None);
        await _lane.LetPassAsync(TimeSpan.FromSeconds(11));
        Assert.All(await _lane.RecordsAsync(2), record => Assert.False(record.GetProperty("data").TryGetProperty("healthCode", out _)));
    }
}
