using EdgeGate.Access;
using EdgeGate.Access.Rules;
using EdgeGate.Devices.Portals;
using EdgeGate.Journal;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Passing;

internal sealed record LaneOptions
{
    public required string Id { get; init; }
    public required EncounterOptions Encounter { get; init; }

    /// <summary>Fail-safe: open for a grant that cannot be recorded. Fail-secure, the default, keeps the portal closed.</summary>
    public bool OpenWhenJournalFails { get; init; }
    public bool ShowTemperature { get; init; }

    /// <summary>How far from the thermometer a forehead is held, in centimetres; null where nobody is measured.</summary>
    public int? MeasuredFrom { get; init; }

    /// <summary>A grant is for the person who stands there now. When disk or lane were slower than this, nobody does any more.</summary>
    public TimeSpan GrantGoodFor { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>
/// The sentence of the whole service: a presentation becomes an access request, rules make it an access decision, the decision
/// is on disk in the journal, moves the portal, and leaves by the uplink (which reads the journal).
/// </summary>
internal sealed partial class LaneService(
    Lane lane,
    AccessPolicy policy,
    RecordKeeper records,
    LaneFacts facts,
    PassUses uses,
    ProviderReports reports,
    GateClock clock,
    TimeProvider time,
    ILogger<LaneService> log) : BackgroundService
{
    /// <summary>How late a device or journal that fails or heals by itself shows on the kiosk. Ten times as often took a third of the processor time of a quiet gate.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly LaneOptions _options = lane.Options;
    private Encounter _encounter = Encounter.Idle;
    private LaneStanding? _shows;

    /// <summary>When the lane looks at the clock next, in time since boot.</summary>
    private TimeSpan _tickDue;

    /// <summary>Of the encounter's decision; null when it is not on record.</summary>
    private long? _decision;

    /// <summary>The portal did not move for the last grant: the screen must not say "please go ahead" before a closed gate.</summary>
    private bool _grantFailed;

    /// <summary>Who stands here for a guard to look at, and what was asked for them; null when nobody does.</summary>
    private (GuardCase Case, AccessRequest Request)? _forGuard;

    /// <summary>What came of the last grant, on its way to the disk: the next person need not wait for it.</summary>
    private Task _passageRecord = Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        lane.LastRound = clock.SinceBoot;
        try
        {
            await RunAsync(stoppingToken);
        }
        finally
        {
            await _passageRecord;
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        await using var tick = time.CreateTimer(_ => lane.Inputs.TimePassed(), state: null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await foreach (var input in lane.Inputs.Reader.ReadAllAsync(stoppingToken))
        {
            lane.LastRound = clock.SinceBoot;
            var before = _encounter;
            if (input is GuardRequest asked)
                await AnswerAsync(asked, stoppingToken);
            else
                await TakeAsync(input, stoppingToken);
            if (!ReferenceEquals(before, _encounter) || lane.Standing != _shows)
                ShowOnKiosk();
            if (input is EncounterInput.TimePassed)
                _tickDue = TimeSpan.Zero; // it came, be it a moment before its time, and comes no more by itself
            SetTick(tick);
        }
    }

    /// <summary>For when an answer goes away or a window ends, and also while nothing happens.</summary>
    private void SetTick(ITimer tick)
    {
        var now = clock.SinceBoot;
        var due = _encounter.EndsAt is { } ends && ends < now + LookEvery ? ends : now + LookEvery;
        if (_tickDue > now && _tickDue <= due)
            return; // early costs a look; setting a timer for every input cost more
        _tickDue = due;
        tick.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((due - now).TotalMilliseconds))), Timeout.InfiniteTimeSpan); // a timer drops parts of a millisecond
    }

    private async Task TakeAsync(EncounterInput input, CancellationToken stopping)
    {
        var (next, request) = _encounter.Apply(input, _options.Encounter);
        _encounter = next;
        if (_forGuard is { } overtaken && !next.WaitsForGuard)
            EndCase(overtaken.Case, input is EncounterInput.TimePassed ? CaseEnd.Left : CaseEnd.Overtaken, by: null);
        if (request is not null)
            await DecideAsync(request, mayPass: next.Phase is EncounterPhase.Deciding, stopping);
    }

    private async Task DecideAsync(AccessRequest request, bool mayPass, CancellationToken stopping)
    {
        request = facts.Complete(request with { Mode = lane.Mode.Current });
        var decision = policy.Decide(request);
        if (mayPass && decision.Outcome is Outcome.Granted && uses.TryTake(request) is { } objection)
            decision = new AccessDecision([.. decision.Answers, new RuleAnswer("pass-uses", objection)]);
        var isFollowed = mayPass && decision.Outcome is Outcome.Granted && lane.Passages is null;
        var sequence = await RecordAsync(request, decision, isFollowed, stopping);
        await FollowAsync(request, decision, sequence, mayPass);
        if (sequence is { } recorded) // last, for who stands there waits for the portal, and nobody for the log
            LogDecided(_options.Id, recorded, request.Presentation.ReaderId, decision.Outcome, string.Join(", ", decision.Reasons));
    }

    /// <summary>What a decision on record leads to.</summary>
    private async Task FollowAsync(AccessRequest request, AccessDecision decision, long? sequence, bool mayPass)
    {
        if (!mayPass)
            return; // overtaken or unreadable: on record, and nothing to show or move
        _decision = sequence;
        _encounter = _encounter.Apply(new EncounterInput.DecisionMade(decision, clock.SinceBoot), _options.Encounter).Next;
        if (_encounter.WaitsForGuard && sequence is { } number)
        {
            _grantFailed = false; // somebody else's
            _forGuard = (GuardCase.Of(_options.Id, number, request, decision, records.PersonOf(request.Presentation.Credential)), request);
            return; // what the provider is told waits for the guard's answer
        }
        var granted = decision.Outcome is Outcome.Granted;
        _grantFailed = granted && await LetPassAsync(request, sequence, request.At.SinceBoot) is not PortalResult.Moved;
        reports.Tell(request, passed: granted && !_grantFailed);
    }

    /// <summary>A guard's grant goes the way of every grant: on disk first, then the portal. Who has gone is not answered for.</summary>
    private async Task AnswerAsync(GuardRequest asked, CancellationToken stopping)
    {
        if (_forGuard is not var (waiting, request) || waiting.Decision != asked.Decision)
        {
            asked.Answer(new GuardResult.Gone(lane.Sight.EndOf(asked.Decision)));
            return;
        }
        if (!asked.May(waiting))
        {
            asked.Answer(new GuardResult.NotAllowed());
            return;
        }
        long record;
        try
        {
            record = await asked.RecordAsync(waiting);
        }
        catch (JournalException broken)
        {
            asked.Answer(new GuardResult.NotRecorded(broken.Message));
            return;
        }
        EndCase(waiting, asked.Wish, asked.By);
        PortalResult? moved = null;
        if (asked.Wish is CaseEnd.MeasuredAgain)
        {
            await TakeAsync(new EncounterInput.AskedAgain(clock.Read()), stopping);
        }
        else
        {
            var granted = asked.Wish is CaseEnd.Granted;
            if (granted)
                uses.Take(request); // a pass that is used up is the guard's to judge; its use counts all the same
            _encounter = _encounter.Apply(new EncounterInput.GuardAnswered(granted ? Outcome.Granted : Outcome.Denied, clock.SinceBoot), _options.Encounter).Next;
            moved = granted ? await LetPassAsync(request, record, asked.At) : null;
            _grantFailed = granted && moved is not PortalResult.Moved;
            reports.Tell(request, passed: granted && !_grantFailed);
        }
        asked.Answer(new GuardResult.Done(record, (moved as PortalResult.Unreachable)?.Cause));
    }

    private void EndCase(GuardCase waiting, CaseEnd end, string? by)
    {
        _forGuard = null;
        lane.Sight.End(new EndedCase(waiting, end, by, clock.Read().Wall));
    }

    /// <returns>The record's sequence; null when it could not be written.</returns>
    private async Task<long?> RecordAsync(AccessRequest request, AccessDecision decision, bool isFollowed, CancellationToken stopping)
    {
        try
        {
            return await records.DecidedAsync(_options.Id, request, decision, isFollowed, stopping);
        }
        catch (Exception broken) when (broken is JournalException or InvalidOperationException) // the latter: a record longer than the journal takes; one person's code must not stop the gate
        {
            LogNotRecorded(_options.Id, decision.Outcome, _options.OpenWhenJournalFails ? "opens (fail-safe)" : "stays closed (fail-secure)", broken);
            return null;
        }
    }

    /// <summary>A grant is carried to its end, passage record included, also when the gate is told to stop meanwhile.</summary>
    /// <param name="sequence">Of the record that grants; null when it could not be written.</param>
    /// <param name="grantedAt">Time since boot.</param>
    private async Task<PortalResult> LetPassAsync(AccessRequest request, long? sequence, TimeSpan grantedAt)
    {
        if (sequence is null && !_options.OpenWhenJournalFails)
        {
            uses.GiveBack(request);
            return new PortalResult.Unreachable("nothing opens that is not on record");
        }
        var asked = clock.SinceBoot;
        var (moved, isWatched) = asked - grantedAt > _options.GrantGoodFor
            ? (new PortalResult.Unreachable("the decision came too late: nobody stands there any more"), false)
            : await lane.OpenForPassageAsync(records.NameForPortal(request.Presentation.Credential), sequence, asked);
        if (moved is PortalResult.Unreachable { Cause: var cause })
            LogPortalNotMoved(_options.Id, cause);
        if (isWatched)
            return moved; // what became of it is on record when the sensors know
        var record = RecordPassageAsync(request, sequence, moved);
        _passageRecord = _passageRecord.IsCompletedSuccessfully ? record : Task.WhenAll(_passageRecord, record);
        return moved;
    }

    private async Task RecordPassageAsync(AccessRequest request, long? decision, PortalResult moved)
    {
        try
        {
            if (decision is { } decided)
            {
                await records.PassageAsync(_options.Id, decided, moved, CancellationToken.None);
                return;
            }
        }
        catch (JournalException broken)
        {
            LogPassageNotRecorded(_options.Id, decision, broken);
        }
        if (moved is PortalResult.Unreachable)
            uses.GiveBack(request); // else the record is what gives it back
    }

    private void ShowOnKiosk()
    {
        var standing = lane.Standing;
        _shows = standing;
        var decided = _encounter.Phase is EncounterPhase.Decided;
        var view = LaneView.Of(_encounter, decided && _grantFailed ? LaneStanding.OutOfService : standing, _options) with { Record = decided ? _decision : null };
        lane.Kiosk.Show(view);
        lane.Sight.Show(view, _forGuard?.Case);
    }

    [LoggerMessage(LogLevel.Information, "Lane {Lane}: record {Sequence}, reader {Reader}: {Outcome} {Reasons}")]
    private partial void LogDecided(string lane, long sequence, string reader, Outcome outcome, string reasons);

    [LoggerMessage(LogLevel.Error, "Lane {Lane}: a decision ({Outcome}) could not be recorded, so the portal {Portal}")]
    private partial void LogNotRecorded(string lane, Outcome outcome, string portal, Exception cause);

    [LoggerMessage(LogLevel.Error, "Lane {Lane}: the portal did not open: {Cause}")]
    private partial void LogPortalNotMoved(string lane, string cause);

    [LoggerMessage(LogLevel.Error, "Lane {Lane}: what came of decision {Decision} could not be recorded")]
    private partial void LogPassageNotRecorded(string lane, long? decision, Exception cause);
}
