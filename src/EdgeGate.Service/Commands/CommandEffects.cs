using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Notices;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Kiosk.Notices;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Commands;

/// <summary>What came of a command that is on record.</summary>
/// <param name="Words">What was done, or why not.</param>
/// <param name="Failure">Null when it was done.</param>
internal sealed record CommandEffect(string Words, CommandReason? Failure = null)
{
    /// <summary>What ends the gate, or the connection, waits until the answer is on its way; null when there is nothing.</summary>
    public Action? AfterAnswer { get; init; }
}

/// <summary>Starts the machine anew.</summary>
/// <returns>Why not, in words; null when it is under way.</returns>
internal delegate string? Reboot();

/// <summary>Carries commands out. Called only with commands that were judged good and whose record is on disk.</summary>
internal sealed partial class CommandEffects(
    Lanes lanes, NoticeShelf notices, SettingsChange settings, Reboot reboot, RecordKeeper records, ResendRequests resends, TallyService tally,
    GateTopics topics, GateClock clock, TimeProvider time, ILogger<CommandEffects> log)
{
    private static readonly TimeSpan IdentifiesFor = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestNotice = TimeSpan.FromHours(24);

    /// <summary>Why this gate can never do it, in words; null when it can. Asked before the command is on record.</summary>
    /// <param name="keyId">Who signed it.</param>
    public string? WhyNot(GateCommand command, string keyId)
    {
        var now = clock.Read().Wall;
        return command switch
        {
            OpenOnceCommand { Lane: var asked } when lanes.Find(asked) is null => lanes.NoSuchLane,
            SetModeCommand { Lane: var asked } when lanes.Find(asked) is null => lanes.NoSuchLane,
            SetModeCommand { Mode: PortalMode.Free, Lane: var asked } when lanes.Find(asked)!.Portal.WhyNotHeld is { } why => $"the portal cannot be held open: {why}",
            NoticeCommand { Until: var until } when until <= now => "the notice is over already",
            NoticeCommand { Until: var until } when until - now > LongestNotice => $"a notice stands for at most {LongestNotice.TotalHours:0} hours",
            ApplySettingsCommand apply => settings.WhyNot(apply, keyId),
            _ => null,
        };
    }

    /// <returns>To be disposed when the command is carried out; null for one whose record and effect need not stand in one order with those of others.</returns>
    public async Task<IDisposable?> TakeTurnAsync(GateCommand command) => command is SetModeCommand set ? await lanes.Find(set.Lane)!.Mode.TakeTurnAsync() : null;

    /// <param name="record">The command's own, on disk.</param>
    /// <param name="takenAt">Time since boot when the command came.</param>
    public async Task<CommandEffect> ApplyAsync(GateCommand command, long record, TimeSpan takenAt)
    {
        switch (command)
        {
            case OpenOnceCommand open:
                return await OpenAsync(lanes.Find(open.Lane)!, open, record, takenAt);
            case SetModeCommand set:
                return SetMode(lanes.Find(set.Lane)!, set.Mode);
            case ResendRangeCommand range:
                return resends.TryRequest(range.First, range.Last)
                    ? new($"records {range.First} to {range.Last} will be sent again")
                    : new("other ranges wait to be sent again: ask later", CommandReason.NotStored);
            case ReportTallyCommand:
                return await PublishTallyAsync();
            case IdentifyCommand:
                foreach (var lane in lanes.All)
                    lane.Kiosk.Post(new KioskNotice(KioskWords.ThisIs(topics.Gate), NoticeRank.Identification, EndsAfter(IdentifiesFor)));
                return new($"the kiosk shows the gate's name for {IdentifiesFor.TotalSeconds:0} s");
            case NoticeCommand notice:
                return Show(notice);
            case ApplySettingsCommand apply:
                return settings.Apply(apply);
            case RebootCommand:
                return reboot() is { } failure ? new($"the machine was not started anew: {failure}", CommandReason.NotPossible) : new("the machine starts anew");
            default:
                throw new NotSupportedException($"nothing is known to be done for {command.Kind}");
        }
    }

    private CommandEffect Show(NoticeCommand notice)
    {
        try
        {
            notices.Add(new SiteNotice(notice.Zh, notice.En, notice.Until));
            return new("the notice is on the kiosk");
        }
        catch (IOException unwritable)
        {
            return new($"the notice could not be kept, so it is not shown: {unwritable.Message}", CommandReason.NotStored);
        }
    }

    /// <summary>As a grant of the lane: the record came first, the portal next, and what came of it is a passage record.</summary>
    private async Task<CommandEffect> OpenAsync(Lane lane, OpenOnceCommand open, long record, TimeSpan takenAt)
    {
        var asked = clock.SinceBoot;
        var (moved, isWatched) = asked - takenAt > lane.Options.GrantGoodFor
            ? (new PortalResult.Unreachable("the disk was slow and the command too old when it was on record"), false)
            : await lane.OpenForPassageAsync(open.Id, record, asked);
        try
        {
            if (!isWatched)
                await records.PassageAsync(lane.Id, record, moved, CancellationToken.None);
        }
        catch (JournalException broken)
        {
            LogPassageNotRecorded(record, broken);
        }
        return moved is PortalResult.Unreachable { Cause: var cause }
            ? new($"the portal did not open: {cause}", CommandReason.PortalUnreachable)
            : new("the portal was opened for one passage");
    }

    private async Task<CommandEffect> PublishTallyAsync()
    {
        try
        {
            await tally.PublishAsync(CancellationToken.None);
            return new("the tally is on its way");
        }
        catch (JournalException unreadable)
        {
            return new($"the journal cannot be read for it: {unreadable.Message}", CommandReason.NotStored);
        }
    }

    private static CommandEffect SetMode(Lane lane, PortalMode? asked)
    {
        try
        {
            lane.Mode.Set(asked);
            return new(asked is { } mode
                ? $"the mode is {JsonNamingPolicy.KebabCaseLower.ConvertName(mode.ToString())}"
                : $"the mode follows the lane's hours again: it is {JsonNamingPolicy.KebabCaseLower.ConvertName(lane.Mode.Current.ToString())} now");
        }
        catch (IOException unwritable)
        {
            return new($"the mode could not be kept, so it stays as it was: {unwritable.Message}", CommandReason.NotStored);
        }
    }

    private long EndsAfter(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);

    [LoggerMessage(LogLevel.Error, "What came of the command on record {Record} could not be recorded")]
    private partial void LogPassageNotRecorded(long record, Exception cause);
}
