using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Passing;

/// <summary>A lane whose mode becomes free: what the portal is told, what is on record, what the screen says.</summary>
public sealed class FreePassageServiceTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly ListLogger<FreePassageService> _log = new();

    /// <summary>The clock by which the service looks, and nobody else.</summary>
    private readonly ManualTime _looks = new();

    [Fact]
    public async Task That_free_passage_begins_is_on_disk_before_the_portal_opens_and_that_it_ends_after_it_locks()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        using var service = await RunAsync(lane);

        lane.Mode.Set(PortalMode.Free);
        await UntilAsync(lane, () => lane.Kiosk.Current.Face is KioskFace.Free);
        lane.Mode.Set(PortalMode.Normal);
        await UntilAsync(lane, () => lane.Records().Count == 2 && lane.Kiosk.Current.Face is KioskFace.Idle);

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
        await UntilAsync(lane, () => lane.Kiosk.Current.Face is KioskFace.Free);

        await lane.PresentAsync(People.Expired);

        await UntilAsync(lane, () => lane.Records().Any(record => record.GetProperty("type").GetString() == DecidedRecord.Type));
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
        await UntilAsync(lane, () => lane.Portal.Held.Count == 2);
        Assert.NotEqual(KioskFace.Free, lane.Kiosk.Current.Face);

        lane.Portal.Answer = new PortalResult.Moved();
        await UntilAsync(lane, () => lane.FreePassage);

        Assert.Single(lane.Records());
        Assert.Single(_log.Lines, line => line.Contains("asked again", StringComparison.Ordinal));
        await service.StopAsync(CancellationToken.None).InTime();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Where_nothing_can_be_recorded_it_opens_only_where_that_is_set(bool opens)
    {
        await using var inTheWay = new JournalInTheWay();
        await using var lane = await LaneUnderTest.StartAsync(
            configure: options => options with { OpenWhenJournalFails = opens },
            beforeJournal: inTheWay.TakeAsync);
        using var service = await RunAsync(lane);
        lane.Mode.Set(PortalMode.Free);

        await UntilAsync(lane, () => _log.Lines.Any(line => line.Contains(opens ? "held open: its mode is free" : "not on record", StringComparison.Ordinal)));

        Assert.Equal(opens, lane.FreePassage);
        await service.StopAsync(CancellationToken.None).InTime();
        await inTheWay.DisposeAsync();
    }

    [Fact]
    public async Task A_gate_that_stops_ends_it()
    {
        await using var lane = await LaneUnderTest.StartAsync();
        using var service = await RunAsync(lane);
        lane.Mode.Set(PortalMode.Free);
        await UntilAsync(lane, () => lane.FreePassage);

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
        await UntilAsync(lane, () => lane.FreePassage);

        lane.Portal.Answer = new PortalResult.Unreachable("unplugged");
        lane.Mode.Set(PortalMode.Normal);
        await UntilAsync(lane, () => lane.Portal.Held.Count == 3);
        Assert.Single(lane.Records());

        lane.Portal.Answer = new PortalResult.Moved();
        await UntilAsync(lane, () => lane.Records().Count == 2);
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
        await UntilAsync(lane, () => lane.FreePassage);
        lane.Portal.Answer = new PortalResult.Unreachable("unplugged");
        lane.Mode.Set(PortalMode.Normal);
        await UntilAsync(lane, () => lane.Portal.Held.Count == 2);

        lane.Portal.Answer = new PortalResult.Moved();
        await service.StopAsync(CancellationToken.None).InTime();

        Assert.Equal([true, false, false], lane.Portal.Held.Select(held => held.Open));
        Assert.Equal("free-ended", lane.Records()[^1].GetProperty("data").GetProperty("event").GetString());
    }

    private async Task<FreePassageService> RunAsync(LaneUnderTest lane)
    {
        var service = new FreePassageService(lane.Lane, lane.Keeper, lane.Clock, _looks, _log);
        await service.StartAsync(CancellationToken.None);
        return service;
    }

    /// <summary>Time passes a tick at a time, and only while the service waits for it: none of its looks is missed, and none is under way when the condition is asked.</summary>
    private async Task UntilAsync(LaneUnderTest lane, Func<bool> condition)
    {
        await Patience.Until(IsWaiting);
        for (var ticks = 0; !condition(); ticks++)
        {
            Assert.True(ticks < 100, "it was not so after a hundred looks");
            _looks.Advance(Tick);
            await Patience.Until(IsWaiting);
            await lane.LetPassAsync(Tick);
        }
    }

    private bool IsWaiting() => _looks.WaitingTimers == 1;
}
