using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Access.Rules;
using EdgeGate.Devices.Portals;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Passing;

internal sealed record PassageWatchOptions
{
    public required SupervisionOptions Supervision { get; init; }

    /// <summary>How long the portal is open for one passage: a button pressed again meanwhile asks for nothing new.</summary>
    public required TimeSpan Pulse { get; init; }
}

/// <summary>
/// What becomes of the passages of one lane: puts on record whether they were taken, and what else its portal's sensors saw, and
/// opens for the exit button.
/// </summary>
internal sealed partial class PassageWatch(
    Lane lane, PassageInputs inputs, PassageWatchOptions options, RecordKeeper records, GateClock clock, TimeProvider time, ILogger<PassageWatch> log)
    : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    /// <summary>Time passes this much late, so that an edge that is under way comes before the deadline that it kept.</summary>
    private static readonly TimeSpan UnderWay = TimeSpan.FromMilliseconds(200);

    private PortalSupervision _portal = PortalSupervision.Start;
    private bool _burns;
    private TimeSpan? _lastExit;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        inputs.Complete();
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using (time.CreateTimer(_ => inputs.TimePassed(clock.SinceBoot - UnderWay), state: null, Tick, Tick))
        {
            // Not cancelled: what happened before the gate was told to stop is put on record.
            await foreach (var input in inputs.Reader.ReadAllAsync(CancellationToken.None))
                await TakeAsync(input);
        }
        await SuperviseAsync(new SupervisionInput.SensorsLost(clock.SinceBoot)); // nobody will see any more what becomes of the last grants
    }

    private async Task TakeAsync(PassageInput input)
    {
        if (inputs.TakeDropped() is > 0 and var dropped)
        {
            LogDropped(lane.Id, dropped);
            await SuperviseAsync(new SupervisionInput.SensorsLost(clock.SinceBoot));
        }
        switch (input)
        {
            case PassageInput.Supervised(var supervised):
                await SuperviseAsync(supervised);
                break;
            case PassageInput.Fire(var burns, var at) when burns != _burns:
                _burns = burns; // the driver has freed the portal; the record comes after, as only here it may
                await SuperviseAsync(new SupervisionInput.Freed(burns, at));
                await RecordAsync(() => records.PortalEventAsync(lane.Id, burns ? PortalEventKind.FireBegan : PortalEventKind.FireEnded, decision: null, ReadingAt(at), CancellationToken.None));
                LogFire(burns ? LogLevel.Critical : LogLevel.Warning, lane.Id, burns ? "burns: the portal is free" : "is over: the portal locks again");
                break;
            case PassageInput.ExitPressed(var at) when !_burns && !(at - _lastExit < options.Pulse):
                await LetOutAsync(at);
                break;
        }
    }

    private async Task SuperviseAsync(SupervisionInput input)
    {
        (_portal, var events) = _portal.Apply(input, options.Supervision);
        foreach (var happened in events)
        {
            var at = ReadingAt(happened.At);
            await (happened switch
            {
                PortalEvent.PassageTaken(var grant, _) => PassageAsync(grant, PassageOutcome.Taken, at),
                PortalEvent.PassageNotTaken(var grant, _) => PassageAsync(grant, PassageOutcome.NotTaken, at),
                PortalEvent.PassageUnobserved(var grant, _) => PassageAsync(grant, PassageOutcome.Unobserved, at),
                PortalEvent.Tailgated(var grant, _) => AlarmAsync(PortalEventKind.Tailgated, at, grant is PassageInputs.Unrecorded ? null : grant),
                PortalEvent.ForcedOpen => AlarmAsync(PortalEventKind.ForcedOpen, at),
                PortalEvent.HeldOpen => AlarmAsync(PortalEventKind.HeldOpen, at),
                PortalEvent.ClosedAgain => AlarmAsync(PortalEventKind.ClosedAgain, at),
                PortalEvent.PassedFreely => RecordAsync(() => records.PortalEventAsync(lane.Id, PortalEventKind.PassedFreely, decision: null, at, CancellationToken.None)),
                PortalEvent.SensorStuck => AlarmAsync(PortalEventKind.SensorStuck, at),
                PortalEvent.SensorFreed => AlarmAsync(PortalEventKind.SensorFreed, at),
                _ => throw new NotSupportedException($"nothing is known to be done about {happened}"),
            });
        }
    }

    private Task PassageAsync(long grant, PassageOutcome outcome, ClockReading at) => grant is PassageInputs.Unrecorded
        ? Task.CompletedTask
        : RecordAsync(() => records.PassageAsync(lane.Id, grant, outcome, at, CancellationToken.None));

    private Task<long?> AlarmAsync(PortalEventKind kind, ClockReading at, long? decision = null)
    {
        LogAlarm(lane.Id, JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString()));
        return RecordAsync(() => records.PortalEventAsync(lane.Id, kind, decision, at, CancellationToken.None));
    }

    /// <summary>As every grant: on disk first, then the portal.</summary>
    private async Task LetOutAsync(TimeSpan at)
    {
        _lastExit = at;
        var objection = PortalModeRule.ObjectionTo(lane.Mode.Current, Direction.Exit);
        var record = await RecordAsync(() => records.ExitRequestedAsync(lane.Id, objection, ReadingAt(at), CancellationToken.None));
        if (objection is not null || (record is null && !lane.Options.OpenWhenJournalFails))
            return;
        var asked = clock.SinceBoot;
        var moved = asked - at > lane.Options.GrantGoodFor
            ? new PortalResult.Unreachable("the disk was slow, and nobody stands at the button any more")
            : await lane.Portal.OpenForPassageAsync(credential: "", CancellationToken.None);
        if (moved is PortalResult.Moved)
        {
            await SuperviseAsync(new SupervisionInput.Granted(record ?? PassageInputs.Unrecorded, asked));
        }
        else if (record is { } requested)
        {
            await RecordAsync(() => records.PassageAsync(lane.Id, requested, moved, CancellationToken.None));
        }
    }

    /// <returns>The record's sequence; null when it could not be written.</returns>
    private async Task<long?> RecordAsync(Func<ValueTask<long>> write)
    {
        try
        {
            return await write();
        }
        catch (JournalException broken)
        {
            LogNotRecorded(lane.Id, broken);
            return null;
        }
    }

    /// <summary>The reading of now, put back to when it happened.</summary>
    private ClockReading ReadingAt(TimeSpan at)
    {
        var now = clock.Read();
        return now with { Wall = now.Wall - (now.SinceBoot - at), SinceBoot = at };
    }

    [LoggerMessage(LogLevel.Warning, "Lane {Lane}: {Event}")]
    private partial void LogAlarm(string lane, string @event);

    [LoggerMessage("Lane {Lane}: fire {What}")]
    private partial void LogFire(LogLevel level, string lane, string what);

    [LoggerMessage(LogLevel.Error, "Lane {Lane}: {Dropped} signals of the portal's sensors were dropped, since records could not be written fast enough")]
    private partial void LogDropped(string lane, int dropped);

    [LoggerMessage(LogLevel.Error, "Lane {Lane}: what happened at the portal could not be recorded")]
    private partial void LogNotRecorded(string lane, Exception cause);
}
