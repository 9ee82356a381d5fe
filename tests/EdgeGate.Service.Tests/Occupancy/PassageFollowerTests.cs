using EdgeGate.Access;
using EdgeGate.Messages;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Tests.Passing;
using EdgeGate.Service.Tests.Registers;
using EdgeGate.Service.Tests.Uplink;
using EdgeGate.Service.Uplink;
using Microsoft.Extensions.Logging;

namespace EdgeGate.Service.Tests.Occupancy;

/// <summary>A lane whose passages are counted from its journal.</summary>
public sealed class PassageFollowerTests : IDisposable
{
    private const string EverybodyWithACard = "{ }";

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    private PassageFollower FollowerFor(LaneUnderTest lane) =>
        new(lane.Journal, lane.Occupancy, lane.Passages, lane.Uses, "gate-1", new Dictionary<string, Direction> { ["lane-1"] = Direction.Entry }, isAlone: true, _data["occupancy"], lane.Time, new ListLogger<PassageFollower>());

    private static async Task PassAsync(LaneUnderTest lane, Credential credential)
    {
        var before = lane.Journal.LastSequence;
        await lane.PresentAsync(credential);
        await lane.RecordsAsync((int)before + 2);
        await lane.LetPassAsync(TimeSpan.FromSeconds(2.1));
        await lane.SeeAsync(KioskFace.Idle);
    }

    [Fact]
    public async Task At_most_two_people_at_the_sampling_point_the_third_waits_until_somebody_has_left()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings("{ \"occupancy\": { \"most\": 2 } }"));
        using var follower = FollowerFor(lane);
        await follower.StartAsync(CancellationToken.None);
        await PassAsync(lane, People.Card());
        await PassAsync(lane, People.Card(People.OtherNumber));
        await Patience.Until(() => lane.Occupancy.Inside == 2);

        await lane.PresentAsync(People.Card("999999190001010031"));
        var view = await lane.SeeAsync(KioskFace.Denied);
        Assert.Equal(DenyReason.MaxOccupancyReached, Assert.Single(view.Reasons));

        lane.Occupancy.Hear(new("exit-gate", 1, 0, 1)); // somebody left through another gate
        await lane.LetPassAsync(TimeSpan.FromSeconds(2.1));
        await lane.SeeAsync(KioskFace.Idle);
        await lane.PresentAsync(People.Card("999999190001010031"));
        await lane.SeeAsync(KioskFace.Granted);
        await follower.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData(PassageOutcome.Taken, 1)]
    [InlineData(PassageOutcome.Unobserved, 1)]
    [InlineData(PassageOutcome.NotTaken, 0)]
    public async Task Whoever_leaves_by_the_exit_button_goes_out_though_the_lane_leads_in(PassageOutcome passage, long @out)
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using var follower = FollowerFor(lane);
        await follower.StartAsync(CancellationToken.None);

        var now = lane.Clock.Read();
        var requested = await lane.Keeper.ExitRequestedAsync("lane-1", objection: null, now, CancellationToken.None);
        await lane.Keeper.PassageAsync("lane-1", requested, passage, now, CancellationToken.None);
        await PassAsync(lane, People.Card()); // what comes after is counted after
        await Patience.Until(() => lane.Occupancy.Own is { In: 1 });

        Assert.Equal(@out, lane.Occupancy.Own?.Out);
        await follower.StopAsync(CancellationToken.None);
    }

    [Theory, InlineData("hard", KioskFace.Denied), InlineData("soft", KioskFace.Granted)]
    public async Task Somebody_already_inside_enters_again(string mode, KioskFace expected)
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings($"{{ \"antiPassback\": {{ \"mode\": \"{mode}\" }} }}"));
        using var follower = FollowerFor(lane);
        await follower.StartAsync(CancellationToken.None);
        await PassAsync(lane, People.Card());
        await Patience.Until(() => lane.Occupancy.Inside == 1);

        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(expected);

        Assert.Equal("anti-passback", lane.Records()[2].GetProperty("data").GetProperty("flags")[0].GetString());
        await lane.LetPassAsync(TimeSpan.FromHours(13)); // the passage is forgotten: whoever left by another way comes back
        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.Granted);
        await follower.StopAsync(CancellationToken.None);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_restart_gives_the_same_numbers_with_the_checkpoint_and_without(bool keepCheckpoint)
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using (var follower = FollowerFor(lane))
        {
            await follower.StartAsync(CancellationToken.None);
            await PassAsync(lane, People.Card());
            await lane.PresentAsync(People.Expired); // denied: counts nowhere
            await lane.RecordsAsync(atLeast: 3);
            await lane.LetPassAsync(TimeSpan.FromSeconds(2.1));
            await PassAsync(lane, People.Card(People.OtherNumber));
            await Patience.Until(() => lane.Occupancy.Own?.In == 2);
            await follower.StopAsync(CancellationToken.None);
        }
        if (!keepCheckpoint)
            File.Delete(_data["occupancy"]);
        var (again, passages) = (new SiteOccupancy("gate-1"), new PassageMemory());

        using var restarted = new PassageFollower(lane.Journal, again, passages, lane.Uses, "gate-1", new Dictionary<string, Direction> { ["lane-1"] = Direction.Entry }, isAlone: true, _data["occupancy"], lane.Time, new ListLogger<PassageFollower>());
        await restarted.StartAsync(CancellationToken.None);
        await Patience.Until(() => again.Own is not null);

        Assert.Equal(new OccupancyMessage("gate-1", 1, 2, 0), again.Own);
        Assert.Equal(Direction.Entry, passages.Find(TestLists.Key(lane.Persons, People.OtherNumber))?.Direction);
        await restarted.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_opened_yet_is_not_taken_for_a_new_one()
    {
        await using var inTheWay = new JournalInTheWay();
        await using var lane = await LaneUnderTest.CreateAsync(
            beforeJournal: inTheWay.TakeAsync);
        const string Checkpoint = """{"Epoch":1,"In":70,"Out":60,"UpTo":500}""";
        _data.Write("occupancy", Checkpoint);
        using var follower = FollowerFor(lane);
        await follower.StartAsync(CancellationToken.None);

        await follower.StopAsync(CancellationToken.None);

        Assert.Null(lane.Occupancy.Inside);
        Assert.Equal(Checkpoint, await File.ReadAllTextAsync(_data["occupancy"]));
    }

    [Fact]
    public async Task A_gate_with_a_new_disk_takes_up_the_count_that_the_broker_kept()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using var follower = FollowerFor(lane);
        await follower.StartAsync(CancellationToken.None);
        await PassAsync(lane, People.Card());
        await Patience.Until(() => lane.Occupancy.Own?.In == 1);

        follower.HearOwn(new("gate-1", 1, 100, 60));
        follower.HearOwn(new("gate-1", 1, 100, 60)); // repeated
        follower.HearOwn(lane.Occupancy.Own!); // its own echo

        Assert.Equal(new OccupancyMessage("gate-1", 2, 101, 60), lane.Occupancy.Own);
        await follower.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_guard_who_counted_sets_the_number_right_on_record()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using var follower = FollowerFor(lane);
        await follower.StartAsync(CancellationToken.None);
        await PassAsync(lane, People.Card());
        await Patience.Until(() => lane.Occupancy.Inside == 1);
        lane.Occupancy.Hear(new("gate-2", 1, 7, 0));
        using var correction = new OccupancyCorrection(_data["correction"], lane.Occupancy, lane.Journal, lane.Keeper, lane.Clock, lane.Time, new ListLogger<OccupancyCorrection>());
        await correction.StartAsync(CancellationToken.None);

        OccupancyCorrection.Request(_data["correction"], new CountedInside(3, "guard-3"));
        await Patience.Until(() =>
        {
            lane.Time.Advance(TimeSpan.FromSeconds(2.1));
            return lane.Occupancy.Inside == 3 && !File.Exists(_data["correction"]);
        });

        var record = lane.Records()[^1];
        Assert.Equal(OccupancyCorrectedRecord.Type, record.GetProperty("type").GetString());
        Assert.Equal((8, 3, -5), (record.GetProperty("data").GetProperty("before").GetInt32(), record.GetProperty("data").GetProperty("after").GetInt32(), record.GetProperty("data").GetProperty("difference").GetInt32()));
        Assert.Equal(new OccupancyMessage("gate-1", 1, 1, 5), lane.Occupancy.Own);
        await correction.StopAsync(CancellationToken.None);
        await follower.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Who_came_in_here_and_left_by_another_gate_may_come_again()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings("{ \"antiPassback\": { \"mode\": \"hard\" } }"));
        await using var other = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard, direction: "exit"));
        using var follower = FollowerFor(lane);
        await using var link = new FakeLink(window: 8);
        var hearing = new PassageHearing(lane.Passages, lane.Uses, link, new GateTopics("estate", "gate-1"));
        await hearing.StartAsync(CancellationToken.None);
        link.ComeUp();
        await follower.StartAsync(CancellationToken.None);
        await PassAsync(lane, People.Card());
        await Patience.Until(() => lane.Passages.Find(Person(lane)) is not null);
        other.Time.Advance(TimeSpan.FromMinutes(10));
        await PassAsync(other, People.Card());

        var hear = link.Handlers["edgegate/v1/estate/+/passages"];
        foreach (var record in other.Records())
            await hear(new() { Topic = "edgegate/v1/estate/gate-2/passages", Payload = System.Text.Encoding.UTF8.GetBytes(record.GetRawText()) }, CancellationToken.None);
        await hear(new() { Topic = "edgegate/v1/estate/gate-2/passages", Payload = "{}"u8.ToArray() }, CancellationToken.None);

        Assert.Equal(Direction.Exit, lane.Passages.Find(Person(lane))?.Direction);
        await lane.PresentAsync(People.Card());
        await lane.SeeAsync(KioskFace.Granted);
        await follower.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task While_the_other_gates_cannot_be_heard_and_after_something_was_missed_nobody_is_held_to_it()
    {
        await using var lane = await LaneUnderTest.CreateAsync();
        await using var link = new FakeLink(window: 8);
        await new PassageHearing(lane.Passages, lane.Uses, link, new GateTopics("estate", "gate-1")).StartAsync(CancellationToken.None);
        link.ComeUp();
        lane.Passages.Note(Person(lane), new LastPassage(Direction.Entry, TestLists.Morning));

        link.GoDown();
        Assert.Null(lane.Passages.Find(Person(lane)));
        link.ComeUp(sessionPresent: true); // the broker kept what was said meanwhile
        Assert.NotNull(lane.Passages.Find(Person(lane)));
        link.GoDown();
        link.ComeUp(sessionPresent: false);
        Assert.Null(lane.Passages.Find(Person(lane)));
    }

    private static Access.Registers.PersonKey Person(LaneUnderTest lane) => TestLists.Key(lane.Persons, People.Number);

    [Fact]
    public async Task Gates_tell_each_other_their_counters_over_the_broker()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using var follower = FollowerFor(lane);
        await using var link = new FakeLink(window: 8);
        var (retained, topics) = (new RetainedOutbox(), new GateTopics("estate", "gate-1"));
        using var exchange = new OccupancyExchange(lane.Occupancy, follower, link, retained, topics, lane.Time);
        await exchange.StartAsync(CancellationToken.None);
        await follower.StartAsync(CancellationToken.None);
        await PassAsync(lane, People.Card());
        await Patience.Until(() => lane.Occupancy.Inside == 1);
        var hear = link.Handlers["edgegate/v1/estate/occupancy/+"];

        await hear(Said("gate-2", """{"gate":"gate-2","epoch":1,"in":9,"out":4}"""), CancellationToken.None);
        await hear(Said("gate-3", """{"gate":"gate-2","epoch":9,"in":900,"out":0}"""), CancellationToken.None);
        await hear(Said("gate-4", "{"), CancellationToken.None);
        await hear(Said("gate-4", """{"gate":"gate-4","epoch":1,"in":-9,"out":0}"""), CancellationToken.None);
        await hear(Said("gate-4", ""), CancellationToken.None);

        Assert.Equal(6, lane.Occupancy.Inside);
        var sent = new List<string>();
        retained.Drain((topic, payload) =>
        {
            sent.Add(topic + ' ' + System.Text.Encoding.UTF8.GetString(payload));
            return true;
        });
        Assert.Equal(["""edgegate/v1/estate/occupancy/gate-1 {"gate":"gate-1","epoch":1,"in":1,"out":0}"""], sent);
        await follower.StopAsync(CancellationToken.None);

        static MqttInbound Said(string gate, string payload) =>
            new() { Topic = "edgegate/v1/estate/occupancy/" + gate, Payload = System.Text.Encoding.UTF8.GetBytes(payload), Retained = true };
    }

    [Fact]
    public async Task A_count_of_people_waits_until_the_other_gates_were_heard()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using var follower = FollowerFor(lane);
        await using var link = new FakeLink(window: 8);
        using var exchange = new OccupancyExchange(lane.Occupancy, follower, link, new RetainedOutbox(), new GateTopics("estate", "gate-1"), lane.Time);
        await exchange.StartAsync(CancellationToken.None);
        await follower.StartAsync(CancellationToken.None);
        await PassAsync(lane, People.Card());
        await Patience.Until(() => lane.Occupancy.Inside == 1);
        var log = new ListLogger<OccupancyCorrection>();
        using var correction = new OccupancyCorrection(_data["correction"], lane.Occupancy, lane.Journal, lane.Keeper, lane.Clock, lane.Time, log);
        await correction.StartAsync(CancellationToken.None);
        OccupancyCorrection.Request(_data["correction"], new CountedInside(20, "guard-3"));
        await Patience.Until(() =>
        {
            lane.Time.Advance(TimeSpan.FromSeconds(2.1));
            return log.Lines.Count > 0;
        });
        Assert.True(File.Exists(_data["correction"]));

        link.ComeUp();
        await link.Handlers["edgegate/v1/estate/occupancy/+"](
            new() { Topic = "edgegate/v1/estate/occupancy/gate-2", Payload = """{"gate":"gate-2","epoch":1,"in":0,"out":500}"""u8.ToArray(), Retained = true }, CancellationToken.None);
        await Patience.Until(() =>
        {
            lane.Time.Advance(TimeSpan.FromSeconds(2.1));
            return lane.Occupancy.Inside == 20;
        });
        Assert.Equal(519, lane.Records()[^1].GetProperty("data").GetProperty("difference").GetInt32());

        link.GoDown();
        Assert.False(lane.Occupancy.IsComplete);
        await correction.StopAsync(CancellationToken.None);
        await follower.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task In_a_crowd_the_counters_are_told_once_a_second_and_the_last_ones_always()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using var follower = FollowerFor(lane);
        await using var link = new FakeLink(window: 8);
        var retained = new RetainedOutbox();
        using var exchange = new OccupancyExchange(lane.Occupancy, follower, link, retained, new GateTopics("estate", "gate-1"), lane.Time);
        await exchange.StartAsync(CancellationToken.None);

        for (var passed = 1; passed <= 3; passed++)
            lane.Occupancy.Own = new("gate-1", Epoch: 1, In: passed, Out: 0);
        Assert.Equal(["""{"gate":"gate-1","epoch":1,"in":1,"out":0}"""], Told());

        lane.Time.Advance(OccupancyExchange.TellEvery - TimeSpan.FromMilliseconds(1));
        Assert.Empty(Told());
        lane.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["""{"gate":"gate-1","epoch":1,"in":3,"out":0}"""], Told());
        lane.Time.Advance(OccupancyExchange.TellEvery);
        Assert.Empty(Told());

        List<string> Told()
        {
            var told = new List<string>();
            retained.Drain((_, payload) =>
            {
                told.Add(System.Text.Encoding.UTF8.GetString(payload));
                return true;
            });
            return told;
        }
    }

    [Fact]
    public async Task Numbers_of_this_gate_that_cannot_be_of_people_are_not_taken_up()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using var follower = FollowerFor(lane);
        await follower.StartAsync(CancellationToken.None);
        await PassAsync(lane, People.Card());
        await Patience.Until(() => lane.Occupancy.Own?.In == 1);

        follower.HearOwn(new("gate-1", 1, long.MaxValue, 0));
        follower.HearOwn(new("gate-1", long.MaxValue, 1, 0));

        Assert.Equal(new OccupancyMessage("gate-1", 1, 1, 0), lane.Occupancy.Own);
        await follower.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_checkpoint_whose_numbers_cannot_be_of_people_is_not_believed()
    {
        _data.Write("occupancy", $$"""{"Epoch":1,"In":{{long.MaxValue}},"Out":0,"UpTo":0}""");
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using var follower = FollowerFor(lane);
        await follower.StartAsync(CancellationToken.None);
        await PassAsync(lane, People.Card());
        await Patience.Until(() => lane.Occupancy.Own == new OccupancyMessage("gate-1", 1, 1, 0));
        await follower.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_count_sent_while_another_is_recorded_is_taken_too()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using var follower = FollowerFor(lane);
        await follower.StartAsync(CancellationToken.None);
        await Patience.Until(() => lane.Occupancy.Inside is not null);
        var log = new WhenLogged<OccupancyCorrection>("to 34", () => OccupancyCorrection.Request(_data["correction"], new CountedInside(43, "guard-4")));
        using var correction = new OccupancyCorrection(_data["correction"], lane.Occupancy, lane.Journal, lane.Keeper, lane.Clock, lane.Time, log);
        await StartAsync(lane, correction);

        OccupancyCorrection.Request(_data["correction"], new CountedInside(34, "guard-3"));
        lane.Time.Advance(TimeSpan.FromSeconds(2));
        await Patience.Until(() => lane.Occupancy.Inside == 34);
        await Patience.Until(() =>
        {
            lane.Time.Advance(TimeSpan.FromSeconds(2));
            return lane.Occupancy.Inside == 43;
        });

        await correction.StopAsync(CancellationToken.None);
        await follower.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_count_that_was_on_record_when_the_power_went_is_not_taken_again_by_the_next_start()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using var follower = FollowerFor(lane);
        await follower.StartAsync(CancellationToken.None);
        await Patience.Until(() => lane.Occupancy.Inside is not null);
        using var snapshot = new TemporaryDirectory(); // the disk at the moment of the power cut
        var log = new WhenLogged<OccupancyCorrection>("to 34", () =>
        {
            foreach (var file in Directory.EnumerateFiles(_data.Root).Where(file => Path.GetFileName(file).StartsWith("correction", StringComparison.Ordinal)))
                File.Copy(file, snapshot[Path.GetFileName(file)]);
        });
        using (var correction = new OccupancyCorrection(_data["correction"], lane.Occupancy, lane.Journal, lane.Keeper, lane.Clock, lane.Time, log))
        {
            await StartAsync(lane, correction);
            OccupancyCorrection.Request(_data["correction"], new CountedInside(34, "guard-3"));
            lane.Time.Advance(TimeSpan.FromSeconds(2));
            await Patience.Until(() => lane.Occupancy.Inside == 34);
            await correction.StopAsync(CancellationToken.None);
        }

        Assert.Equal(["correction.under-way"], Directory.EnumerateFiles(snapshot.Root).Select(Path.GetFileName));
        await PassAsync(lane, People.Card()); // so that to take it again would change the number
        await Patience.Until(() => lane.Occupancy.Inside == 35);
        await SettledByTheNextStartAsync(lane, snapshot);
        Assert.Equal(35, lane.Occupancy.Inside);
        Assert.Single(lane.Records(), record => record.GetProperty("type").GetString() == OccupancyCorrectedRecord.Type);
        await follower.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_count_whose_record_was_under_way_when_the_power_went_is_recorded_by_the_next_start_and_who_passed_meanwhile_counts()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using var follower = FollowerFor(lane);
        await follower.StartAsync(CancellationToken.None);
        await PassAsync(lane, People.Card());
        await Patience.Until(() => lane.Occupancy.Inside == 1);
        using var snapshot = new TemporaryDirectory();
        // What the disk held when the power went: taken up at the balance of 1, after record 2, and not recorded.
        snapshot.Write("correction.under-way", """{"Inside":34,"By":"guard-3","Taken":{"Before":1,"Difference":33,"UpTo":2}}""");
        await PassAsync(lane, People.Card(People.OtherNumber)); // before the next start looks
        await Patience.Until(() => lane.Occupancy.Inside == 2);

        await SettledByTheNextStartAsync(lane, snapshot);

        await Patience.Until(() => lane.Occupancy.Inside == 35);
        Assert.Equal(33, lane.Records()[^1].GetProperty("data").GetProperty("difference").GetInt32());
        await follower.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData("""{"Inside":34,"By":"guard-3","Taken":{"Before":1,"Difference":33,"UpTo":9000}}""")] // of a journal that is no more
    [InlineData("""{"Inside":34""")]
    public async Task What_cannot_be_settled_any_more_is_forgotten(string underWay)
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using var follower = FollowerFor(lane);
        await follower.StartAsync(CancellationToken.None);
        await Patience.Until(() => lane.Occupancy.Inside is not null);
        _data.Write("correction.under-way", underWay);

        await SettledByTheNextStartAsync(lane, _data);

        Assert.Empty(lane.Records());
        await follower.StopAsync(CancellationToken.None);
    }

    private static async Task SettledByTheNextStartAsync(LaneUnderTest lane, TemporaryDirectory data)
    {
        using var next = new OccupancyCorrection(data["correction"], lane.Occupancy, lane.Journal, lane.Keeper, lane.Clock, lane.Time, new ListLogger<OccupancyCorrection>());
        await StartAsync(lane, next);
        lane.Time.Advance(TimeSpan.FromSeconds(2));
        await Patience.Until(() => !File.Exists(data["correction.under-way"]));
        await next.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_count_that_cannot_be_recorded_yet_is_taken_when_it_can()
    {
        await using var lane = await LaneUnderTest.StartAsync(settings: TestLists.Settings(EverybodyWithACard));
        using var follower = FollowerFor(lane);
        await follower.StartAsync(CancellationToken.None);
        await Patience.Until(() => lane.Occupancy.Inside is not null);
        var log = new ListLogger<OccupancyCorrection>();
        using var correction = new OccupancyCorrection(_data["correction"], lane.Occupancy, lane.Journal, lane.Keeper, lane.Clock, lane.Time, log);
        Directory.CreateDirectory(_data["correction.under-way"]); // nothing can take this name
        await StartAsync(lane, correction);
        OccupancyCorrection.Request(_data["correction"], new CountedInside(34, "guard-3"));
        lane.Time.Advance(TimeSpan.FromSeconds(2));
        await log.HearAsync("could not be taken up");

        Directory.Delete(_data["correction.under-way"]);
        lane.Time.Advance(TimeSpan.FromSeconds(2));

        await Patience.Until(() => lane.Occupancy.Inside == 34);
        await correction.StopAsync(CancellationToken.None);
        await follower.StopAsync(CancellationToken.None);
    }

    /// <summary>Returns when it waits for its next look.</summary>
    private static async Task StartAsync(LaneUnderTest lane, OccupancyCorrection correction)
    {
        var timers = lane.Time.WaitingTimers;
        await correction.StartAsync(CancellationToken.None);
        await Patience.Until(() => lane.Time.WaitingTimers > timers);
    }

    /// <summary>Does something at the moment of a log line.</summary>
    private sealed class WhenLogged<T>(string part, Action then) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains(part, StringComparison.Ordinal))
                then();
        }
    }
}
