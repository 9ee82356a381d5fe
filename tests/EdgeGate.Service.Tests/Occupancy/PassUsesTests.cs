using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Tests.Passing;

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

    private static async Task<LaneUnderTest> StartAsync() =>
        await LaneUnderTest.StartAsync(configure: options => options with { Encounter = options.Encounter with { HealthCodeRequired = true, PassesNeedNoHealthCode = true } });

    private PassageFollower FollowerFor(LaneUnderTest lane, PassUses uses) => new(
        lane.Journal, new SiteOccupancy("gate-1"), new PassageMemory(), uses, "gate-1", new Dictionary<string, Direction> { ["lane-1"] = Direction.Entry }, isAlone: true,
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

    private static ClockReading Clock => new(new DateTimeOffset(2022, 3, 1, 8, 0, 0, TimeSpan.Zero), TimeSpan.FromHours(1), Guid.Empty, ClockGrade.Synchronised);
}
