using System.Text;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using EdgeGate.Messages;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Tests.Passing;
using EdgeGate.Service.Tests.Uplink;

namespace EdgeGate.Service.Tests.Occupancy;

/// <summary>Passes that are good for so many uses, at a lane whose journal is followed.</summary>
public sealed class PassUsesTests : IDisposable
{
    private static readonly Credential Once = new Credential.Pass("pass-1", Fault: null) { Uses = 1 };

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_pass_for_one_use_lets_one_person_in()
    {
        await using var lane = await StartAsync();

        Assert.Equal("granted", await ShowAsync(lane));

        Assert.Equal("denied", await ShowAsync(lane));
        var last = lane.Records()[^1].GetProperty("data");
        Assert.Equal("credential-used-up", last.GetProperty("reasons")[0].GetString());
        Assert.Equal(1, last.GetProperty("passUses").GetInt32());
    }

    [Fact]
    public async Task A_use_that_opened_nothing_is_given_back()
    {
        await using var lane = await StartAsync();
        using var follower = FollowerFor(lane, lane.Uses);
        await follower.StartAsync(CancellationToken.None);
        lane.Portal.Answer = new PortalResult.Unreachable("the relay was unplugged");
        await ShowAsync(lane);
        await Patience.Until(() => lane.Uses.TryTake(Request()) is null); // the record of the passage that was not taken
        lane.Uses.GiveBack(Request());
        lane.Portal.Answer = new PortalResult.Moved();

        Assert.Equal("granted", await ShowAsync(lane));
        await follower.StopAsync(CancellationToken.None);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_restart_remembers_uses_with_the_checkpoint_and_without(bool keepCheckpoint)
    {
        await using var lane = await StartAsync();
        using (var follower = FollowerFor(lane, lane.Uses))
        {
            await follower.StartAsync(CancellationToken.None);
            await ShowAsync(lane);
            await Patience.Until(() => lane.Uses.Counted.Count == 1);
            await follower.StopAsync(CancellationToken.None);
        }
        if (!keepCheckpoint)
            File.Delete(_data["occupancy"]);

        var again = new PassUses(lane.Persons);
        Assert.Equal(DenyReason.CredentialUnverified, again.TryTake(Request())?.Reason); // not counted yet: a person looks
        using var restarted = FollowerFor(lane, again);
        await restarted.StartAsync(CancellationToken.None);
        await Patience.Until(() => again.IsCounted);

        Assert.Equal(DenyReason.CredentialUsedUp, again.TryTake(Request())?.Reason);
        await restarted.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_passage_long_after_the_checkpoint_of_a_kill_is_still_put_with_its_decision()
    {
        await using var lane = await StartAsync();
        var decided = await lane.Keeper.DecidedAsync("lane-1", Request(), new AccessDecision([]), isFollowed: true, CancellationToken.None);
        await lane.Keeper.PassageAsync("lane-1", decided, PassageOutcome.Taken, Clock, CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, 600).Select(_ => lane.Keeper.ExitRequestedAsync("lane-1", objection: null, Clock, CancellationToken.None).AsTask()));
        _data.Write("occupancy", $$"""{"Epoch":1,"In":0,"Out":0,"UpTo":{{decided}}}""");
        var uses = new PassUses(lane.Persons);

        using var restarted = FollowerFor(lane, uses, isAlone: false);
        await restarted.StartAsync(CancellationToken.None);
        await Patience.Until(() => uses.IsCounted);

        Assert.Equal(DenyReason.CredentialUsedUp, uses.TryTake(Request())?.Reason);
        await restarted.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_use_that_neither_opened_anything_nor_is_on_record_is_given_back()
    {
        await using var inTheWay = new JournalInTheWay();
        await using var lane = await LaneUnderTest.CreateAsync(
            configure: options => OfPasses(options) with { OpenWhenJournalFails = true },
            beforeJournal: inTheWay.TakeAsync);
        lane.Portal.Answer = new PortalResult.Unreachable("the relay was unplugged");
        await lane.StartAsync();

        await lane.PresentAsync(Once);
        await lane.Log.HearAsync("the portal did not open");
        await lane.StopAsync();

        Assert.Null(lane.Uses.TryTake(Request()));
    }

    [Fact]
    public async Task A_guards_grant_that_nobody_used_gives_no_other_lanes_use_back()
    {
        await using var lane = await StartAsync();
        lane.Uses.IsCounted = false;
        await lane.PresentAsync(Once); // so that a guard must look
        await Patience.Until(() => lane.Lane.Sight.Waiting is not null);
        var occupancy = new SiteOccupancy("gate-1");
        using var follower = FollowerFor(lane, lane.Uses, occupancy: occupancy);
        await follower.StartAsync(CancellationToken.None);
        await Patience.Until(() => lane.Uses.IsCounted);
        Assert.Null(lane.Uses.TryTake(Request())); // at another lane, where somebody is on the way through
        lane.Portal.Answer = new PortalResult.Unreachable("the relay was unplugged");

        var waiting = lane.Lane.Sight.Waiting!;
        var granted = new GuardRequest(waiting.Decision, CaseEnd.Granted, "li", lane.Clock.SinceBoot)
        {
            May = _ => true,
            RecordAsync = async _ => await lane.Journal.AppendAsync(
                (sequence, payload) => RecordEnvelope.Write(
                    payload, "estate", "gate-1", sequence, GuardActionRecord.Type, Clock.Wall,
                    new GuardActionRecord { Guard = "li", Role = GuardRole.Guard, Action = GuardActionKind.Grant, Lane = "lane-1", Decision = waiting.Decision, Clock = ClockRecord.From(Clock) },
                    RecordShapes.Default.GuardActionRecord),
                CancellationToken.None),
        };
        await lane.Inputs.AskAsync(granted, CancellationToken.None);
        Assert.IsType<GuardResult.Done>(await granted.Answered.InTime());
        await lane.Keeper.OccupancyCorrectedAsync(new() { Before = 0, After = 7, Difference = 7, By = "li", Clock = ClockRecord.From(Clock) }, Clock, CancellationToken.None);
        await Patience.Until(() => occupancy.Own is { In: 7 }); // so far the journal was read
        await follower.StopAsync(CancellationToken.None);

        Assert.Equal(DenyReason.CredentialUsedUp, lane.Uses.TryTake(Request())?.Reason);
    }

    [Fact]
    public async Task Uses_at_other_gates_count_however_many_there_were_before()
    {
        await using var link = new FakeLink(window: 8);
        var (keys, uses) = (new PersonKeys(new byte[32]), new PassUses(new PersonKeys(new byte[32])) { IsCounted = true });
        await new PassageHearing(new PassageMemory(), uses, link, new GateTopics("estate", "gate-1")).StartAsync(CancellationToken.None);

        for (long use = 0; use < PassUses.Most; use++)
            await HearAsync(2 * use + 1, keys.KeyOf("earlier", "pass"));
        await HearAsync(1_000_001, keys.KeyOf(Once)!);
        await HearAsync(1_000_001, keys.KeyOf(Once)!); // late, and once more

        Assert.Equal(1, uses.Counted[keys.KeyOf(Once)!]);

        async Task HearAsync(long sequence, string pass)
        {
            foreach (var record in new[]
            {
                $$$"""{"type":"{{{DecidedRecord.Type}}}","sequence":"{{{sequence}}}","time":"2022-03-01T08:00:00Z","data":{{{DecidedOf(pass)}}}}""",
                $$$"""{"type":"{{{PassageRecord.Type}}}","sequence":"{{{sequence + 1}}}","time":"2022-03-01T08:00:00Z","data":{{{PassageOf(sequence)}}}}""",
            })
                await link.Handlers["edgegate/v1/estate/+/passages"](new() { Topic = "edgegate/v1/estate/gate-2/passages", Payload = Encoding.UTF8.GetBytes(record) }, CancellationToken.None);
        }

        string PassageOf(long decision) => JsonSerializer.Serialize(
            new PassageRecord { Lane = "lane-1", Decision = decision, Portal = PortalMovement.Opened, Passage = PassageOutcome.Taken, Clock = ClockRecord.From(Clock) },
            RecordShapes.Default.PassageRecord);
    }

    [Fact]
    public void Two_lanes_at_the_same_moment_take_the_last_use_once()
    {
        for (var turn = 0; turn < 200; turn++)
        {
            var uses = new PassUses(new PersonKeys(new byte[32])) { IsCounted = true };
            var granted = 0;
            Parallel.For(0, 8, _ =>
            {
                if (uses.TryTake(Request()) is null)
                    Interlocked.Increment(ref granted);
            });
            Assert.Equal(1, granted);
        }
    }

    [Fact]
    public void What_is_remembered_is_bounded()
    {
        var keys = new PersonKeys(new byte[32]);
        var uses = new PassUses(keys) { IsCounted = true };

        for (var pass = 0; pass <= PassUses.Most; pass++)
            uses.CountElsewhere(Registers.TestLists.Key(keys, $"{pass}"));

        Assert.Equal(PassUses.Most, uses.Counted.Count);
    }

    [Fact]
    public void What_a_stranger_at_the_broker_calls_a_person_is_not_kept()
    {
        var pairing = new PassagePairing();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var sequence = 1; sequence <= 1024; sequence++)
        {
            using var record = JsonDocument.Parse($$"""{"type":"{{DecidedRecord.Type}}","data":{{DecidedOf(new string('x', 60_000))}}}""");
            pairing.Take(sequence, record.RootElement);
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 60_000_000); // of 120 MB, and there may be 256 gates
        GC.KeepAlive(pairing);
    }

    private static async Task<LaneUnderTest> StartAsync() =>
        await LaneUnderTest.StartAsync(configure: OfPasses);

    private static LaneOptions OfPasses(LaneOptions options) => options with { Encounter = options.Encounter with { HealthCodeRequired = true, PassesNeedNoHealthCode = true } };

    private PassageFollower FollowerFor(LaneUnderTest lane, PassUses uses, bool isAlone = true, SiteOccupancy? occupancy = null) => new(
        lane.Journal, occupancy ?? new SiteOccupancy("gate-1"), new PassageMemory(), uses, "gate-1", new Dictionary<string, Direction> { ["lane-1"] = Direction.Entry }, isAlone,
        _data["occupancy"], lane.Time, new ListLogger<PassageFollower>());

    /// <returns>The outcome.</returns>
    private static async Task<string> ShowAsync(LaneUnderTest lane)
    {
        var before = lane.Journal.LastSequence;
        await lane.PresentAsync(Once);
        var decided = (await lane.RecordsAsync((int)before + 1))[(int)before].GetProperty("data").GetProperty("outcome").GetString()!;
        if (decided == "granted")
            await lane.RecordsAsync((int)before + 2);
        else
            await lane.SeeAsync(KioskFace.Denied);
        await lane.LetPassAsync(TimeSpan.FromSeconds(2.1));
        await lane.SeeAsync(KioskFace.Idle);
        return decided;
    }

    private static AccessRequest Request() =>
        new(new Presentation("reader", Once, Clock), Direction.Entry, Temperature: null, Clock);

    private static string DecidedOf(string pass) => JsonSerializer.Serialize(
        new DecidedRecord
        {
            Lane = "lane-1",
            Direction = Direction.Entry,
            Reader = "reader",
            Credential = CredentialKind.Pass,
            Person = pass,
            PassUses = 1,
            Outcome = Outcome.Granted,
            Reasons = [],
            Rules = [],
            Clock = ClockRecord.From(Clock),
            Sealed = "",
        },
        RecordShapes.Default.DecidedRecord);

    private static ClockReading Clock => new(new DateTimeOffset(2022, 3, 1, 8, 0, 0, TimeSpan.Zero), TimeSpan.FromHours(1), Guid.Empty, ClockGrade.Synchronised);
}
