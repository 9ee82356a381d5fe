using System.Collections.Immutable;

namespace EdgeGate.Access;

/// <summary>What watches one portal, and how patient it is. All times are monotonic.</summary>
public sealed record SupervisionOptions
{
    /// <summary>Tells an open door from a closed one.</summary>
    public bool HasDoorContact { get; init; }

    /// <summary>Becomes active once for each body that goes through: a light barrier, or a turnstile's "passed" output.</summary>
    public bool HasPassageSensor { get; init; }

    /// <summary>A grant without a passage dies after this: a turnstile's own wait, mostly 5 s, and what a slow person needs on top.</summary>
    public TimeSpan PassageWait { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>A door open for longer is held open. Each grant begins it anew: a queue may keep a door open.</summary>
    public TimeSpan HeldOpenAfter { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Nobody stands in a light barrier for longer: the sensor is blocked or broken, and stops counting.</summary>
    public TimeSpan SensorStuckAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>More grants than this never wait for their passage at the same time.</summary>
    public int MostGrants { get; init; } = 16;
}

/// <summary>What can happen at a portal. Each carries its own time since boot, which never runs backwards for long: see <see cref="PortalSupervision.Now"/>.</summary>
public abstract record SupervisionInput(TimeSpan At)
{
    /// <summary>The portal was unlocked for one passage.</summary>
    /// <param name="Grant">The record that allowed it.</param>
    public sealed record Granted(long Grant, TimeSpan At) : SupervisionInput(At);

    public sealed record DoorMoved(bool IsOpen, TimeSpan At) : SupervisionInput(At);

    public sealed record PassageSensed(bool IsActive, TimeSpan At) : SupervisionInput(At);

    /// <summary>Fire: nothing is forced and nobody is counted.</summary>
    public sealed record Freed(bool IsFree, TimeSpan At) : SupervisionInput(At);

    /// <summary>A mode in which everybody may pass: nothing is forced, and whom a sensor sees is counted.</summary>
    public sealed record HeldFree(bool IsFree, TimeSpan At) : SupervisionInput(At);

    /// <summary>Nobody knows any more how the sensors stand.</summary>
    public sealed record SensorsLost(TimeSpan At) : SupervisionInput(At);

    public sealed record TimePassed(TimeSpan At) : SupervisionInput(At);
}

/// <summary>What is known now. <paramref name="At"/> is when it happened, which may be before the input that told.</summary>
public abstract record PortalEvent(TimeSpan At)
{
    public sealed record PassageTaken(long Grant, TimeSpan At) : PortalEvent(At);

    public sealed record PassageNotTaken(long Grant, TimeSpan At) : PortalEvent(At);

    /// <summary>Whether somebody went through cannot be told: the portal was free, or its sensors failed.</summary>
    public sealed record PassageUnobserved(long Grant, TimeSpan At) : PortalEvent(At);

    /// <summary>Another body went through behind the one that was granted.</summary>
    public sealed record Tailgated(long Grant, TimeSpan At) : PortalEvent(At);

    /// <summary>Opened, or passed, without a grant.</summary>
    public sealed record ForcedOpen(TimeSpan At) : PortalEvent(At);

    /// <summary>Somebody went through a portal that asks nobody.</summary>
    public sealed record PassedFreely(TimeSpan At) : PortalEvent(At);

    public sealed record HeldOpen(TimeSpan At) : PortalEvent(At);

    /// <summary>Ends what <see cref="ForcedOpen"/> or <see cref="HeldOpen"/> said of a door.</summary>
    public sealed record ClosedAgain(TimeSpan At) : PortalEvent(At);

    public sealed record SensorStuck(TimeSpan At) : PortalEvent(At);

    public sealed record SensorFreed(TimeSpan At) : PortalEvent(At);
}

public readonly record struct SupervisionStep(PortalSupervision Next, ImmutableList<PortalEvent> Events);

/// <summary>
/// One portal and what its sensors say of it: passage taken or not taken, tailgated, forced open, held open. A pure state
/// machine beside <see cref="Encounter"/>: that one decides who may pass, this one says what became of it. It holds a bounded
/// number of grants, so it cannot grow.
/// </summary>
/// <remarks>
/// The promises, each a property test: every grant ends as exactly one of taken, not taken and unobserved; no more passages are
/// taken than bodies were sensed; nothing is forced while a grant waits or the portal is free; an alarm of a door ends when the
/// door closes; and how often <see cref="SupervisionInput.TimePassed"/> comes changes nothing.
/// </remarks>
public sealed record PortalSupervision
{
    public static readonly PortalSupervision Start = new();

    /// <summary>The latest time of any input. An input that comes with an earlier one counts as of now.</summary>
    public TimeSpan Now { get; private init; }

    /// <summary>Null while nobody has said.</summary>
    public bool? IsDoorOpen { get; private init; }

    /// <summary>By a fire.</summary>
    public bool IsFree { get; private init; }

    /// <summary>By its mode.</summary>
    public bool IsHeldFree { get; private init; }

    public bool IsSensorStuck { get; private init; }

    private bool AsksNobody => IsFree || IsHeldFree;

    private ImmutableList<PendingGrant> Waiting { get; init; } = [];

    /// <summary>Who was last through: whoever follows is tailgating until then, and as long as the door stays open.</summary>
    private PendingGrant? LastTaken { get; init; }

    /// <summary>From when the time of an open door counts; null when it is closed.</summary>
    private TimeSpan? OpenSince { get; init; }

    private TimeSpan? SensedSince { get; init; }

    /// <summary>The open door was reported, so its closing will be.</summary>
    private bool IsAlarmed { get; init; }

    private bool HeldOpenTold { get; init; }

    private sealed record PendingGrant(long Grant, TimeSpan Deadline);

    public SupervisionStep Apply(SupervisionInput input, SupervisionOptions options)
    {
        var at = input.At > Now ? input.At : Now;
        return LetPass(at, options).Then(state => (state with { Now = at }).Take(input, at, options));
    }

    private SupervisionStep Take(SupervisionInput input, TimeSpan at, SupervisionOptions options) => input switch
    {
        SupervisionInput.Granted(var grant, _) => Grant(grant, at, options),
        SupervisionInput.DoorMoved(var isOpen, _) => isOpen ? Open(at, options) : Close(at),
        SupervisionInput.PassageSensed(var isActive, _) => isActive ? Sense(at, options) : Unsense(at),
        SupervisionInput.Freed(var isFree, _) => isFree ? Free(at) : Unfree(at),
        SupervisionInput.HeldFree(var isFree, _) => isFree ? HoldFree(at, options) : EndHeldFree(at),
        SupervisionInput.SensorsLost => Lose(at),
        _ => new(this, []),
    };

    /// <summary>What became due until then, in the order in which it did.</summary>
    private SupervisionStep LetPass(TimeSpan until, SupervisionOptions options)
    {
        var step = new SupervisionStep(this, []);
        while (step.Next.NextDue(options) is { At: var due } next && due <= until)
            step = step.Then(next.Happen(step.Next));
        return step;
    }

    private sealed record Due(TimeSpan At, Func<PortalSupervision, SupervisionStep> Happen);

    private Due? NextDue(SupervisionOptions options)
    {
        Due?[] dues =
        [
            // A door that was opened in time is the passage under way, as long as a door may be open.
            Waiting is [var first, ..] && (IsDoorOpen is not true || HeldOpenTold || IsHeldFree) ? new(first.Deadline, state => state.Expire(first.Deadline)) : null,
            OpenSince + options.HeldOpenAfter is { } heldAt && !HeldOpenTold && !AsksNobody
                ? new(heldAt, state => new SupervisionStep(state with { HeldOpenTold = true, IsAlarmed = true }, [new PortalEvent.HeldOpen(heldAt)]).Then(held => held.ExpireAll(heldAt))) : null,
            SensedSince + options.SensorStuckAfter is { } stuckAt && !IsSensorStuck && !IsFree
                ? new(stuckAt, state => state.Unobserve(stuckAt).Then(stuck => new(stuck with { IsSensorStuck = true }, [new PortalEvent.SensorStuck(stuckAt)]))) : null,
        ];
        return dues.Where(due => due is not null).MinBy(due => due!.At);
    }

    private SupervisionStep Grant(long grant, TimeSpan at, SupervisionOptions options)
    {
        if (IsFree || IsSensorStuck || !(options.HasPassageSensor || (options.HasDoorContact && !IsHeldFree)))
            return new(this, [new PortalEvent.PassageUnobserved(grant, at)]);
        var granted = new PendingGrant(grant, at + options.PassageWait);
        var next = OpenSince is null ? this : this with { OpenSince = at, HeldOpenTold = false };
        if (!options.HasPassageSensor && IsDoorOpen is true)
            return next.Take(granted, at); // nothing will move again for this one
        return Waiting.Count < options.MostGrants
            ? new(next with { Waiting = Waiting.Add(granted) }, [])
            : new(next with { Waiting = Waiting.RemoveAt(0).Add(granted) }, [new PortalEvent.PassageNotTaken(Waiting[0].Grant, at)]);
    }

    private SupervisionStep Open(TimeSpan at, SupervisionOptions options)
    {
        if (IsDoorOpen is true)
            return new(this, []);
        var wasKnown = IsDoorOpen is not null;
        var open = this with { IsDoorOpen = true, OpenSince = at, HeldOpenTold = false };
        if (AsksNobody)
            return new(open, []);
        if (Waiting.IsEmpty)
        {
            // A door that is found open when the gate starts was not seen being forced; if it stays so it is held open.
            return at <= LastTaken?.Deadline || !wasKnown
                ? new(open, [])
                : new(open with { IsAlarmed = true }, [new PortalEvent.ForcedOpen(at)]);
        }
        // A door cannot count: without a sensor everybody who was granted goes through together.
        return options.HasPassageSensor
            ? new(open, [])
            : Waiting.Aggregate(new SupervisionStep(open with { Waiting = [] }, []), (step, granted) => step.Then(step.Next.Take(granted, at)));
    }

    private SupervisionStep Close(TimeSpan at)
    {
        if (IsDoorOpen is false)
            return new(this, []);
        var closed = this with { IsDoorOpen = false, OpenSince = null, HeldOpenTold = false, IsAlarmed = false };
        return new SupervisionStep(closed, IsAlarmed ? [new PortalEvent.ClosedAgain(at)] : []).Then(state => state.ExpireAll(at));
    }

    private SupervisionStep Sense(TimeSpan at, SupervisionOptions options)
    {
        if (SensedSince is not null)
            return new(this, []);
        var sensed = this with { SensedSince = at };
        if (IsFree)
            return new(sensed, []);
        if (Waiting is [var first, ..])
            return (sensed with { Waiting = Waiting.RemoveAt(0) }).Take(first, at);
        if (IsHeldFree)
            return new(sensed, [new PortalEvent.PassedFreely(at)]);
        if (LastTaken is { } last && (at <= last.Deadline || IsDoorOpen is true))
            return new(sensed, [new PortalEvent.Tailgated(last.Grant, at)]);
        // Whoever stands in the beam of a closed door goes nowhere, and an open one was reported when it opened.
        return options.HasDoorContact ? new(sensed, []) : new(sensed, [new PortalEvent.ForcedOpen(at)]);
    }

    private SupervisionStep Unsense(TimeSpan at) =>
        new(this with { SensedSince = null, IsSensorStuck = false }, IsSensorStuck ? [new PortalEvent.SensorFreed(at)] : []);

    private SupervisionStep Free(TimeSpan at) =>
        Unobserve(at).Then(state => new(state with { IsFree = true, LastTaken = null, IsAlarmed = false }, []));

    private SupervisionStep Unfree(TimeSpan at) => !IsFree ? new(this, []) : new(
        this with { IsFree = false, OpenSince = IsDoorOpen is true ? at : null, SensedSince = SensedSince is null ? null : at, HeldOpenTold = false }, []);

    /// <summary>Who was granted before is still waited for, where a sensor can tell: the passage is theirs.</summary>
    private SupervisionStep HoldFree(TimeSpan at, SupervisionOptions options) =>
        (options.HasPassageSensor ? new SupervisionStep(this, []) : Unobserve(at))
            .Then(state => state.ExpireAll(at))
            .Then(state => new(state with { IsHeldFree = true, LastTaken = null, IsAlarmed = false }, []));

    private SupervisionStep EndHeldFree(TimeSpan at) => !IsHeldFree ? new(this, []) : new(
        this with { IsHeldFree = false, OpenSince = IsDoorOpen is true ? at : null, HeldOpenTold = false }, []);

    private SupervisionStep Lose(TimeSpan at) => Unobserve(at).Then(state => new(
        state with { IsDoorOpen = null, OpenSince = null, HeldOpenTold = false, SensedSince = null, IsSensorStuck = false, IsAlarmed = false, LastTaken = null }, []));

    private SupervisionStep Take(PendingGrant granted, TimeSpan at) =>
        new(this with { LastTaken = granted }, [new PortalEvent.PassageTaken(granted.Grant, at)]);

    private SupervisionStep Expire(TimeSpan at) =>
        new(this with { Waiting = Waiting.RemoveAt(0) }, [new PortalEvent.PassageNotTaken(Waiting[0].Grant, at)]);

    /// <summary>Those whose time ran out while the door was open.</summary>
    private SupervisionStep ExpireAll(TimeSpan at)
    {
        var step = new SupervisionStep(this, []);
        while (step.Next.Waiting is [{ Deadline: var deadline }, ..] && deadline <= at)
            step = step.Then(step.Next.Expire(at));
        return step;
    }

    private SupervisionStep Unobserve(TimeSpan at) =>
        new(this with { Waiting = [] }, [.. Waiting.Select(granted => new PortalEvent.PassageUnobserved(granted.Grant, at))]);
}

internal static class SupervisionSteps
{
    public static SupervisionStep Then(this SupervisionStep step, SupervisionStep next) => new(next.Next, step.Events.AddRange(next.Events));

    public static SupervisionStep Then(this SupervisionStep step, Func<PortalSupervision, SupervisionStep> next) => step.Then(next(step.Next));
}
