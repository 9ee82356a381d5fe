using EdgeGate.Access.Rules;

namespace EdgeGate.Access.Tests;

public sealed class RuleTests
{
    // Invented: region 999999, born 1900-01-01; the last digit is the right check digit.
    private const string Number = "999999190001010015";

    [Fact]
    public void A_valid_card_is_no_objection() => Assert.Null(new IdCardRule().Check(Card(Number)));

    [Fact]
    public void A_wrong_check_digit_is_refused() =>
        Assert.Equal(DenyReason.IdNumberInvalid, new IdCardRule().Check(Card("999999190001010016"))?.Reason);

    [Theory]
    [InlineData("2022-02-28", DenyReason.CredentialExpired)]
    [InlineData("2022-03-01", null)] // valid through its last day
    public void A_card_is_valid_through_its_last_day(string validTo, DenyReason? expected) =>
        Assert.Equal(expected, new IdCardRule().Check(Card(Number, validTo: DateOnly.Parse(validTo)))?.Reason);

    [Fact]
    public void A_card_that_is_not_valid_yet_is_refused() =>
        Assert.Equal(DenyReason.CredentialNotActive, new IdCardRule().Check(Card(Number, validFrom: new(2022, 3, 2)))?.Reason);

    [Fact]
    public void A_long_term_card_never_expires() =>
        Assert.Null(new IdCardRule().Check(Card(Number, validTo: null, longTerm: true)));

    [Fact]
    public void A_card_without_a_readable_end_date_is_for_the_guard() =>
        Assert.Equal(new Objection(DenyReason.CredentialUnreadable, Outcome.Guard), new IdCardRule().Check(Card(Number, validTo: null)));

    [Fact]
    public void With_an_unset_clock_no_date_is_judged_and_the_guard_must_look() =>
        Assert.Equal(new Objection(DenyReason.ClockNotSet, Outcome.Guard), new IdCardRule().Check(Card(Number, grade: ClockGrade.Unset)));

    [Fact]
    public void Where_id_cards_are_not_accepted_even_a_valid_one_is_refused() =>
        Assert.Equal(DenyReason.CredentialNotEnabled, new IdCardRule(accepted: false).Check(Card(Number))?.Reason);

    [Theory]
    [InlineData(PortalMode.Normal, null, null)]
    [InlineData(PortalMode.Free, null, null)]
    [InlineData(PortalMode.EntryOnly, null, DenyReason.DirectionClosed)]
    [InlineData(PortalMode.ExitOnly, DenyReason.DirectionClosed, null)]
    [InlineData(PortalMode.Closed, DenyReason.PortalClosed, DenyReason.PortalClosed)]
    public void A_mode_lets_people_in_out_both_or_neither(PortalMode mode, DenyReason? entering, DenyReason? leaving)
    {
        var rule = new PortalModeRule();
        Assert.Equal(entering, rule.Check(Card(Number) with { Mode = mode, Direction = Direction.Entry })?.Reason);
        Assert.Equal(leaving, rule.Check(Card(Number) with { Mode = mode, Direction = Direction.Exit })?.Reason);
    }

    [Theory]
    [InlineData(3729, null)]
    [InlineData(3730, DenyReason.TemperatureTooHigh)]
    [InlineData(4301, DenyReason.TemperatureImplausible)]
    [InlineData(3199, DenyReason.TemperatureImplausible)]
    public void A_temperature_is_judged_by_the_hundredth(int hundredths, DenyReason? expected) =>
        Assert.Equal(expected, new TemperatureRule(new(), Outcome.Guard).Check(Card(Number) with { Temperature = Measured(hundredths, ambient: 2500) })?.Reason);

    [Fact]
    public void A_temperature_taken_in_the_cold_is_never_called_healthy() =>
        Assert.Equal(
            new Objection(DenyReason.TemperatureImplausible, Outcome.Guard),
            new TemperatureRule(new(), Outcome.Guard).Check(Card(Number) with { Temperature = Measured(3650, ambient: 400) }));

    [Theory]
    [InlineData(Outcome.Denied)]
    [InlineData(Outcome.Guard)]
    public void A_missing_temperature_means_what_the_settings_say(Outcome whenMissing) =>
        Assert.Equal(new Objection(DenyReason.TemperatureMissing, whenMissing), new TemperatureRule(new(), whenMissing).Check(Card(Number)));

    [Fact]
    public void Where_a_missing_temperature_is_let_pass_there_is_no_objection() =>
        Assert.Null(new TemperatureRule(new(), Outcome.Granted).Check(Card(Number)));

    [Theory]
    [InlineData("STAFF-1", "08:00", null)]
    [InlineData("STAFF-1", "07:59", DenyReason.NotPermittedAtThisTime)]
    [InlineData("STAFF-1", "18:00", DenyReason.NotPermittedAtThisTime)]
    [InlineData("NIGHT-1", "23:30", null)]
    [InlineData("NIGHT-1", "05:59", null)]
    [InlineData("NIGHT-1", "12:00", DenyReason.NotPermittedAtThisTime)]
    [InlineData("OTHER-1", "12:00", DenyReason.CredentialNotFound)]
    public void A_code_passes_by_its_group_and_the_groups_hours(string code, string time, DenyReason? expected)
    {
        var rule = new CredentialGroupRule(
        [
            new("staff", "STAFF-", new(8, 0), new(18, 0)),
            new("night shift", "NIGHT-", new(22, 0), new(6, 0)),
        ]);
        var at = new DateTimeOffset(2022, 3, 1, 0, 0, 0, TimeSpan.FromHours(8)) + TimeOnly.Parse(time).ToTimeSpan();
        var request = new AccessRequest(Shown(new Credential.Code(code)), Direction.Entry, null, Clock(at));
        Assert.Equal(expected, rule.Check(request)?.Reason);
    }

    [Fact]
    public void Every_rule_is_asked_and_the_worst_answer_decides()
    {
        var policy = new AccessPolicy([new EncounterRule(), new IdCardRule(), new TemperatureRule(new(), Outcome.Guard)]);
        var decision = policy.Decide(Card("999999190001010016"));
        Assert.Equal(Outcome.Denied, decision.Outcome);
        Assert.Equal([DenyReason.IdNumberInvalid, DenyReason.TemperatureMissing], decision.Reasons);
        Assert.Equal(["encounter", "id-card", "temperature"], decision.Answers.Select(answer => answer.Rule));
    }

    [Fact]
    public void Whoever_was_overtaken_or_unreadable_never_passes()
    {
        var policy = new AccessPolicy([new EncounterRule()]);
        Assert.Equal(Outcome.Denied, policy.Decide(Card(Number) with { Superseded = true }).Outcome);
        Assert.Equal(Outcome.Denied, policy.Decide(new(Shown(new Credential.Unreadable("x")), Direction.Entry, null, Clock())).Outcome);
    }

    private static AccessRequest Card(
        string number, DateOnly? validFrom = null, DateOnly? validTo = null, bool longTerm = false, ClockGrade grade = ClockGrade.Synchronised) =>
        new(Shown(new Credential.IdCard(number, "测试一", validFrom ?? new(2020, 1, 1), validTo, longTerm)), Direction.Entry, null, Clock(grade: grade));

    private static AccessRequest Card(string number) => Card(number, validTo: new DateOnly(2040, 1, 1));

    private static Presentation Shown(Credential credential) => new("reader-1", credential, Clock());

    private static TemperatureEvidence Measured(int hundredths, int ambient) =>
        new(new(hundredths), new(hundredths), new(ambient), Episode: 1, TimeSpan.Zero, TimeSpan.Zero);

    private static ClockReading Clock(DateTimeOffset? wall = null, ClockGrade grade = ClockGrade.Synchronised) =>
        new(wall ?? new DateTimeOffset(2022, 3, 1, 12, 0, 0, TimeSpan.FromHours(8)), TimeSpan.FromHours(1), Guid.Empty, grade);
}
