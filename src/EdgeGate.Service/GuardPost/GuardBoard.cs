using EdgeGate.Access;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.GuardPost.Http;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost;

/// <summary>
/// All lanes as guards see them. As with the kiosk nothing is queued for anybody: who watches is told that something changed and takes the
/// newest picture when ready for it, so that a slow phone never holds a lane up.
/// </summary>
internal sealed class GuardBoard : IDisposable
{
    /// <summary>More phones and screens than any gate has; bounds what is held open.</summary>
    public const int MostWatchers = 50;

    private readonly Lanes _lanes;
    private readonly GuardDesk _desk;
    private readonly GuardSessions _sessions;
    private readonly SiteOccupancy _occupancy;
    private readonly HandheldReaders _handhelds;
    private readonly GateClock _clock;
    private TaskCompletionSource _changed = NewSignal();
    private int _watchers;

    public GuardBoard(Lanes lanes, GuardDesk desk, GuardSessions sessions, SiteOccupancy occupancy, HandheldReaders handhelds, GateClock clock)
    {
        (_lanes, _desk, _sessions, _occupancy, _handhelds, _clock) = (lanes, desk, sessions, occupancy, handhelds, clock);
        foreach (var lane in lanes.All)
            lane.Sight.Changed += Signal;
    }

    /// <summary>Completes with the next change after it was taken.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <returns>False when all places are taken.</returns>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _watchers) <= MostWatchers)
            return true;
        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _watchers);

    public BoardPicture Picture()
    {
        var now = _clock.Read();
        return new BoardPicture(
            [.. _lanes.All.Select(lane => Of(lane, now))],
            [.. _lanes.All.SelectMany(lane => lane.Sight.Ended).OrderByDescending(ended => ended.At).Take(8).Select(ended => new EndedPicture(
                ended.Case.Lane, ended.Case.Decision, ended.Case.MaskedName, ended.End, ended.By, ended.At.ToString("HH:mm")))],
            _occupancy.Inside, _sessions.OnDuty, now.Grade is ClockGrade.Unset ? null : now.Wall.ToString("yyyy-MM-dd HH:mm"));
    }

    public void Dispose()
    {
        foreach (var lane in _lanes.All)
            lane.Sight.Changed -= Signal;
    }

    private LanePicture Of(Lane lane, ClockReading now)
    {
        var view = lane.Sight.View;
        var words = KioskWords.For(view);
        return new LanePicture(
            lane.Id, lane.Options.Encounter.Direction, lane.Mode.Current, view.Face, words.Title, view.MaskedName, lane.Mode.FollowsHours,
            CanMeasureAgain: lane.Options.Encounter.TemperatureRequired || lane.Options.Encounter.HealthCodeRequired,
            IsHandheld: _handhelds.All.ContainsKey(lane.Id),
            lane.Sight.Waiting is { } waiting ? Of(waiting, now) : null);
    }

    private CasePicture Of(GuardCase waiting, ClockReading now) => new(
        waiting.Decision, waiting.MaskedName, waiting.Unit, [.. waiting.Reasons.Select(GuardWords.Of)],
        waiting.Temperature is { } measured ? decimal.Truncate(measured.Degrees * 10) / 10 : null,
        (int)(now.SinceBoot - waiting.Since).TotalSeconds, _desk.NeedsSupervisor(waiting));

    private void Signal() => Interlocked.Exchange(ref _changed, NewSignal()).SetResult();

    // Asynchronous, or the lane's thread would itself write to every phone.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
