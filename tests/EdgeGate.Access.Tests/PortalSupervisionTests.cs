using static EdgeGate.Access.PortalEvent;
using static EdgeGate.Access.SupervisionInput;

namespace EdgeGate.Access.Tests;

/// <summary>Seconds since boot in, what is known of the portal out.</summary>
public class PortalSupervisionTests
{
    private static readonly SupervisionOptions Turnstile = new() { HasPassageSensor = true };
    private static readonly SupervisionOptions Door = new() { HasDoorContact = true };
    private static readonly SupervisionOptions Both = new() { HasDoorContact = true, HasPassageSensor = true };

    [Fact]
    public void A_body_in_time_is_the_passage() =>
        Assert.Equal([new PassageTaken(7, S(2))], Run(Turnstile, new Granted(7, S(1)), new PassageSensed(true, S(2)), new PassageSensed(false, S(2.5)), new TimePassed(S(60))));

    [Fact]
    public void Nobody_in_time_is_no_passage_as_of_the_deadline() =>
        Assert.Equal([new PassageNotTaken(7, S(9))], Run(Turnstile, new Granted(7, S(1)), new TimePassed(S(60))));

    [Fact]
    public void Two_grants_and_two_bodies_are_two_passages() =>
        Assert.Equal([new PassageTaken(7, S(2)), new PassageTaken(8, S(3))], Run(
            Turnstile, new Granted(7, S(1)), new Granted(8, S(1.5)),
            new PassageSensed(true, S(2)), new PassageSensed(false, S(2.5)), new PassageSensed(true, S(3)), new PassageSensed(false, S(3.5)), new TimePassed(S(60))));

    [Fact]
    public void A_second_body_within_one_grant_is_tailgating() =>
        Assert.Equal([new PassageTaken(7, S(2)), new Tailgated(7, S(3))], Run(
            Turnstile, new Granted(7, S(1)), new PassageSensed(true, S(2)), new PassageSensed(false, S(2.5)), new PassageSensed(true, S(3)), new PassageSensed(false, S(3.5))));

    [Fact]
    public void A_body_without_a_grant_is_forced() =>
        Assert.Equal([new ForcedOpen(S(2))], Run(Turnstile, new PassageSensed(true, S(2)), new PassageSensed(false, S(2.5))));

    [Fact]
    public void Whoever_goes_through_a_portal_held_free_is_counted_and_nothing_is_an_alarm() =>
        Assert.Equal([new PassedFreely(S(3)), new PassedFreely(S(5))], Run(
            Both, new DoorMoved(false, S(0)), new HeldFree(true, S(1)), new DoorMoved(true, S(2)), new PassageSensed(true, S(3)), new PassageSensed(false, S(4)),
            new PassageSensed(true, S(5)), new PassageSensed(false, S(6)), new TimePassed(S(600)), new DoorMoved(false, S(601)), new HeldFree(false, S(602))));

    [Fact]
    public void Who_shows_a_card_at_a_portal_held_free_is_counted_once() =>
        Assert.Equal([new PassageTaken(7, S(3)), new PassageNotTaken(8, S(13))], Run(
            Turnstile, new HeldFree(true, S(1)), new Granted(7, S(2)), new PassageSensed(true, S(3)), new PassageSensed(false, S(4)), new Granted(8, S(5)), new TimePassed(S(60))));

    [Fact]
    public void A_door_that_stands_open_when_free_passage_ends_has_its_time_to_close() =>
        Assert.Equal([new HeldOpen(S(30)), new ClosedAgain(S(40))], Run(
            Door, new DoorMoved(false, S(0)), new HeldFree(true, S(1)), new DoorMoved(true, S(2)), new HeldFree(false, S(10)), new DoorMoved(false, S(40))));

    [Fact]
    public void A_door_that_opens_in_time_is_the_passage_of_all_who_were_granted() =>
        Assert.Equal([new PassageTaken(7, S(3)), new PassageTaken(8, S(3))], Run(
            Door, new DoorMoved(false, S(0)), new Granted(7, S(1)), new Granted(8, S(2)), new DoorMoved(true, S(3)), new DoorMoved(false, S(5)), new TimePassed(S(60))));

    [Fact]
    public void A_door_that_opens_without_a_grant_is_forced_until_it_closes() =>
        Assert.Equal([new ForcedOpen(S(2)), new ClosedAgain(S(4))], Run(Door, new DoorMoved(false, S(0)), new DoorMoved(true, S(2)), new DoorMoved(false, S(4))));

    [Fact]
    public void A_door_left_open_is_held_open_until_it_closes() =>
        Assert.Equal([new PassageTaken(7, S(2)), new HeldOpen(S(22)), new ClosedAgain(S(40))], Run(
            Door, new DoorMoved(false, S(0)), new Granted(7, S(1)), new DoorMoved(true, S(2)), new DoorMoved(false, S(40))));

    [Fact]
    public void A_queue_through_an_open_door_does_not_hold_it_open() =>
        Assert.Equal([new PassageTaken(1, S(2)), new PassageTaken(2, S(15)), new PassageTaken(3, S(30)), new HeldOpen(S(50))], Run(
            Door, new DoorMoved(false, S(0)), new Granted(1, S(1)), new DoorMoved(true, S(2)), new Granted(2, S(15)), new Granted(3, S(30)), new TimePassed(S(60))));

    [Fact]
    public void Who_opens_in_time_and_goes_slowly_has_passed() =>
        Assert.Equal([new PassageTaken(7, S(14))], Run(
            Both, new DoorMoved(false, S(0)), new Granted(7, S(1)), new DoorMoved(true, S(5)), new PassageSensed(true, S(14)), new PassageSensed(false, S(15)), new DoorMoved(false, S(16))));

    [Fact]
    public void Who_opens_the_door_and_stays_has_not_passed() =>
        Assert.Equal([new PassageNotTaken(7, S(12))], Run(
            Both, new DoorMoved(false, S(0)), new Granted(7, S(1)), new DoorMoved(true, S(5)), new DoorMoved(false, S(12))));

    [Fact]
    public void Whoever_follows_through_the_open_door_is_tailgating_however_late() =>
        Assert.Equal([new PassageTaken(7, S(3)), new Tailgated(7, S(15))], Run(
            Both, new DoorMoved(false, S(0)), new Granted(7, S(1)), new DoorMoved(true, S(2)),
            new PassageSensed(true, S(3)), new PassageSensed(false, S(4)), new PassageSensed(true, S(15)), new PassageSensed(false, S(16)), new DoorMoved(false, S(17))));

    [Fact]
    public void A_body_before_a_closed_door_is_nobody() =>
        Assert.Empty(Run(Both, new DoorMoved(false, S(0)), new PassageSensed(true, S(2)), new PassageSensed(false, S(3))));

    [Fact]
    public void A_door_found_open_at_the_start_was_not_forced() =>
        Assert.Equal([new HeldOpen(S(20)), new ClosedAgain(S(30))], Run(Door, new DoorMoved(true, S(0)), new DoorMoved(false, S(30))));

    [Fact]
    public void While_the_portal_is_free_nothing_is_forced_and_nobody_is_counted() =>
        Assert.Equal([new PassageUnobserved(7, S(2)), new PassageUnobserved(8, S(50))], Run(
            Both, new DoorMoved(false, S(0)), new Granted(7, S(1)), new Freed(true, S(2)), new DoorMoved(true, S(3)),
            new PassageSensed(true, S(4)), new PassageSensed(false, S(5)), new Granted(8, S(50)), new DoorMoved(false, S(60)), new Freed(false, S(61)), new TimePassed(S(100))));

    [Fact]
    public void A_blocked_sensor_stops_counting_until_it_is_free() =>
        Assert.Equal([new ForcedOpen(S(1)), new SensorStuck(S(31)), new PassageUnobserved(7, S(40)), new SensorFreed(S(50)), new PassageTaken(8, S(52))], Run(
            Turnstile, new PassageSensed(true, S(1)), new Granted(7, S(40)), new PassageSensed(false, S(50)), new Granted(8, S(51)), new PassageSensed(true, S(52))));

    [Fact]
    public void Sensors_that_are_gone_leave_the_passage_unobserved() =>
        Assert.Equal([new PassageUnobserved(7, S(2))], Run(Both, new DoorMoved(false, S(0)), new Granted(7, S(1)), new SensorsLost(S(2)), new DoorMoved(true, S(3)), new DoorMoved(false, S(4))));

    internal static List<PortalEvent> Run(SupervisionOptions options, params IEnumerable<SupervisionInput> inputs)
    {
        var events = new List<PortalEvent>();
        var portal = PortalSupervision.Start;
        foreach (var input in inputs)
        {
            (portal, var happened) = portal.Apply(input, options);
            events.AddRange(happened);
        }
        return events;
    }

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);
}
