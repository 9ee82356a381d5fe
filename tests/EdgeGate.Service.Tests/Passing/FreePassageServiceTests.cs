using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;

namespace EdgeGate.Service.Tests.Passing;

/// <summary>A lane whose mode becomes free: what the portal is told, what is on record, what the screen says.</summary>
public sealed class FreePassageServiceTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100), RetryAfter = TimeSpan.FromSeconds(2);

    private readonly ListLogger<FreePassageService> _log = new();

    [Fact]
    public async Task That_free_passage_begins_is_on_disk_before_the_portal_opens_and_that_it_ends_after_it_locks()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        using var service = await RunAsync(lane);

        lane.Mode.Set(PortalMode.Free);
        await AfterAsync(Tick, lane, () => Shows(lane, KioskFace.Free));
        lane.Mode.Set(PortalMode.Normal);
        await AfterAsync(Tick, lane, () => lane.Records().Count == 2 && Shows(lane, KioskFace.Idle));

        Assert.Equal([true, false], lane.Portal.Held.Select(held => held.Open));
        Assert.Equal(1, lane.Portal.Held.First().NewestOnDisk!.Sequence);
        Assert.Equal(["free-began", "free-ended"], lane.Records().Select(record => record.GetProperty("data").GetProperty("event").GetString()));
        Assert.DoesNotContain(lane.Records(), record => record.TryGetProperty("alarm", out _));
        await service.StopAsync(CancellationToken.None).InTime();
    }

    [Fact]
    public async Task Who_shows_a_card_meanwhile_is_on_record_and_the_screen_says_free_passage_all_the_same()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        using var service = await RunAsync(lane);
        lane.Mode.Set(PortalMode.Free);
        await AfterAsync(Tick, lane, () => Shows(lane, KioskFace.Free));

        await lane.PresentAsync(People.Expired);

        await Patience.Until(() => lane.Records().Any(record => record.GetProperty("type").GetString() == DecidedRecord.Type));
        Assert.Equal(KioskFace.Free, lane.Kiosk.Current.Face);
        await service.StopAsync(CancellationToken.None).InTime();
    }

    [Fact]
    public async Task A_portal_that_does_not_obey_is_asked_again_and_the_screen_does_not_promise_it()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        lane.Portal.Answer = new PortalResult.Unreachable("unplugged");
        using var service = await RunAsync(lane);
        lane.Mode.Set(PortalMode.Free);
        await AfterAsync(Tick, lane, () => lane.Portal.Held.Count == 1);
        await AfterAsync(RetryAfter, lane, () => lane.Portal.Held.Count == 2);
        Assert.NotEqual(KioskFace.Free, lane.Kiosk.Current.Face);

        lane.Portal.Answer = new PortalResult.Moved();
        await AfterAsync(RetryAfter, lane, () => lane.FreePassage);

        Assert.Single(lane.Records());
        Assert.Single(_log.Lines, line => line.Contains("asked again", StringComparison.Ordinal));
        await service.StopAsync(CancellationToken.None).InTime();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Where_nothing_can_be_recorded_it_opens_only_where_that_is_set(bool opens)
    {
        GateJournal? other = null;
        await using var lane = await LaneUnderTest.StartAsync(
            configure: options => options with { OpenWhenJournalFails = opens },
            beforeJournal: async directory => other = await GateJournal.OpenAsync(LaneUnderTest.OptionsOf(directory), TimeProvider.System, CancellationToken.None));
        using var service = await RunAsync(lane);
        lane.Mode.Set(PortalMode.Free);

        await AfterAsync(Tick, lane, () => _log.Lines.Any(line => line.Contains(opens ? "held open: its mode is free" : "not on record", StringComparison.Ordinal)));

        Assert.Equal(opens, lane.FreePassage);
        await service.StopAsync(CancellationToken.None).InTime();
        await other!.DisposeAsync();
    }

    [Fact]
    public async Task A_gate_that_stops_ends_it()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        using var service = await RunAsync(lane);
        lane.Mode.Set(PortalMode.Free);
        await AfterAsync(Tick, lane, () => lane.FreePassage);

        await service.StopAsync(CancellationToken.None).InTime();

        Assert.False(lane.Portal.Held.Last().Open);
        Assert.Equal("free-ended", lane.Records()[^1].GetProperty("data").GetProperty("event").GetString());
        Assert.Equal(PortalMode.Free, lane.Mode.Current); // and begins again with the gate
    }

    [Fact]
    public async Task That_it_ended_is_not_on_record_while_the_portal_does_not_let_go()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        using var service = await RunAsync(lane);
        lane.Mode.Set(PortalMode.Free);
        await AfterAsync(Tick, lane, () => lane.FreePassage);

        lane.Portal.Answer = new PortalResult.Unreachable("unplugged");
        lane.Mode.Set(PortalMode.Normal);
        await AfterAsync(Tick, lane, () => lane.Portal.Held.Count == 2);
        await AfterAsync(RetryAfter, lane, () => lane.Portal.Held.Count == 3);
        Assert.Single(lane.Records());

        lane.Portal.Answer = new PortalResult.Moved();
        await AfterAsync(RetryAfter, lane, () => lane.Records().Count == 2);
        Assert.Equal("free-ended", lane.Records()[^1].GetProperty("data").GetProperty("event").GetString());
        await service.StopAsync(CancellationToken.None).InTime();
        Assert.Equal(2, lane.Records().Count);
    }

    [Fact]
    public async Task A_portal_that_has_not_let_go_yet_is_asked_once_more_by_a_gate_that_stops()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        using var service = await RunAsync(lane);
        lane.Mode.Set(PortalMode.Free);
        await AfterAsync(Tick, lane, () => lane.FreePassage);
        lane.Portal.Answer = new PortalResult.Unreachable("unplugged");
        lane.Mode.Set(PortalMode.Normal);
        await AfterAsync(Tick, lane, () => lane.Portal.Held.Count == 2);

        lane.Portal.Answer = new PortalResult.Moved();
        await service.StopAsync(CancellationToken.None).InTime();

        Assert.Equal([true, false, false], lane.Portal.Held.Select(held => held.Open));
        Assert.Equal("free-ended", lane.Records()[^1].GetProperty("data").GetProperty("event").GetString());
    }

    private async Task<FreePassageService> RunAsync(LaneUnderTest lane)
    {
        var timers = lane.Time.WaitingTimers;
        var service = new FreePassageService(lane.Lane, lane.Keeper, lane.Clock, lane.Time, _log);
        await service.StartAsync(CancellationToken.None);
        await Patience.Until(() => lane.Time.WaitingTimers > timers);
        return service;
    }

    /// <summary>
    /// Lets time pass once, and waits until it has come to this. A tick that finds the service at work is kept for it by its timer, and the clock
    /// stands still meanwhile: were it moved on, what is asked again after two seconds could be asked again at once.
    /// </summary>
    private static Task AfterAsync(TimeSpan time, LaneUnderTest lane, Func<bool> condition)
    {
        lane.Time.Advance(time);
        return Patience.Until(condition);
    }

    /// <summary>The lane looks what to show at everything that it takes.</summary>
    private static bool Shows(LaneUnderTest lane, KioskFace face)
    {
        lane.Inputs.TimePassed();
        return lane.Kiosk.Current.Face == face;
    }
}
