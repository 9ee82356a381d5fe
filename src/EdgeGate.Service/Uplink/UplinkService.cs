using System.Text;
using System.Threading.Channels;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Mqtt;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Uplink;

/// <summary>
/// Sends the journal to the broker in two lanes: records of now at once, and beside them what waited, at the pace of its
/// answers. One loop owns both; the journal, not this service, is the truth, so a restart loses nothing and doubles a window at most.
/// </summary>
/// <remarks>
/// Whose word lets a record go is a setting. With <see cref="ReceiptsFrom.Center"/> the journal's cursor moves only by the center's
/// receipts, and what the broker acknowledged but the center did not confirm in time, or a broker without memory may have lost, goes again.
/// </remarks>
internal sealed partial class UplinkService(
    GateJournal journal, IMqttLink link, GateTopics topics, RetainedOutbox retained, Receipts receipts, UplinkStatus status, TimeProvider time, ILogger<UplinkService> log)
    : BackgroundService
{
    private const long NotARecord = -1;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>A backlog this long waits a random moment first: after an outage a thousand gates come back at once.</summary>
    private const long LongBacklog = 1000;
    private static readonly TimeSpan DrainSpread = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private OutboxLane _late = new(journal, topics.Backlog, after: journal.AcknowledgedUpTo, upTo: journal.LastSequence);
    private OutboxLane _live = new(journal, topics.Passages, after: journal.LastSequence);

    private volatile bool _cameUp;
    private (long Since, TimeSpan For)? _pause;
    private (long Since, TimeSpan For)? _lateStart;

    /// <summary>The broker's word, over both lanes.</summary>
    private long AcknowledgedUpTo => _late.IsDelivered ? _live.AcknowledgedUpTo : _late.AcknowledgedUpTo;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        link.Changed += OnLinkChanged;
        retained.Changed += Wake;
        receipts.Changed += Wake;
        if (receipts.AreWanted)
            _ = link.SubscribeAsync(topics.Receipt, receipts.TakeAsync, stoppingToken); // answered by an event, and asked again at every login
        await link.StartAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            await TakeAnswersAsync(stoppingToken);
            if (_cameUp)
                Greet();
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
                TakeAnswer(ack);
            else if (ack.Outcome is MqttAckOutcome.Refused or MqttAckOutcome.RetryLater)
                LogStateRefused(ack.Reason, ack.Text); // it goes out again at the next change or login
        }
        status.BrokerHasUpTo = AcknowledgedUpTo;
        if (!receipts.AreWanted)
            journal.Acknowledge(AcknowledgedUpTo);
        else if (await receipts.ApplyAsync(brokerHasUpTo: AcknowledgedUpTo, cancellationToken))
            SendUnreceiptedAgain();
    }

    private void TakeAnswer(MqttAck ack)
    {
        var lane = LaneOf(ack.RowId);
        switch (ack.Outcome)
        {
            case MqttAckOutcome.Accepted:
                lane.Arrived(ack.RowId);
                break;
            case MqttAckOutcome.OfferAgain:
                lane.SendAgain(ack.RowId);
                break;
            case MqttAckOutcome.Refused when ack.Reason is MqttReason.PacketTooLarge or MqttReason.PayloadFormatInvalid:
                LogSetAside(ack.RowId, ack.Reason, ack.Text);
                status.CountSetAside();
                lane.Arrived(ack.RowId);
                break;
            // Every other refusal, such as "not authorised" or "no QoS 1 here", is a fault of the broker's settings and not of the
            // record: it must not cost us every record there is.
            default:
                if (LeftOf(_pause) <= TimeSpan.Zero)
                    LogRetryLater(ack.RowId, ack.Reason, ack.Text); // once for a whole window
                _pause = (time.GetTimestamp(), Pause);
                lane.SendAgain(ack.RowId);
                break;
        }
    }

    private OutboxLane LaneOf(long sequence) => _live.Covers(sequence) ? _live : _late;

    /// <summary>After a login what was made before it is late, and what is under way keeps its place.</summary>
    private void Greet()
    {
        _cameUp = false;
        retained.SendAllAgain();
        var border = journal.LastSequence;
        var brokerForgot = link.Limits is { SessionPresent: false };
        _late = receipts.AreWanted && brokerForgot ? new OutboxLane(journal, topics.Backlog, journal.AcknowledgedUpTo, border)
            : (_late.IsDelivered ? _live : _late).As(topics.Backlog, upTo: border);
        _live = new OutboxLane(journal, topics.Passages, after: border);
        _lateStart = border - _late.AcknowledgedUpTo > LongBacklog ? (time.GetTimestamp(), DrainSpread * Random.Shared.NextDouble()) : null;
    }

    /// <summary>The broker had them and the center did not say so in time: whatever became of them, they go again.</summary>
    private void SendUnreceiptedAgain()
    {
        var border = journal.LastSequence;
        LogOverdue(journal.AcknowledgedUpTo + 1, border);
        _late = new OutboxLane(journal, topics.Backlog, journal.AcknowledgedUpTo, border);
        _live = new OutboxLane(journal, topics.Passages, after: border);
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
            _late.Send(link);
        }
        catch (JournalException unreadable)
        {
            LogUnreadable(unreadable);
            _pause = (time.GetTimestamp(), Pause);
        }
    }

    private bool TryPublishRetained(string topic, byte[] payload) =>
        link.TryPublish(new MqttOutgoing { Topic = Encoding.UTF8.GetBytes(topic), Payload = payload, Retain = true }, NotARecord);

    /// <summary>After a login nothing goes before <see cref="Greet"/>: what waited would call itself live.</summary>
    private bool MaySend => !_cameUp && LeftOf(_pause) <= TimeSpan.Zero && link.State.Phase is MqttLinkPhase.Online;

    private TimeSpan LeftOf((long Since, TimeSpan For)? pause) => pause is { } begun ? begun.For - time.GetElapsedTime(begun.Since) : TimeSpan.Zero;

    /// <summary>Returns when there may be something to do: an answer, room for a record in hand, a new record, an elapsed pause, or a wake-up.</summary>
    private async Task WaitForWorkAsync(CancellationToken stopping)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var lateWaits = LeftOf(_lateStart);
        var next = LeftOf(_pause) is { Ticks: > 0 } pause ? Task.Delay(pause, time, done.Token)
            : _live.HasWork || (_late.HasWork && lateWaits <= TimeSpan.Zero) ? link.WaitForRoomAsync(done.Token).AsTask()
            : journal.WaitForAppendAsync(Math.Max(journal.LastSequence, _live.Next - 1), done.Token);
        var timer = lateWaits > TimeSpan.Zero ? Task.Delay(lateWaits, time, done.Token) : receipts.WaitUntilOverdueAsync(done.Token);
        var answers = link.Acks.WaitToReadAsync(done.Token).AsTask();
        var first = await Task.WhenAny(next, timer, answers, _wake.Reader.ReadAsync(done.Token).AsTask());
        await done.CancelAsync(); // lets go of those that were not needed
        stopping.ThrowIfCancellationRequested();
        if (first.IsFaulted || (first == answers && !await answers))
            throw new InvalidOperationException("the MQTT link has ended though nobody stopped it", first.Exception); // or this loop would spin
    }

    private void OnLinkChanged(MqttLinkEvent change)
    {
        status.Link = link.State;
        if (change.Kind is MqttLinkEventKind.Up)
            _cameUp = true;
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

    [LoggerMessage(LogLevel.Error, "Uplink: the journal cannot be read; tried again in ten seconds")]
    private partial void LogUnreadable(Exception cause);

    [LoggerMessage(LogLevel.Warning, "Uplink: the center has not confirmed records {First} to {Last} in time; they are sent again")]
    private partial void LogOverdue(long first, long last);

    [LoggerMessage(LogLevel.Error, "Uplink: the broker will never take record {Sequence} ({Reason} {Text}); it stays in the journal and is set aside")]
    private partial void LogSetAside(long sequence, MqttReason reason, string? text);
}
