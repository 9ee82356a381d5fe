using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost;

/// <summary>What came of something a guard asked for.</summary>
internal abstract record DeskAnswer
{
    /// <param name="NotOpened">Why the portal did not move, in words.</param>
    public sealed record Done(string? NotOpened = null) : DeskAnswer;

    /// <summary>The person has gone, or somebody answered before.</summary>
    public sealed record Gone(EndedCase? End) : DeskAnswer;

    /// <summary>Nothing was done, because it could not be put on record.</summary>
    public sealed record NotRecorded : DeskAnswer;
    public sealed record NeedsSupervisor : DeskAnswer;

    /// <param name="Word">One the page has a sentence for.</param>
    public sealed record Refused(string Word) : DeskAnswer;
}

/// <summary>Does what guards ask for: on record first, then the portal.</summary>
internal sealed partial class GuardDesk(
    GuardPostOptions options, GuardRecords records, RecordKeeper passages, SiteOccupancy occupancy, string occupancyFile, GateClock clock, ILogger<GuardDesk> log)
{
    private const int MostPeople = 100_000;

    public bool NeedsSupervisor(GuardCase waiting) => waiting.Reasons.Any(options.SupervisorFor.Contains);

    /// <param name="action">Grant, deny or measure again, with the decision it answers.</param>
    public async Task<DeskAnswer> AnswerAsync(GuardSession session, Lane lane, GuardAction action, CancellationToken cancellationToken)
    {
        if (action.Kind is GuardActionKind.Grant && lane.Mode.Current is PortalMode.Closed)
            return new DeskAnswer.Refused("lane-closed");
        var mayAlone = action.Kind is not GuardActionKind.Grant || session.Role >= GuardRole.Supervisor || action.ApprovedBy is not null;
        var wish = action.Kind switch
        {
            GuardActionKind.Grant => CaseEnd.Granted,
            GuardActionKind.Deny => CaseEnd.Denied,
            _ => CaseEnd.MeasuredAgain,
        };
        var request = new GuardRequest(action.Decision!.Value, wish, session.Guard, clock.SinceBoot)
        {
            May = waiting => mayAlone || !NeedsSupervisor(waiting),
            RecordAsync = waiting => records.ActionAsync(
                session, action with { Lane = lane.Id, Person = waiting.Person, MaskedName = waiting.MaskedName }, CancellationToken.None),
        };
        await lane.Inputs.AskAsync(request, cancellationToken);
        return await request.Answered.WaitAsync(cancellationToken) switch
        {
            GuardResult.Done(_, var notOpened) => new DeskAnswer.Done(notOpened),
            GuardResult.Gone(var end) => new DeskAnswer.Gone(end),
            GuardResult.NotAllowed => new DeskAnswer.NeedsSupervisor(),
            _ => new DeskAnswer.NotRecorded(),
        };
    }

    /// <summary>For somebody who showed nothing: a pram, a wheelchair, a delivery; or for a person whom the action names.</summary>
    public async Task<DeskAnswer> OpenOnceAsync(GuardSession session, Lane lane, GuardAction action)
    {
        if (lane.Mode.Current is PortalMode.Closed)
            return new DeskAnswer.Refused("lane-closed");
        var askedAt = clock.SinceBoot;
        var opening = action with { Lane = lane.Id, Direction = action.Person is null ? null : lane.Options.Encounter.Direction };
        if (await RecordAsync(session, opening) is not { } record)
            return new DeskAnswer.NotRecorded();
        var opensAt = clock.SinceBoot;
        var (moved, isWatched) = opensAt - askedAt > lane.Options.GrantGoodFor
            ? (new PortalResult.Unreachable("the disk was slow, and nobody may stand there any more"), false)
            : await lane.OpenForPassageAsync("", record, opensAt);
        try
        {
            if (!isWatched)
                await passages.PassageAsync(lane.Id, record, moved, CancellationToken.None);
        }
        catch (JournalException broken)
        {
            LogPassageNotRecorded(record, broken);
        }
        return new DeskAnswer.Done((moved as PortalResult.Unreachable)?.Cause);
    }

    /// <param name="mode">Null: the lane's hours decide again.</param>
    public async Task<DeskAnswer> SetModeAsync(GuardSession session, Lane lane, PortalMode? mode)
    {
        if (mode is PortalMode.Free && lane.Portal.WhyNotHeld is not null)
            return new DeskAnswer.Refused("not-here");
        using var turn = await lane.Mode.TakeTurnAsync();
        if (await RecordAsync(session, new GuardAction(GuardActionKind.SetMode, lane.Id) { Mode = mode }) is null)
            return new DeskAnswer.NotRecorded();
        try
        {
            lane.Mode.Set(mode);
            return new DeskAnswer.Done();
        }
        catch (IOException unwritable)
        {
            LogModeNotKept(lane.Id, unwritable);
            await RecordAsync(session, new GuardAction(GuardActionKind.SetMode, lane.Id) { Mode = lane.Mode.FollowsHours ? null : lane.Mode.Current }); // the last on record is the one in force
            return new DeskAnswer.Refused("not-kept");
        }
    }

    /// <summary>Taken up within two seconds, and recorded then, by the same road as the command line's.</summary>
    public DeskAnswer CorrectOccupancy(GuardSession session, int inside)
    {
        if (inside is < 0 or > MostPeople || occupancy.Balance is null)
            return new DeskAnswer.Refused("bad-number");
        if (!occupancy.IsComplete)
            return new DeskAnswer.Refused("others-unheard");
        try
        {
            OccupancyCorrection.Request(occupancyFile, new CountedInside(inside, session.Guard));
            return new DeskAnswer.Done();
        }
        catch (IOException unwritable)
        {
            LogCountNotKept(unwritable);
            return new DeskAnswer.Refused("not-kept");
        }
    }

    /// <returns>The record's sequence; null when the journal takes none.</returns>
    public async Task<long?> RecordAsync(GuardSession session, GuardAction action)
    {
        try
        {
            return await records.ActionAsync(session, action, CancellationToken.None);
        }
        catch (JournalException broken)
        {
            LogNotRecorded(action.Kind, broken);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Error, "What came of record {Record} of a guard could not be recorded")]
    private partial void LogPassageNotRecorded(long record, Exception cause);

    [LoggerMessage(LogLevel.Error, "A guard's {Action} could not be recorded, so nothing was done")]
    private partial void LogNotRecorded(GuardActionKind action, Exception cause);

    [LoggerMessage(LogLevel.Error, "Lane {Lane}: the mode could not be kept, so it stays as it was")]
    private partial void LogModeNotKept(string lane, Exception cause);

    [LoggerMessage(LogLevel.Error, "The count of people inside could not be kept")]
    private partial void LogCountNotKept(Exception cause);
}
