using EdgeGate.Access;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;

namespace EdgeGate.Service.Tests.Passing;

public class LaneViewTests
{
    private static readonly LaneOptions Options = new() { Id = "lane-1", Encounter = new EncounterOptions { TemperatureRequired = true } };

    private static readonly EncounterInput Card = new EncounterInput.Presented(new Presentation("reader", People.Card(), At(1)));
    private static readonly EncounterInput Temperature = new EncounterInput.Measured(
        new TemperatureEvidence(Celsius.From(36.5m), Celsius.From(36m), Celsius.From(25m), 1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), At(1));

    private static ClockReading At(int seconds) => new(default, TimeSpan.FromSeconds(seconds), Guid.Empty, ClockGrade.Synchronised);

    private static Encounter After(params EncounterInput[] inputs) =>
        inputs.Aggregate(Encounter.Idle, (encounter, input) => encounter.Apply(input, Options.Encounter).Next);

    private static EncounterInput.DecisionMade Decision(Outcome outcome) => new(
        new AccessDecision([new RuleAnswer("test", outcome is Outcome.Granted ? null : new Objection(DenyReason.Unauthorized, outcome))]), TimeSpan.FromSeconds(1));

    [Theory, InlineData(nameof(LaneStanding.Free), KioskFace.Free), InlineData(nameof(LaneStanding.Closed), KioskFace.Closed), InlineData(nameof(LaneStanding.OutOfService), KioskFace.OutOfService)]
    public void Before_anybody_comes_the_lane_shows_how_it_stands(string standing, KioskFace face) =>
        Assert.Equal(face, LaneView.Of(After(), Enum.Parse<LaneStanding>(standing), Options).Face);

    [Fact]
    public void Idle_invites() => Assert.Equal(KioskFace.Idle, LaneView.Of(After(), LaneStanding.Open, Options).Face);

    [Fact]
    public void A_card_on_the_reader_is_being_read() =>
        Assert.Equal(KioskFace.Reading, LaneView.Of(After(new EncounterInput.CardNoticed(TimeSpan.Zero)), LaneStanding.Open, Options).Face);

    [Fact]
    public void With_the_identity_in_the_temperature_is_wanted_and_the_name_is_masked()
    {
        var view = LaneView.Of(After(Card), LaneStanding.Open, Options);

        Assert.Equal(KioskFace.Gathering, view.Face);
        Assert.Equal([WantedEvidence.Temperature], view.Wanted);
        Assert.Equal("测**", view.MaskedName);
    }

    [Fact]
    public void With_the_temperature_in_the_identity_is_wanted()
    {
        var view = LaneView.Of(After(Temperature), LaneStanding.Open, Options);

        Assert.Equal(KioskFace.Gathering, view.Face);
        Assert.Equal([WantedEvidence.Identity], view.Wanted);
        Assert.Null(view.MaskedName);
    }

    [Fact]
    public void Who_needs_no_health_code_is_not_asked_for_one()
    {
        var options = Options with { Encounter = Options.Encounter with { HealthCodeRequired = true, PassesNeedNoHealthCode = true } };
        EncounterInput[] inputs =
        [
            new EncounterInput.Presented(new Presentation("reader", new Credential.Code("R-1"), At(1))),
            new EncounterInput.Measured(new TemperatureEvidence(Celsius.From(20m), Celsius.From(20m), Celsius.From(25m), 1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), At(1)), // not to be believed
        ];
        var waiting = inputs.Aggregate(Encounter.Idle, (encounter, input) => encounter.Apply(input, options.Encounter).Next);
        Assert.Equal([WantedEvidence.Temperature], LaneView.Of(waiting, LaneStanding.Open, options).Wanted);
    }

    [Fact]
    public void While_the_decision_is_written_nothing_more_is_wanted()
    {
        var deciding = After(Card, Temperature);
        Assert.Equal(EncounterPhase.Deciding, deciding.Phase);

        var view = LaneView.Of(deciding, LaneStanding.Open, Options);

        Assert.Equal(KioskFace.Gathering, view.Face);
        Assert.Empty(view.Wanted);
    }

    [Theory, InlineData(Outcome.Granted, nameof(KioskFace.Granted)), InlineData(Outcome.Guard, nameof(KioskFace.SeeGuard)), InlineData(Outcome.Denied, nameof(KioskFace.Denied))]
    public void The_decision_is_shown_with_its_reasons(Outcome outcome, string face)
    {
        var view = LaneView.Of(After(Card, Temperature, Decision(outcome)), LaneStanding.Open, Options);

        Assert.Equal(face, view.Face.ToString());
        Assert.Equal(outcome is Outcome.Granted ? [] : [DenyReason.Unauthorized], view.Reasons);
    }

    [Fact]
    public void Out_of_service_hides_every_phase()
    {
        Encounter[] phases =
        [
            After(), After(new EncounterInput.CardNoticed(TimeSpan.Zero)), After(Card), After(Card, Temperature), After(Card, Temperature, Decision(Outcome.Granted)),
        ];

        Assert.All(phases, phase => Assert.Equal(KioskFace.OutOfService, LaneView.Of(phase, LaneStanding.OutOfService, Options).Face));
    }

    [Fact]
    public void The_temperature_is_shown_only_where_the_settings_say_so()
    {
        var decided = After(Card, Temperature, Decision(Outcome.Granted));

        Assert.Null(LaneView.Of(decided, LaneStanding.Open, Options).Temperature);
        Assert.Equal(Celsius.From(36.5m), LaneView.Of(decided, LaneStanding.Open, Options with { ShowTemperature = true }).Temperature);
    }
}
