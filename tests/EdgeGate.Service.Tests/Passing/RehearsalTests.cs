using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Registers;
using EdgeGate.Service.Tests.Settings;

namespace EdgeGate.Service.Tests.Passing;

/// <summary>Two residents have passed, at 36.5 and 37.2 °C; then somebody thinks of other rules.</summary>
public sealed class RehearsalTests : IAsyncLifetime
{
    private const string InForce = "{ \"register\": {} }";

    private LaneUnderTest _lane = null!;

    public async Task InitializeAsync()
    {
        _lane = await LaneUnderTest.StartAsync(settings: WithTemperature(InForce));
        _lane.Registers.Put(TestLists.Of("residents", TestLists.Entry(_lane.Persons, People.Number), TestLists.Entry(_lane.Persons, People.OtherNumber)));
        await PassAsync(People.Number, 36.5m, episode: 1);
        await PassAsync(People.OtherNumber, 37.2m, episode: 2);
    }

    public async Task DisposeAsync() => await _lane.DisposeAsync();

    [Theory, InlineData(true), InlineData(false)]
    public void The_rules_in_force_change_nothing(bool withKey) =>
        Assert.All(Rehearse(InForce, withKey), once => Assert.False(once.Changes, string.Join(", ", once.Answers.Reasons)));

    [Fact]
    public void A_list_that_is_new_is_looked_into_without_any_key()
    {
        _lane.Registers.Put(TestLists.Of("market", TestLists.Entry(_lane.Persons, People.OtherNumber)));

        var rehearsed = Rehearse("{ \"register\": {}, \"watchLists\": [{ \"list\": \"market\", \"answer\": \"guard\" }] }", withKey: false);

        Assert.Equal([Outcome.Granted, Outcome.Guard], rehearsed.Select(once => once.Answers.Outcome));
        Assert.Equal([DenyReason.WatchListed], rehearsed[1].Answers.Reasons);
    }

    [Fact]
    public void A_lower_limit_is_asked_with_the_centers_key_and_without_it_the_recorded_answer_stands()
    {
        const string Stricter = "{ \"register\": {}, \"temperature\": { \"maxCelsius\": 37.0 } }";

        Assert.Equal([Outcome.Granted, Outcome.Denied], Rehearse(Stricter, withKey: true).Select(once => once.Answers.Outcome));
        Assert.Equal([Outcome.Granted, Outcome.Granted], Rehearse(Stricter, withKey: false).Select(once => once.Answers.Outcome));
    }

    [Fact]
    public void A_new_rule_on_what_is_sealed_is_named_as_not_judged_without_the_key()
    {
        const string FromOutside = "{ \"register\": {}, \"homeRegions\": [{ \"flag\": \"outside\", \"regions\": [\"42\"], \"outside\": true, \"answer\": \"guard\" }] }";

        Assert.All(Rehearse(FromOutside, withKey: false), once => Assert.Equal(("home-region/outside", false), (Assert.Single(once.NotJudged), once.Changes)));
        Assert.All(Rehearse(FromOutside, withKey: true), once => Assert.Empty(once.NotJudged));
    }

    [Fact]
    public void A_pass_that_was_used_up_stays_so_under_any_rules()
    {
        var recorded = _lane.Records()[0].GetProperty("data").Deserialize(RecordShapes.Default.DecidedRecord)!;
        var usedUp = recorded with
        {
            Outcome = Outcome.Denied,
            Reasons = [DenyReason.CredentialUsedUp],
            Rules = [.. recorded.Rules, new RuleAnswerRecord("pass-uses", DenyReason.CredentialUsedUp, Outcome.Denied, Flag: null)],
        };

        Assert.False(RehearsalOf(InForce, center: null).Judge(usedUp, TestLists.Morning)!.Changes);
    }

    private async Task PassAsync(string number, decimal body, long episode)
    {
        var before = _lane.Journal.LastSequence;
        await _lane.PresentAsync(People.Card(number));
        _lane.Measure(body, episode);
        await _lane.SeeAsync(KioskFace.Granted);
        await _lane.RecordsAsync((int)before + 2);
        await _lane.LetPassAsync(TimeSpan.FromSeconds(2.1));
        await _lane.SeeAsync(KioskFace.Idle);
    }

    private IReadOnlyList<RehearsedDecision> Rehearse(string rules, bool withKey)
    {
        using var center = ECDiffieHellman.Create(_lane.Center.ExportParameters(includePrivateParameters: true));
        var rehearsal = RehearsalOf(rules, withKey ? center : null);
        return [.. _lane.Records().Where(record => record.GetProperty("type").GetString() == DecidedRecord.Type)
            .Select(record => rehearsal.Judge(record.GetProperty("data").Deserialize(RecordShapes.Default.DecidedRecord)!, record.GetProperty("time").GetDateTimeOffset())!)];
    }

    private Rehearsal RehearsalOf(string rules, ECDiffieHellman? center)
    {
        var settings = WithTemperature(rules);
        var facts = new LaneFacts(ListRules.ListsOf(settings), _lane.Registers, _lane.Persons, _lane.Occupancy, _lane.Passages);
        return new Rehearsal(lane => lane == "lane-1" ? LaneSetup.PolicyOf(settings, settings.Lanes[0]) : null, facts, center);
    }

    private static GateSettings WithTemperature(string rules) =>
        SmallSettings.IsValid(SmallSettings.Parse(SmallSettings.With("\"rules\": {}", $"\"registers\": {{ \"persons\": [\"residents\"] }}, \"rules\": {rules}"))).Settings;
}
