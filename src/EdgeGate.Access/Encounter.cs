namespace EdgeGate.Access;

/// <summary>How a lane gathers evidence. All times are monotonic.</summary>
public sealed record EncounterOptions
{
    public Direction Direction { get; init; } = Direction.Entry;

    /// <summary>Whether a temperature belongs to a complete request. Identity always does.</summary>
    public bool TemperatureRequired { get; init; }

    /// <summary>Whether what is known about a health code belongs to a complete request.</summary>
    public bool HealthCodeRequired { get; init; }

    /// <summary>Whether a code on paper, a pass or a guard's word is complete without one: its holder may have no phone.</summary>
    public bool PassesNeedNoHealthCode { get; init; }

    /// <summary>How long evidence may come in after the first; then the request is decided with what there is.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How old a temperature measured, or a health code shown, before the identity may be.</summary>
    public TimeSpan FreshFor { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the answer stays up.</summary>
    public TimeSpan ResultShownFor { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long somebody whom a guard must see counts as standing there.</summary>
    public TimeSpan WaitsForGuardUpTo { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A measurement outside these is kept for the record but does not complete the evidence: the lane goes on measuring.</summary>
    public TemperatureLimits Limits { get; init; } = new();
}

public enum EncounterPhase
{
    Idle,
    Gathering,

    /// <summary>The evidence is with the rules; the decision is not on disk yet.</summary>
    Deciding,

    /// <summary>Decided and on disk: the answer is shown.</summary>
    Decided,
}

/// <summary>What can happen to an encounter. Each carries its own time since boot: readings may arrive late.</summary>
public abstract record EncounterInput
{
    public sealed record Presented(Presentation Presentation) : EncounterInput;

    /// <summary>A card lies on a reader and is being read: nothing is known of it yet.</summary>
    public sealed record CardNoticed(TimeSpan At) : EncounterInput;

    public sealed record Measured(TemperatureEvidence Temperature, ClockReading Now) : EncounterInput;

    /// <summary>A health code was scanned, and is now looked into: whose it is is settled by this moment, not by that of the answer.</summary>
    /// <param name="GuardAction">As <see cref="Presentation.GuardAction"/>.</param>
    public sealed record CodeShown(string CodeId, TimeSpan At, long? GuardAction = null) : EncounterInput;

    public sealed record CodeJudged(HealthCodeEvidence Evidence, ClockReading Now) : EncounterInput;

    /// <summary>The lane's decision is on disk.</summary>
    public sealed record DecisionMade(AccessDecision Decision, TimeSpan At) : EncounterInput;

    /// <summary>A guard has looked at the person in hand, and the answer is on disk.</summary>
    public sealed record GuardAnswered(Outcome Answer, TimeSpan At) : EncounterInput;

    /// <summary>A guard wants the person in hand measured again: as if the credential had been shown once more, now.</summary>
    public sealed record AskedAgain(ClockReading Now) : EncounterInput;

    /// <summary>Time passed; send it when <see cref="Encounter.EndsAt"/> is reached.</summary>
    public sealed record TimePassed(ClockReading Now) : EncounterInput;
}

/// <summary>
/// The state after an input and, when one is due, the request that must be decided now. It is the request of the person
/// in hand, who may pass if granted, exactly when the state is <see cref="EncounterPhase.Deciding"/>; else it is that of
/// somebody overtaken or unreadable, who never passes.
/// </summary>
public readonly record struct EncounterStep(Encounter Next, AccessRequest? ToDecide = null);

/// <summary>
/// One person's way through one lane: idle → gathering → deciding → decided → idle. A pure state machine: an input makes a
/// new state and at most one request. It holds at most one identity, one temperature and one health code, so it cannot grow,
/// and it is the one place that decides whose evidence is whose.
/// </summary>
/// <remarks>
/// The promises, each a property test: every presentation that is not a repeat of the one in hand makes exactly one request;
/// a temperature or a health code is only ever in the requests of one holder; a request is complete, out of time, or marked superseded.
/// </remarks>
public sealed record Encounter(EncounterPhase Phase)
{
    public static readonly Encounter Idle = new(EncounterPhase.Idle);

    /// <summary>A card is being read and nobody is identified yet.</summary>
    public bool CardOnReader { get; private init; }
    public Presentation? Identity { get; private init; }
    public TemperatureEvidence? Temperature { get; private init; }
    public AccessDecision? Decision { get; private init; }

    /// <summary>What a guard answered, where the decision left it to one.</summary>
    public Outcome? GuardAnswer { get; private init; }

    /// <summary>The person in hand stands there and a guard must look.</summary>
    public bool WaitsForGuard => Phase is EncounterPhase.Decided && Decision!.Outcome is Outcome.Guard && GuardAnswer is null;

    /// <summary>Until then the answer is up, and the same credential shown again is the same presentation.</summary>
    private TimeSpan? ShownUntil { get; init; }

    /// <summary>The health code in hand; its evidence is null until it was looked into.</summary>
    public ShownCode? Code { get; private init; }

    /// <summary>When <see cref="EncounterInput.TimePassed"/> is due, in time since boot; null when nothing is waited for.</summary>
    public TimeSpan? EndsAt { get; private init; }

    /// <summary>The last stay at the thermometer that counted for somebody: it never counts for anybody else.</summary>
    private EpisodeUse? LastUse { get; init; }

    /// <summary>The last health code that counted for somebody: it never counts for anybody else.</summary>
    private CodeUse? LastCodeUse { get; init; }

    public sealed record ShownCode(string CodeId, TimeSpan At, HealthCodeEvidence? Evidence = null)
    {
        /// <summary>As <see cref="Presentation.GuardAction"/>.</summary>
        public long? GuardAction { get; init; }
    }

    /// <summary>Who was in hand last, measured or not: a stay that began before <c>Until</c> is theirs.</summary>
    private InHand? LastInHand { get; init; }

    private sealed record EpisodeUse(long Episode, Presentation By);

    private sealed record InHand(Presentation Who, TimeSpan Until);

    private sealed record CodeUse(string CodeId, Presentation By);

    public EncounterStep Apply(EncounterInput input, EncounterOptions options) => input switch
    {
        EncounterInput.Presented(var presentation) => Present(presentation, options),
        EncounterInput.CardNoticed(var at) when Identity is null => new(this with
        {
            Phase = EncounterPhase.Gathering,
            CardOnReader = true,
            EndsAt = at + options.Window,
        }),
        EncounterInput.Measured(var measured, var now) => Measure(measured, now, options),
        EncounterInput.CodeShown(var codeId, var at, var by) => ShowCode(new(codeId, at) { GuardAction = by }, options),
        EncounterInput.CodeJudged(var evidence, var now) when Code is { Evidence: null } code && code.CodeId == evidence.CodeId => JudgeCode(code with { Evidence = evidence }, now, options),
        EncounterInput.DecisionMade(var decision, var at) when Phase is EncounterPhase.Deciding => new(this with
        {
            Phase = EncounterPhase.Decided,
            Decision = decision,
            ShownUntil = at + options.ResultShownFor,
            EndsAt = at + (decision.Outcome is Outcome.Guard ? options.WaitsForGuardUpTo : options.ResultShownFor),
        }),
        EncounterInput.GuardAnswered(var answer, var at) when WaitsForGuard => new(this with
        {
            GuardAnswer = answer,
            ShownUntil = at + options.ResultShownFor,
            EndsAt = at + options.ResultShownFor,
        }),
        EncounterInput.AskedAgain(var now) when WaitsForGuard => Begin(Identity! with { Seen = now }, temperature: null, Code, options),
        EncounterInput.TimePassed(var now) when now.SinceBoot >= EndsAt => RunOut(now, options),
        _ => new(this),
    };

    private EncounterStep Present(Presentation presentation, EncounterOptions options)
    {
        if (Phase is EncounterPhase.Deciding)
            throw new InvalidOperationException("a lane puts the decision on disk before it takes the next input");
        if (Identity is null)
        {
            return presentation.Credential is Credential.Unreadable
                ? Begin(presentation, temperature: null, code: null, options) // or the same person's next try would find them used up
                : Begin(presentation, FreshTemperature(presentation, options), FreshCode(presentation, options), options);
        }
        if (IsSameHolder(Identity, presentation) && !(presentation.Seen.SinceBoot >= ShownUntil))
            return new(this); // shown twice, or still there while the answer is up, is one presentation
        if (Phase is EncounterPhase.Decided)
            return Begin(presentation, temperature: null, code: null, options);
        return presentation.Credential is Credential.Unreadable
            ? new(this, Request(presentation, presentation.Seen, options)) // nobody's card: the one in hand goes on
            : Supersede(Identity, presentation, options);
    }

    private EncounterStep Begin(Presentation presentation, TemperatureEvidence? temperature, ShownCode? code, EncounterOptions options)
    {
        var begun = this with
        {
            Phase = EncounterPhase.Gathering,
            CardOnReader = false,
            Identity = presentation,
            Temperature = temperature,
            Code = code,
            Decision = null,
            GuardAnswer = null,
            ShownUntil = null,
            EndsAt = presentation.Seen.SinceBoot + options.Window,
            LastUse = temperature is null ? LastUse : new(temperature.Episode, presentation),
            LastCodeUse = code is null ? LastCodeUse : new(code.CodeId, presentation),
        };
        return begun.DecideIfComplete(presentation.Seen, options);
    }

    /// <summary>Another person came before this one's evidence was complete. What was gathered goes with the one it was gathered for.</summary>
    private EncounterStep Supersede(Presentation overtaken, Presentation next, EncounterOptions options)
    {
        // A lane gathers only where more than an identity is required, and the next person has none of it yet: nothing else is due now.
        var begun = Begin(next, temperature: null, code: null, options).Next;
        return new(begun with { LastInHand = new(overtaken, next.Seen.SinceBoot) }, Request(overtaken, next.Seen, options) with { Superseded = true });
    }

    private EncounterStep Measure(TemperatureEvidence measured, ClockReading now, EncounterOptions options)
    {
        if (!options.TemperatureRequired || Phase is EncounterPhase.Deciding or EncounterPhase.Decided)
            return new(this);
        if (Identity is null)
            return MeasuredFirst(measured, options);
        if (measured.At < Identity.Seen.SinceBoot - options.FreshFor || IsOfAnother(measured, Identity))
            return new(this);
        var withIt = this with { Temperature = measured, LastUse = new(measured.Episode, Identity) };
        return withIt.DecideIfComplete(now, options);
    }

    private EncounterStep MeasuredFirst(TemperatureEvidence measured, EncounterOptions options) =>
        measured.Episode <= LastUse?.Episode
            ? new(this) // the person who was just served still stands there
            : new(this with
            {
                Phase = EncounterPhase.Gathering,
                Temperature = measured,
                EndsAt = Later(EndsAt, measured.At + options.FreshFor),
            });

    private EncounterStep ShowCode(ShownCode shown, EncounterOptions options)
    {
        if (!options.HealthCodeRequired || Phase is EncounterPhase.Deciding)
            return new(this);
        if (Phase is EncounterPhase.Decided)
        {
            return LastCodeUse?.CodeId == shown.CodeId
                ? new(this) // the person just served still holds it up
                : Empty().ShowCode(shown, options); // the next person
        }
        if (Identity is null)
            return new(this with { Phase = EncounterPhase.Gathering, Code = shown, EndsAt = Later(EndsAt, shown.At + options.FreshFor) });
        // The first one counts: what comes while it is looked into may be the next person's.
        return Code is not null || shown.At < Identity.Seen.SinceBoot - options.FreshFor || CountedForAnother(shown, Identity)
            ? new(this)
            : new(this with { Code = shown, LastCodeUse = new(shown.CodeId, Identity) });
    }

    private EncounterStep JudgeCode(ShownCode judged, ClockReading now, EncounterOptions options)
    {
        var known = this with { Code = judged };
        return Phase is EncounterPhase.Gathering && Identity is not null ? known.DecideIfComplete(now, options) : new(known);
    }

    private EncounterStep RunOut(ClockReading now, EncounterOptions options) =>
        Phase is EncounterPhase.Gathering && Identity is { } waiting
            ? Decide(waiting, now, options)
            : new(Empty());

    /// <summary>Nobody in hand; whose the last evidence was is still known.</summary>
    private Encounter Empty() => Idle with { LastUse = LastUse, LastCodeUse = LastCodeUse, LastInHand = LastInHand };

    private EncounterStep DecideIfComplete(ClockReading now, EncounterOptions options)
    {
        var complete = Identity!.Credential is Credential.Unreadable // nothing more can make it pass
            || ((!options.TemperatureRequired || (Temperature is not null && options.Limits.Believes(Temperature)))
                && (!NeedsHealthCode(options) || Code?.Evidence is not null));
        return complete ? Decide(Identity!, now, options) : new(this);
    }

    /// <summary>Whether the request of the person in hand waits for a health code.</summary>
    public bool NeedsHealthCode(EncounterOptions options) =>
        options.HealthCodeRequired && !(options.PassesNeedNoHealthCode && Identity?.Credential is (Credential.Code or Credential.Pass or Credential.Statement));

    private EncounterStep Decide(Presentation presentation, ClockReading now, EncounterOptions options) =>
        new(
            this with
            {
                Phase = EncounterPhase.Deciding,
                EndsAt = null,
                // Who could not be read may be anybody, also the one who shows the next card.
                LastInHand = presentation.Credential is Credential.Unreadable ? LastInHand : new(presentation, now.SinceBoot),
            },
            Request(presentation, now, options));

    private AccessRequest Request(Presentation presentation, ClockReading now, EncounterOptions options) =>
        new(presentation, options.Direction, ReferenceEquals(presentation, Identity) ? Temperature : null, now)
        {
            HealthCode = ReferenceEquals(presentation, Identity) ? Code?.Evidence : null,
            GuardActions = GuardActionsOf(presentation, ReferenceEquals(presentation, Identity) ? Code : null),
        };

    private static IReadOnlyList<long> GuardActionsOf(Presentation presentation, ShownCode? code) => (code?.GuardAction, presentation.GuardAction) switch
    {
        (null, null) => [], // as nearly always
        var (shown, presented) => [.. new[] { shown, presented }.OfType<long>().Order()],
    };

    private TemperatureEvidence? FreshTemperature(Presentation presentation, EncounterOptions options) =>
        Temperature is { } measured
        && presentation.Seen.SinceBoot - measured.At <= options.FreshFor
        && !IsOfAnother(measured, presentation)
            ? measured
            : null;

    private ShownCode? FreshCode(Presentation presentation, EncounterOptions options) =>
        Code is { } shown && presentation.Seen.SinceBoot - shown.At <= options.FreshFor && !CountedForAnother(shown, presentation) ? shown : null;

    private bool CountedForAnother(ShownCode shown, Presentation somebody) =>
        LastCodeUse is { } use && use.CodeId == shown.CodeId && !IsSameHolder(use.By, somebody);

    private static TimeSpan Later(TimeSpan? one, TimeSpan other) => one > other ? one.Value : other;

    /// <summary>Also of stays before the last that counted: a reading that arrives that late is of nobody who is still here.</summary>
    private bool IsOfAnother(TemperatureEvidence measured, Presentation somebody) =>
        (LastUse is { } use && (measured.Episode < use.Episode || (measured.Episode == use.Episode && !IsSameHolder(use.By, somebody))))
        || (LastInHand is { } before && measured.Began < before.Until && !IsSameHolder(before.Who, somebody));

    private static bool IsSameHolder(Presentation one, Presentation other) =>
        ReferenceEquals(one, other) || (one.Credential.Holder is { } holder && holder == other.Credential.Holder);
}
