namespace EdgeGate.Access.Tests;

public sealed class EncounterTests
{
    private static readonly EncounterOptions Measuring = new() { TemperatureRequired = true };
    private static readonly EncounterOptions CardOnly = new() { TemperatureRequired = false };

    private readonly Script _script = new(Measuring);

    [Fact]
    public void A_card_alone_is_decided_at_once_where_no_temperature_is_wanted()
    {
        var script = new Script(CardOnly);
        var request = script.Shows("测试一", at: 1.0);
        Assert.Equal("测试一", request?.Presentation.Credential.Holder);
        Assert.Equal(EncounterPhase.Deciding, script.Encounter.Phase);
    }

    [Fact]
    public void A_card_and_then_a_temperature_make_one_request()
    {
        Assert.Null(_script.Shows("测试一", at: 1.0));
        var request = _script.Measures(3650, episode: 1, at: 2.5);
        Assert.Equal(3650, request?.Temperature?.Body.Hundredths);
        Assert.Equal(TimeSpan.FromSeconds(2.5), request?.At.SinceBoot);
    }

    [Fact]
    public void A_temperature_up_to_three_seconds_before_the_card_counts()
    {
        Assert.Null(_script.Measures(3650, episode: 1, at: 1.0));
        Assert.NotNull(_script.Shows("测试一", at: 4.0)?.Temperature);
    }

    [Fact]
    public void A_temperature_older_than_three_seconds_does_not_count()
    {
        _script.Measures(3650, episode: 1, at: 1.0);
        Assert.Null(_script.Shows("测试一", at: 4.01));
        Assert.Null(_script.Encounter.Temperature);
    }

    [Fact]
    public void A_temperature_that_counted_for_one_person_never_counts_for_the_next()
    {
        _script.Shows("测试一", at: 1.0);
        _script.Measures(3650, episode: 1, at: 1.5);
        _script.Decides(at: 1.6);
        _script.Measures(3651, episode: 1, at: 1.7); // the first person still stands there
        Assert.Null(_script.Shows("测试二", at: 2.0));
        Assert.Null(_script.Measures(3652, episode: 1, at: 2.1));
        Assert.Equal(3710, _script.Measures(3710, episode: 2, at: 3.0)?.Temperature?.Body.Hundredths);
    }

    [Fact]
    public void A_second_person_overtakes_the_first_whose_temperature_is_discarded()
    {
        _script.Shows("测试一", at: 1.0);
        _script.Measures(5000, episode: 1, at: 1.5); // implausible: kept, but the lane goes on measuring
        var overtaken = _script.Shows("测试二", at: 2.0);
        Assert.True(overtaken?.Superseded);
        Assert.Equal("测试一", overtaken?.Presentation.Credential.Holder);
        Assert.Equal("测试二", _script.Encounter.Identity?.Credential.Holder);
        Assert.Null(_script.Encounter.Temperature);
        Assert.Null(_script.Measures(3650, episode: 1, at: 2.2)); // that stay at the thermometer is the first person's
        Assert.NotNull(_script.Measures(3650, episode: 2, at: 2.4));
    }

    [Fact]
    public void A_stay_that_began_before_the_second_person_came_is_not_theirs()
    {
        _script.Shows("测试一", at: 1.0);
        Assert.True(_script.Shows("测试二", at: 2.0)?.Superseded); // while the first stands there and readings do not agree yet
        Assert.Null(_script.Measures(3650, episode: 1, at: 2.2, began: 1.5));
        Assert.Equal(3670, _script.Measures(3670, episode: 2, at: 3.0, began: 2.5)?.Temperature?.Body.Hundredths);
    }

    [Fact]
    public void Who_was_decided_without_a_temperature_does_not_leave_it_to_the_next()
    {
        _script.Shows("测试一", at: 1.0);
        Assert.NotNull(_script.Waits(until: 11.0));
        _script.Decides(at: 11.1, Outcome.Guard);
        Assert.Null(_script.Shows("测试二", at: 12.0));
        Assert.Null(_script.Measures(3650, episode: 1, at: 12.2, began: 10.8));
        Assert.NotNull(_script.Measures(3670, episode: 2, at: 13.0, began: 12.5));
    }

    [Fact]
    public void Who_stepped_up_while_the_answer_to_another_was_shown_is_measured()
    {
        _script.Shows("测试一", at: 1.0);
        _script.Measures(3650, episode: 1, at: 1.5);
        _script.Decides(at: 1.6);
        Assert.Null(_script.Shows("测试二", at: 2.4));
        Assert.NotNull(_script.Measures(3670, episode: 2, at: 2.6, began: 2.1));
    }

    [Fact]
    public void The_same_card_shown_twice_is_one_presentation()
    {
        _script.Shows("测试一", at: 1.0);
        Assert.Null(_script.Shows("测试一", at: 1.3));
        Assert.NotNull(_script.Measures(3650, episode: 1, at: 1.5));
        _script.Decides(at: 1.6);
        Assert.Null(_script.Shows("测试一", at: 2.0));
        Assert.Equal(EncounterPhase.Decided, _script.Encounter.Phase);
    }

    [Fact]
    public void When_the_window_ends_the_request_is_decided_with_what_there_is()
    {
        _script.Shows("测试一", at: 1.0);
        Assert.Null(_script.Waits(until: 10.9));
        var request = _script.Waits(until: 11.0);
        Assert.NotNull(request);
        Assert.Null(request.Temperature);
        Assert.Equal(EncounterPhase.Deciding, _script.Encounter.Phase);
    }

    [Fact]
    public void An_implausible_temperature_goes_into_the_request_when_nothing_better_came()
    {
        _script.Shows("测试一", at: 1.0);
        Assert.Null(_script.Measures(12000, episode: 1, at: 2.0));
        Assert.Equal(12000, _script.Waits(until: 11.0)?.Temperature?.Body.Hundredths);
    }

    [Fact]
    public void The_answer_stays_up_for_two_seconds()
    {
        var script = new Script(CardOnly);
        script.Shows("测试一", at: 1.0);
        script.Decides(at: 1.0);
        script.Waits(until: 2.9);
        Assert.Equal(EncounterPhase.Decided, script.Encounter.Phase);
        script.Waits(until: 3.0);
        Assert.Equal(EncounterPhase.Idle, script.Encounter.Phase);
    }

    [Fact]
    public void An_unreadable_card_is_decided_at_once_and_nobody_waits_for_its_temperature()
    {
        var request = _script.ShowsUnreadable(at: 1.0);
        Assert.IsType<Credential.Unreadable>(request?.Presentation.Credential);
        Assert.Equal(EncounterPhase.Deciding, _script.Encounter.Phase);
    }

    [Fact]
    public void An_unreadable_card_beside_a_read_one_does_not_end_the_encounter()
    {
        _script.Shows("测试一", at: 1.0);
        var request = _script.ShowsUnreadable(at: 1.5);
        Assert.IsType<Credential.Unreadable>(request?.Presentation.Credential);
        Assert.Equal(EncounterPhase.Gathering, _script.Encounter.Phase);
        Assert.Equal("测试一", _script.Measures(3650, episode: 1, at: 2.0)?.Presentation.Credential.Holder);
    }

    [Fact]
    public void A_measurement_without_a_card_makes_no_request_and_is_forgotten()
    {
        _script.Measures(3650, episode: 1, at: 1.0);
        Assert.Null(_script.Waits(until: 4.0));
        Assert.Equal(EncounterPhase.Idle, _script.Encounter.Phase);
        Assert.Null(_script.Encounter.Temperature);
    }

    [Fact]
    public void Who_needs_a_guard_stands_there_until_answered_overtaken_or_gone()
    {
        _script.Shows("测试一", at: 1.0);
        _script.Measures(3650, episode: 1, at: 1.5);
        _script.Decides(at: 1.6, Outcome.Guard);
        Assert.Null(_script.Waits(until: 60));
        Assert.True(_script.Encounter.WaitsForGuard);

        _script.Waits(until: 121.6);
        Assert.Equal(EncounterPhase.Idle, _script.Encounter.Phase);
    }

    [Fact]
    public void A_guards_answer_is_up_as_long_as_any_and_holds_once()
    {
        _script.Shows("测试一", at: 1.0);
        _script.Measures(3650, episode: 1, at: 1.5);
        _script.Decides(at: 1.6, Outcome.Guard);
        _script.GuardAnswers(Outcome.Granted, at: 30);
        Assert.Equal(Outcome.Granted, _script.Encounter.GuardAnswer);
        _script.GuardAnswers(Outcome.Denied, at: 31);
        Assert.Equal(Outcome.Granted, _script.Encounter.GuardAnswer);

        _script.Waits(until: 32);
        Assert.Equal(EncounterPhase.Idle, _script.Encounter.Phase);
    }

    [Fact]
    public void Who_is_asked_again_makes_a_request_of_its_own_with_a_temperature_measured_since()
    {
        _script.Shows("测试一", at: 1.0);
        _script.Measures(3650, episode: 1, at: 1.5);
        _script.Decides(at: 1.6, Outcome.Guard);
        Assert.Null(_script.IsAskedAgain(at: 20));
        Assert.Null(_script.Measures(3680, episode: 1, at: 16)); // from before
        Assert.Equal(3660, _script.Measures(3660, episode: 1, at: 21)?.Temperature?.Body.Hundredths);
    }

    [Fact]
    public void What_guards_did_to_bring_credential_and_code_is_in_the_request_of_that_person_and_of_nobody_else()
    {
        var script = new Script(new() { HealthCodeRequired = true });
        Assert.Null(script.ShowsCode("one", at: 1.0, guardAction: 7));
        Assert.Null(script.Shows("测试一", at: 1.5, guardAction: 8));
        Assert.Equal([7, 8], script.IsJudged("one", at: 2.0)!.GuardActions);
        script.Decides(at: 2.1);

        Assert.Null(script.Shows("测试二", at: 6.0));
        Assert.Null(script.ShowsCode("two", at: 6.5, guardAction: 9));
        Assert.Empty(script.ShowsUnreadable(at: 6.8)!.GuardActions); // somebody else's card, while the code is looked into
        var overtaken = script.Shows("测试三", at: 7.0);
        Assert.Equal("测试二", overtaken!.Presentation.Credential.Holder);
        Assert.Equal([9], overtaken.GuardActions);
        Assert.Null(script.ShowsCode("three", at: 7.5));
        Assert.Empty(script.IsJudged("three", at: 8.0)!.GuardActions);
    }

    [Fact]
    public void Nobody_is_answered_for_who_needs_no_guard()
    {
        _script.Shows("测试一", at: 1.0);
        _script.GuardAnswers(Outcome.Granted, at: 1.2);
        Assert.Null(_script.IsAskedAgain(at: 1.3));
        _script.Measures(3650, episode: 1, at: 1.5);
        _script.Decides(at: 1.6, Outcome.Denied);
        _script.GuardAnswers(Outcome.Granted, at: 1.7);
        Assert.Null(_script.Encounter.GuardAnswer);
    }

    /// <summary>Feeds one encounter and keeps what it asked to decide.</summary>
    internal sealed class Script(EncounterOptions options)
    {
        private static readonly Guid Boot = Guid.NewGuid();

        public Encounter Encounter { get; private set; } = Encounter.Idle;

        public AccessRequest? Shows(string holder, double at, long? guardAction = null) =>
            Feed(new EncounterInput.Presented(new Presentation("idcard-1", new Credential.Code(holder), Clock(at)) { GuardAction = guardAction }));

        public AccessRequest? ShowsCode(string codeId, double at, long? guardAction = null) => Feed(new EncounterInput.CodeShown(codeId, TimeSpan.FromSeconds(at), guardAction));

        public AccessRequest? IsJudged(string codeId, double at) => Feed(new EncounterInput.CodeJudged(new Judged(codeId), Clock(at)));

        public AccessRequest? ShowsUnreadable(double at) =>
            Feed(new EncounterInput.Presented(new Presentation("idcard-1", new Credential.Unreadable("card-not-supported"), Clock(at))));

        /// <param name="began">Of the stay; null for one that has just begun.</param>
        public AccessRequest? Measures(int hundredths, long episode, double at, double? began = null) =>
            Feed(new EncounterInput.Measured(
                new TemperatureEvidence(new(hundredths), new(hundredths), new(2500), episode, TimeSpan.FromSeconds(began ?? at), TimeSpan.FromSeconds(at)), Clock(at)));

        public AccessRequest? Waits(double until) => Feed(new EncounterInput.TimePassed(Clock(until)));

        public void Decides(double at, Outcome outcome = Outcome.Granted) => Feed(new EncounterInput.DecisionMade(
            new AccessDecision(outcome is Outcome.Granted ? [] : [new RuleAnswer("test", new Objection(DenyReason.ListMissing, outcome))]), TimeSpan.FromSeconds(at)));

        public void GuardAnswers(Outcome answer, double at) => Feed(new EncounterInput.GuardAnswered(answer, TimeSpan.FromSeconds(at)));

        public AccessRequest? IsAskedAgain(double at) => Feed(new EncounterInput.AskedAgain(Clock(at)));

        private sealed record Judged(string CodeId) : HealthCodeEvidence(CodeId, TimeSpan.Zero);

        private AccessRequest? Feed(EncounterInput input)
        {
            var (next, request) = Encounter.Apply(input, options);
            Encounter = next;
            return request;
        }

        private static ClockReading Clock(double at) =>
            new(new DateTimeOffset(2022, 3, 1, 8, 0, 0, TimeSpan.FromHours(8)).AddSeconds(at), TimeSpan.FromSeconds(at), Boot, ClockGrade.Synchronised);
    }
}
