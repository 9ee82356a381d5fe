using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Passing;

/// <summary>Whether a lane's portal was told to stay open, for whoever shows it.</summary>
internal sealed class FreePassage
{
    private volatile bool _isOpen;

    public bool IsOpen
    {
        get => _isOpen;
        set => _isOpen = value;
    }
}

/// <summary>Holds one lane's portal open while its mode is free. That it begins is on disk before the portal moves; that it ends, after.</summary>
internal sealed partial class FreePassageService(Lane lane, RecordKeeper records, GateClock clock, TimeProvider time, ILogger<FreePassageService> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Until a portal or a disk that did not obey is asked again.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private bool _wish, _isDone = true, _isOnRecord;
    private long _triedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true) // until the host stops: the wait then throws
            {
                await Task.Delay(LookEvery, time, stoppingToken);
                var wish = lane.Mode.Current is PortalMode.Free && lane.Portal.WhyNotHeld is null;
                if (wish != _wish || (!_isDone && time.GetElapsedTime(_triedAt) >= RetryAfter))
                    await TryAsync(wish);
            }
        }
        finally
        {
            if (_wish || !_isDone)
                await TryAsync(wish: false);
        }
    }

    private async Task TryAsync(bool wish)
    {
        var isNew = wish != _wish;
        (_wish, _triedAt) = (wish, time.GetTimestamp());
        var fault = await (wish ? BeginAsync() : EndAsync());
        _isDone = fault is null;
        if (fault is null)
            LogDone(lane.Id, wish ? "held open: its mode is free" : "no longer held open");
        else if (isNew)
            LogNotDone(lane.Id, wish ? "held open" : "let go", fault);
    }

    /// <returns>Why not, in words; null when the portal is open.</returns>
    private async Task<string?> BeginAsync()
    {
        _isOnRecord = _isOnRecord || await IsRecordedAsync(PortalEventKind.FreeBegan);
        if (!_isOnRecord && !lane.Options.OpenWhenJournalFails)
            return "nothing opens that is not on record";
        lane.Passages?.HeldFree(isFree: true, clock.SinceBoot); // before anybody can go through
        var moved = await lane.Portal.HoldAsync(open: true, CancellationToken.None);
        lane.FreePassage.IsOpen = moved is PortalResult.Moved;
        return (moved as PortalResult.Unreachable)?.Cause;
    }

    private async Task<string?> EndAsync()
    {
        lane.FreePassage.IsOpen = false;
        var moved = await lane.Portal.HoldAsync(open: false, CancellationToken.None);
        lane.Passages?.HeldFree(isFree: false, clock.SinceBoot);
        if (moved is PortalResult.Unreachable { Cause: var cause })
            return cause; // it may stand open still
        if (_isOnRecord && !await IsRecordedAsync(PortalEventKind.FreeEnded))
            return "it is locked, and that is not on record";
        _isOnRecord = false;
        return null;
    }

    private async Task<bool> IsRecordedAsync(PortalEventKind kind)
    {
        try
        {
            await records.PortalEventAsync(lane.Id, kind, decision: null, clock.Read(), CancellationToken.None);
            return true;
        }
        catch (JournalException broken)
        {
            LogNotRecorded(lane.Id, kind, broken);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "Lane {Lane}: the portal is {What}")]
    private partial void LogDone(string lane, string what);

    [LoggerMessage(LogLevel.Error, "Lane {Lane}: the portal could not be {What}, and is asked again every two seconds: {Cause}")]
    private partial void LogNotDone(string lane, string what, string cause);

    [LoggerMessage(LogLevel.Error, "Lane {Lane}: {Event} could not be recorded")]
    private partial void LogNotRecorded(string lane, PortalEventKind @event, Exception cause);
}
