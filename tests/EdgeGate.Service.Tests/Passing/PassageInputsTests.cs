using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Passing;

/// <summary>More signals of a portal than the watch has room for, as while the disk stands still.</summary>
public sealed class PassageInputsTests
{
    private readonly NoisyPortal _portal = new();
    private readonly PassageInputs _inputs;
    private int _second;

    public PassageInputsTests() => _inputs = new PassageInputs(_portal, new GateClock(new ManualTime(), Guid.Empty, () => true));

    private TimeSpan Next => TimeSpan.FromSeconds(++_second);

    private void Fill()
    {
        while (_inputs.Granted(record: 1, Next))
        {
        }
    }

    private List<PassageInput> TakeAll()
    {
        var taken = new List<PassageInput>();
        while (_inputs.Reader.TryRead(out var input))
            taken.Add(input);
        return taken;
    }

    private static IEnumerable<bool> FreeIn(IEnumerable<PassageInput> taken) =>
        taken.OfType<PassageInput.Supervised>().Select(input => input.Input).OfType<SupervisionInput.HeldFree>().Select(free => free.IsFree);

    [Fact]
    public void That_a_portal_is_no_longer_held_free_is_heard_although_there_was_no_room_for_it()
    {
        _inputs.HeldFree(isFree: true, Next);
        Fill();
        _inputs.HeldFree(isFree: false, Next);
        Assert.Equal([true], FreeIn(TakeAll()));

        _inputs.TimePassed(Next);

        Assert.Equal([false], FreeIn(TakeAll()));
    }

    [Fact]
    public void Of_what_found_no_room_the_newest_goes_in_and_before_everything_that_came_later()
    {
        Fill();
        _inputs.HeldFree(isFree: true, Next);
        _inputs.HeldFree(isFree: false, Next);
        _inputs.HeldFree(isFree: true, Next);
        TakeAll();

        _portal.Say(PortalSensor.DoorContact, isActive: true, Next);

        var later = TakeAll();
        Assert.Equal([true], FreeIn(later));
        Assert.IsType<SupervisionInput.DoorMoved>(Assert.IsType<PassageInput.Supervised>(later[1]).Input);
    }

    [Fact]
    public void That_a_fire_is_over_is_heard_although_there_was_no_room_for_it()
    {
        _portal.Say(PortalSensor.FireInput, isActive: true, Next);
        Fill();
        _portal.Say(PortalSensor.FireInput, isActive: false, Next);
        TakeAll();

        _inputs.TimePassed(Next);

        Assert.False(Assert.Single(TakeAll().OfType<PassageInput.Fire>()).Burns);
    }

    [Fact]
    public void A_signal_that_found_no_room_is_counted_and_what_is_kept_is_not()
    {
        Fill(); // counts the one that was too many
        Assert.Equal(1, _inputs.TakeDropped());
        _inputs.HeldFree(isFree: true, Next);
        _portal.Say(PortalSensor.FireInput, isActive: true, Next);
        Assert.Equal(0, _inputs.TakeDropped());
        _portal.Say(PortalSensor.DoorContact, isActive: true, Next);
        Assert.Equal(1, _inputs.TakeDropped());
    }

    [Fact]
    public void A_door_that_moves_before_the_grant_is_told_comes_behind_it()
    {
        _inputs.Asked();
        _portal.Say(PortalSensor.DoorContact, isActive: true, Next);
        _inputs.TimePassed(Next); // a deadline must not overtake the grant either
        Assert.Empty(TakeAll());
        _inputs.Granted(record: 1, Next);
        _inputs.Answered();
        _portal.Say(PortalSensor.DoorContact, isActive: false, Next);

        Assert.Equal(
            [typeof(SupervisionInput.Granted), typeof(SupervisionInput.DoorMoved), typeof(SupervisionInput.DoorMoved)],
            TakeAll().Cast<PassageInput.Supervised>().Select(input => input.Input.GetType()));
    }

    [Fact]
    public void What_waits_behind_one_grant_waits_behind_all_that_are_asked_for_and_goes_in_when_none_comes()
    {
        _inputs.Asked();
        _inputs.Asked();
        _portal.Say(PortalSensor.DoorContact, isActive: true, Next);
        _portal.Say(PortalSensor.FireInput, isActive: true, Next);
        _inputs.Answered();
        Assert.Empty(TakeAll());

        _inputs.Answered();

        Assert.Equal(2, TakeAll().Count);
    }

    [Fact]
    public void While_a_portal_does_not_answer_no_more_waits_than_there_is_room_for()
    {
        _inputs.Asked();
        for (var i = 0; i < 5000; i++)
            _portal.Say(PortalSensor.DoorContact, isActive: i % 2 == 0, Next);
        var dropped = _inputs.TakeDropped();
        _inputs.Answered();

        Assert.InRange(dropped, 1, 4999);
        Assert.Equal(5000 - dropped, TakeAll().Count);
    }

    [Fact]
    public async Task A_lock_that_lets_the_door_go_before_it_answers_makes_nothing_forced()
    {
        var lane = new Lane(new LaneOptions { Id = "lane", Encounter = new EncounterOptions() }, null!, null!, null!, _portal, null!) { Passages = _inputs };
        _portal.WhenAsked = () => _portal.Say(PortalSensor.DoorContact, isActive: true, TimeSpan.FromSeconds(2));

        var (_, isWatched) = await lane.OpenForPassageAsync("", record: 7, asked: TimeSpan.FromSeconds(1));

        Assert.True(isWatched);
        Assert.Equal([new SupervisionInput.Granted(7, TimeSpan.FromSeconds(1)), new SupervisionInput.DoorMoved(true, TimeSpan.FromSeconds(2))],
            TakeAll().Cast<PassageInput.Supervised>().Select(input => input.Input));
    }

    [Fact]
    public async Task A_portal_that_fails_holds_nothing_back_for_ever()
    {
        var lane = new Lane(new LaneOptions { Id = "lane", Encounter = new EncounterOptions() }, null!, null!, null!, _portal, null!) { Passages = _inputs };
        _portal.WhenAsked = () => throw new InvalidOperationException("the portal's own fault");
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await lane.OpenForPassageAsync("", record: 7, Next));

        _portal.Say(PortalSensor.DoorContact, isActive: true, Next);

        Assert.Single(TakeAll());
    }

    private sealed class NoisyPortal : IWatchedPortal
    {
        public event Action<PortalSignal>? Signalled;

        public event Action? SensorsLost
        {
            add { }
            remove { }
        }

        public bool IsWatched => true;
        public string? WhyNotHeld => null;
        public Action WhenAsked { get; set; } = () => { };

        public void Say(PortalSensor sensor, bool isActive, TimeSpan at) => Signalled?.Invoke(new PortalSignal(sensor, isActive, at));

        public Task RunAsync(CancellationToken stopping) => Task.CompletedTask;

        public ValueTask<PortalResult> OpenForPassageAsync(string credential, CancellationToken cancellationToken)
        {
            WhenAsked();
            return new(new PortalResult.Moved());
        }

        public ValueTask<PortalResult> HoldAsync(bool open, CancellationToken cancellationToken) => new(new PortalResult.Moved());
    }
}
