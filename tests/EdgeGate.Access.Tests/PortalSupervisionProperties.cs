using FsCheck;
using FsCheck.Fluent;
using static EdgeGate.Access.SupervisionInput;

namespace EdgeGate.Access.Tests;

/// <summary>What must hold for every story of people, doors and broken sensors at one portal.</summary>
public class PortalSupervisionProperties
{
    private static readonly TimeSpan End = TimeSpan.FromHours(1);

    /// <summary>A story in tenths of a second, and which sensors watch it.</summary>
    private static Arbitrary<(SupervisionOptions Options, SupervisionInput[] Story)> Stories
    {
        get
        {
            var moment = from wait in Gen.Choose(0, 150)
                         from what in Gen.Choose(0, 12)
                         select (wait, what);
            var story = from moments in moment.ArrayOf()
                        from door in Gen.Elements(true, false)
                        from sensor in Gen.Elements(true, false)
                        select (new SupervisionOptions { HasDoorContact = door, HasPassageSensor = sensor, MostGrants = 4 }, Tell(moments, door, sensor));
            return story.ToArbitrary();
        }
    }

    [Fact]
    public void Every_grant_ends_once_and_as_one_thing() => Check((options, story) =>
    {
        var ended = Run(options, [.. story, new Freed(true, End)]).Select(GrantOf).Where(grant => grant is not null).Order().ToArray();
        return ended.SequenceEqual(story.OfType<Granted>().Select(granted => (long?)granted.Grant).Order());
    });

    [Fact]
    public void No_more_passages_are_taken_than_bodies_were_sensed() => Check((options, story) =>
    {
        if (!options.HasPassageSensor)
            return true;
        var passed = Run(options, story).Count(happened => happened is PortalEvent.PassageTaken or PortalEvent.Tailgated or PortalEvent.PassedFreely);
        return passed <= story.Count(input => input is PassageSensed { IsActive: true });
    });

    [Fact]
    public void Nothing_is_forced_while_a_grant_waits_or_the_portal_is_free() => Check((options, story) =>
    {
        var portal = PortalSupervision.Start;
        var (waiting, fire, held) = (new HashSet<long>(), false, false);
        foreach (var input in story)
        {
            (portal, var events) = portal.Apply(input, options);
            waiting.ExceptWith(events.Select(GrantOf).OfType<long>());
            if (events.Any(happened => happened is PortalEvent.ForcedOpen) && (waiting.Count > 0 || fire || held))
                return false;
            if (input is Granted(var grant, _) && !events.Any(happened => GrantOf(happened) == grant))
                waiting.Add(grant);
            (fire, held) = (input is Freed(var burns, _) ? burns : fire, input is HeldFree(var isHeld, _) ? isHeld : held);
        }
        return true;
    });

    [Fact]
    public void Only_a_portal_that_is_held_free_lets_anybody_pass_freely() => Check((options, story) =>
    {
        var portal = PortalSupervision.Start;
        foreach (var input in story)
        {
            (portal, var events) = portal.Apply(input, options);
            if (events.Any(happened => happened is PortalEvent.PassedFreely) && !(portal is { IsHeldFree: true, IsFree: false } && input is PassageSensed { IsActive: true }))
                return false;
        }
        return true;
    });

    [Fact]
    public void How_often_time_passes_changes_nothing() => Check((options, story) =>
    {
        var ticked = story.SelectMany(input => (SupervisionInput[])[new TimePassed(input.At - TimeSpan.FromMilliseconds(50)), new TimePassed(input.At), input]);
        return Run(options, [.. story, new TimePassed(End)]).SequenceEqual(Run(options, [.. ticked, new TimePassed(End)]));
    });

    [Fact]
    public void Events_come_in_the_order_of_their_times_and_never_from_the_future() => Check((options, story) =>
    {
        var portal = PortalSupervision.Start;
        var last = TimeSpan.Zero;
        foreach (var input in story)
        {
            (portal, var events) = portal.Apply(input, options);
            foreach (var happened in events)
            {
                if (happened.At < last || happened.At > portal.Now)
                    return false;
                last = happened.At;
            }
        }
        return true;
    });

    [Fact]
    public void An_alarm_of_a_door_ends_when_it_closes_and_only_then() => Check((options, story) =>
    {
        var alarmed = false;
        foreach (var happened in Run(options, story))
        {
            if (happened is PortalEvent.ClosedAgain && !alarmed)
                return false;
            alarmed = happened switch
            {
                PortalEvent.ClosedAgain => false,
                PortalEvent.HeldOpen => true,
                PortalEvent.ForcedOpen => alarmed || options.HasDoorContact,
                _ => alarmed,
            };
        }
        return true;
    });

    private static void Check(Func<SupervisionOptions, SupervisionInput[], bool> holds) =>
        Prop.ForAll(Stories, story => holds(story.Options, story.Story)).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static List<PortalEvent> Run(SupervisionOptions options, params IEnumerable<SupervisionInput> inputs) => PortalSupervisionTests.Run(options, inputs);

    private static long? GrantOf(PortalEvent happened) => happened switch
    {
        PortalEvent.PassageTaken(var grant, _) => grant,
        PortalEvent.PassageNotTaken(var grant, _) => grant,
        PortalEvent.PassageUnobserved(var grant, _) => grant,
        _ => null,
    };

    private static SupervisionInput[] Tell((int Wait, int What)[] moments, bool door, bool sensor)
    {
        var (at, grant) = (TimeSpan.FromSeconds(1), 0);
        var story = new List<SupervisionInput>();
        foreach (var (wait, what) in moments)
        {
            at += TimeSpan.FromMilliseconds(100 * wait);
            SupervisionInput? input = what switch
            {
                0 or 1 or 2 => new Granted(++grant, at),
                3 or 4 when door => new DoorMoved(true, at),
                5 or 6 when door => new DoorMoved(false, at),
                7 or 8 when sensor => new PassageSensed(true, at),
                9 when sensor => new PassageSensed(false, at),
                10 => new Freed(wait % 3 == 0, at),
                12 => new HeldFree(wait % 3 != 0, at),
                11 when wait % 5 == 0 => new SensorsLost(at),
                _ => new TimePassed(at),
            };
            story.Add(input);
        }
        return [.. story];
    }
}
