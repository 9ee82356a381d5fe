using System.Text;
using System.Threading.Channels;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Mqtt;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Uplink;

/// <summary>
/// Sends the journal to the broker in two lanes: records of now at once, and beside them what waited, at the pace of its
/// answers; behind both what the center asks for again. One loop owns all; the journal, not this service, is the truth, so a restart loses nothing and doubles a window at most.
/// </summary>
/// <remarks>
/// Whose word lets a record go is a setting. With <see cref="ReceiptsFrom.Center"/> the journal's cursor moves only by the center's
/// receipts, and what the broker acknowledged but the center did not confirm in time, or a broker without memory may have lost, goes again.
/// </remarks>
internal sealed partial class UplinkService(
    GateJournal journal, IMqttLink link, GateTopics topics, RetainedOutbox retained, Receipts receipts, ResendRequests resends, UplinkStatus status, TimeProvider time,
    ILogger<UplinkService> log)
    : BackgroundService
{
    /// <summary>What the link is told of a message that is no record; records have their numbers, those sent again the negated ones.</summary>
    public const long NotARecord = 0;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>A backlog this long waits a random moment first: after an outage a thousand gates come back at once.</summary>
    private const long LongBacklog = 1000;
    private static readonly TimeSpan DrainSpread = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private OutboxLane _late = new(journal, topics.Backlog, topics.Alarms, after: journal.AcknowledgedUpTo, upTo: journal.LastSequence);
    private OutboxLane _live = new(journal, topics.Passages, topics.Alarms, after: journal.LastSequence);
    private OutboxLane? _resend;
    private readonly RefusalCount _refusals = new();

    private Task<bool>? _answered, _woken;
    private Task? _hasRoom, _appended;

    /// <summary>The login last greeted, told by what was agreed in it: each has its own.</summary>
    private MqttServerLimits? _greeted;
    private (long Since, TimeSpan For)? _pause;
    private (long Since, TimeSpan For)? _lateStart;

    /// <summary>The broker's word, over both lanes.</summary>
    private long AcknowledgedUpTo => _late.IsDelivered ? _live.AcknowledgedUpTo : _late.AcknowledgedUpTo;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        link.Changed += OnLinkChanged;
        retained.Changed += Wake;
        receipts.Changed += Wake;
        resends.Changed += Wake;
        if (receipts.AreWanted)
            _ = link.SubscribeAsync(topics.Receipt, receipts.TakeAsync, stoppingToken); // answered by an event, and asked again at every login
        await link.StartAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            await TakeAnswersAsync(stoppingToken);
            if (link.State.Phase is MqttLinkPhase.Online && link.Limits is { } login && !ReferenceEquals(login, _greeted))
                Greet(login);
            retained.Drain(TryPublishRetained);
            await SendAsync(stoppingToken);
            await WaitForWorkAsync(stoppingToken);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await link.StopAsync(drain: TimeSpan.FromSeconds(2), cancellationToken);
        await TakeAnswersAsync(cancellationToken);
    }

    private async ValueTask TakeAnswersAsync(CancellationToken cancellationToken)
    {
        while (link.Acks.TryRead(out var ack))
        {
            if (ack.RowId != NotARecord)
                await TakeAnswerAsync(ack, cancellationToken);
            else if (ack.Outcome is MqttAckOutcome.Refused or MqttAckOutcome.RetryLater)
                LogStateRefused(ack.Reason, ack.Text); // it goes out again at the next change or login
        }
        status.BrokerHasUpTo = AcknowledgedUpTo;
        if (!receipts.AreWanted)
            journal.Acknowledge(AcknowledgedUpTo);
        else
            await ApplyReceiptAsync(cancellationToken);
    }

    private async ValueTask ApplyReceiptAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await receipts.ApplyAsync(brokerHasUpTo: AcknowledgedUpTo, cancellationToken))
                SendUnreceiptedAgain();
        }
        catch (JournalException unreadable)
        {
            RestFromJournal(unreadable);
        }
    }

    private async ValueTask TakeAnswerAsync(MqttAck ack, CancellationToken cancellationToken)
    {
        if (LaneOf(ack.RowId) is not { } lane)
            return; // of a range asked for again whose lane has ended since
        var sequence = Math.Abs(ack.RowId);
        switch (ack.Outcome)
        {
            case MqttAckOutcome.Accepted:
                lane.Arrived(sequence);
                _refusals.Accepted(ack.RowId);
                if (journal.Status.IsDeadLetter(sequence))
                    await TakeBackAsync(sequence, cancellationToken);
                break;
            case MqttAckOutcome.OfferAgain:
                lane.SendAgain(sequence);
                break;
            case MqttAckOutcome.Refused or MqttAckOutcome.RetryLater when IsTheRecordsFault(ack) && await TrySetAsideAsync(sequence, ack, cancellationToken):
                lane.Arrived(sequence);
                break;
            // Every other refusal, such as "not authorised" or "no QoS 1 here", is a fault of the broker's settings and not of the
            // record: it must not cost us every record there is.
            default:
                if (LeftOf(_pause) <= TimeSpan.Zero)
                    LogRetryLater(sequence, ack.Reason, ack.Text); // once for a whole window
                _pause = (time.GetTimestamp(), Pause);
                lane.SendAgain(sequence);
                break;
        }
    }

    private bool IsTheRecordsFault(MqttAck ack) => ack.Reason switch
    {
        MqttReason.PacketTooLarge or MqttReason.PayloadFormatInvalid => true,
        MqttReason.UnspecifiedError or MqttReason.ImplementationSpecificError => _refusals.Refused(ack.RowId),
        _ => false,
    };

    private async ValueTask<bool> TrySetAsideAsync(long sequence, MqttAck ack, CancellationToken cancellationToken)
    {
        try
        {
            if (!await journal.SetAsideAsync(sequence, $"{ack.Reason} {ack.Text}".TrimEnd(), cancellationToken))
                return false;
        }
        catch (JournalException unwritable)
        {
            LogUnusable(unwritable);
            return false;
        }
        LogSetAside(sequence, ack.Reason, ack.Text);
        return true;
    }

    /// <summary>Only now that the broker has it: until then the list of dead letters may be all that still knows of it.</summary>
    private async ValueTask TakeBackAsync(long sequence, CancellationToken cancellationToken)
    {
        try
        {
            await journal.TakeBackAsync(sequence, cancellationToken);
        }
        catch (JournalException unwritable)
        {
            LogUnusable(unwritable);
        }
    }

    private OutboxLane? LaneOf(long row) => row < 0 ? _resend : _live.Covers(row) ? _live : _late;

    /// <summary>After a login what was made before it is late, and what is under way keeps its place.</summary>
    private void Greet(MqttServerLimits login)
    {
        _greeted = login;
        retained.SendAllAgain(login.Login);
        var border = journal.LastSequence;
        _late = receipts.AreWanted && !login.SessionPresent ? new OutboxLane(journal, topics.Backlog, topics.Alarms, journal.AcknowledgedUpTo, border)
            : (_late.IsDelivered ? _live : _late).As(topics.Backlog, upTo: border);
        _live = new OutboxLane(journal, topics.Passages, topics.Alarms, after: border);
        _lateStart = border - _late.AcknowledgedUpTo > LongBacklog ? (time.GetTimestamp(), DrainSpread * Random.Shared.NextDouble()) : null;
    }

    /// <summary>The broker had them and the center did not say so in time: whatever became of them, they go again.</summary>
    private void SendUnreceiptedAgain()
    {
        var border = journal.LastSequence;
        LogOverdue(journal.AcknowledgedUpTo + 1, border);
        _late = new OutboxLane(journal, topics.Backlog, topics.Alarms, journal.AcknowledgedUpTo, border);
        _live = new OutboxLane(journal, topics.Passages, topics.Alarms, after: border);
    }

    private async ValueTask SendAsync(CancellationToken stopping)
    {
        try
        {
            if (!MaySend)
                return;
            await _live.FillAsync(stopping);
            if (!_live.Send(link) || LeftOf(_lateStart) > TimeSpan.Zero)
                return;
            await _late.FillAsync(stopping);
            if (_late.Send(link))
                await ResendAsync(stopping);
        }
        catch (JournalException unreadable)
        {
            RestFromJournal(unreadable);
        }
    }

    private void RestFromJournal(JournalException unreadable)
    {
        if (LeftOf(_pause) <= TimeSpan.Zero)
            LogUnusable(unreadable); // once for a whole pause
        _pause = (time.GetTimestamp(), Pause);
    }

    /// <summary>One range after the other; a dead letter in it is offered too.</summary>
    private async ValueTask ResendAsync(CancellationToken stopping)
    {
        if (_resend is null or { IsDelivered: true })
        {
            _resend = null;
            if (!resends.TryTake(out var range))
                return;
            var (first, last) = (Math.Max(range.First, journal.Status.PurgedUpTo + 1), Math.Min(range.Last, journal.LastSequence));
            if (first > last)
                return;
            LogResend(first, last);
            _resend = new OutboxLane(journal, topics.Backlog, topics.Alarms, after: first - 1, upTo: last, isResend: true);
        }
        await _resend.FillAsync(stopping);
        _resend.Send(link);
    }

    private bool TryPublishRetained(string topic, byte[] payload) =>
        link.TryPublish(new MqttOutgoing { Topic = Encoding.UTF8.GetBytes(topic), Payload = payload, Retain = true }, NotARecord);

    /// <summary>After a login nothing goes before <see cref="Greet"/>: what waited would call itself live. The link is asked, since its events come a moment later.</summary>
    private bool MaySend => link.State.Phase is MqttLinkPhase.Online && ReferenceEquals(link.Limits, _greeted) && LeftOf(_pause) <= TimeSpan.Zero;

    private TimeSpan LeftOf((long Since, TimeSpan For)? pause) => pause is { } begun ? begun.For - time.GetElapsedTime(begun.Since) : TimeSpan.Zero;

    /// <summary>Returns when there may be something to do: an answer, room for a record in hand, a new record, an elapsed pause, or a wake-up.</summary>
    private async Task WaitForWorkAsync(CancellationToken stopping)
    {
        var (pause, lateWaits) = (LeftOf(_pause), LeftOf(_lateStart));
        var last = journal.LastSequence; // before the look for work: what is appended after that look must end the wait
        var answers = Kept(ref _answered, () => link.Acks.WaitToReadAsync(stopping).AsTask());
        List<Task> waits = [answers, Kept(ref _woken, () => _wake.Reader.ReadAsync(stopping).AsTask())];
        if (pause <= TimeSpan.Zero)
        {
            waits.Add(_live.HasWork || ((_late.HasWork || _resend is { HasWork: true } || HasNextResend) && lateWaits <= TimeSpan.Zero)
                ? Kept(ref _hasRoom, () => link.WaitForRoomAsync(stopping).AsTask())
                : Kept(ref _appended, () => journal.WaitForAppendAsync(Math.Max(last, _live.Next - 1), stopping)));
        }
        var limit = pause > TimeSpan.Zero ? pause : lateWaits > TimeSpan.Zero ? lateWaits : receipts.LeftUntilOverdue;
        Task first = Task.WhenAny(waits);
        if (limit is { } left)
            first = first.WaitAsync(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(left.TotalMilliseconds))), time, stopping); // a timer drops parts of a millisecond: it would end before its time, and this loop spin
        await first.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.ThrowIfCancellationRequested();
        var broken = waits.Find(wait => wait.IsFaulted);
        if (broken is not null || (answers.IsCompleted && !await answers))
            throw new InvalidOperationException("the MQTT link has ended though nobody stopped it", broken?.Exception); // or this loop would spin
    }

    /// <summary>
    /// A wait that has not ended is kept for the next round: calling four off for every record cost more than the record. An old one may end early,
    /// which costs a look.
    /// </summary>
    private static T Kept<T>(ref T? wait, Func<T> begin)
        where T : Task => wait is { IsCompleted: false } ? wait : wait = begin();

    private bool HasNextResend => (_resend is null or { IsDelivered: true }) && resends.IsWaiting;

    private void OnLinkChanged(MqttLinkEvent change)
    {
        status.Link = link.State;
        LogLink(change.Kind is MqttLinkEventKind.Up or MqttLinkEventKind.Stopped ? LogLevel.Information : LogLevel.Warning, change.Kind, change.Message);
        Wake();
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    [LoggerMessage("Uplink {Kind}: {Message}")]
    private partial void LogLink(LogLevel level, MqttLinkEventKind kind, string message);

    [LoggerMessage(LogLevel.Error, "Uplink: the broker does not take record {Sequence} now ({Reason} {Text}); nothing is lost, records are offered again every ten seconds. Look at the broker's access list and queue limits")]
    private partial void LogRetryLater(long sequence, MqttReason reason, string? text);

    [LoggerMessage(LogLevel.Warning, "Uplink: the broker does not take the gate's or a device's state ({Reason} {Text}). Look at the broker's access list")]
    private partial void LogStateRefused(MqttReason reason, string? text);

    [LoggerMessage(LogLevel.Information, "Uplink: the center asks for records {First} to {Last} again")]
    private partial void LogResend(long first, long last);

    [LoggerMessage(LogLevel.Error, "Uplink: the journal cannot be used; tried again in ten seconds")]
    private partial void LogUnusable(Exception cause);

    [LoggerMessage(LogLevel.Warning, "Uplink: the center has not confirmed records {First} to {Last} in time; they are sent again")]
    private partial void LogOverdue(long first, long last);

    [LoggerMessage(LogLevel.Error, "Uplink: the broker will never take record {Sequence} ({Reason} {Text}); it stays in the journal as a dead letter, and a resend command offers it again")]
    private partial void LogSetAside(long sequence, MqttReason reason, string? text);
}
