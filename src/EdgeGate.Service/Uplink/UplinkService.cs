using System.Text;
using System.Threading.Channels;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;

namespace EdgeGate.Service.Uplink;

/// <summary>
/// Sends the journal to the broker, in order of sequence, and moves the journal's cursor when the broker has answered. One loop
/// owns the cursor; the journal, not this service, is the truth, so a restart loses nothing and doubles a window at most.
/// </summary>
internal sealed partial class UplinkService(
    GateJournal journal, IMqttLink link, GateTopics topics, RetainedOutbox retained, UplinkStatus status, TimeProvider time, ILogger<UplinkService> log)
    : BackgroundService
{
    private const int PageSize = 256;
    private const long NotARecord = -1;
    private static readonly byte[] CloudEvents = Encoding.ASCII.GetBytes(RecordEnvelope.ContentType);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly byte[] _live = Encoding.UTF8.GetBytes(topics.Passages);
    private readonly byte[] _late = Encoding.UTF8.GetBytes(topics.Backlog);
    private readonly Queue<JournalRecord> _page = new();
    private readonly OutboxCursor _cursor = new(journal.AcknowledgedUpTo);

    private volatile bool _cameUp;
    private long _lateUpTo = journal.LastSequence;
    private long? _pausedSince;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        link.Changed += OnLinkChanged;
        retained.Changed += Wake;
        await link.StartAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            TakeAnswers();
            if (_cameUp)
                Greet();
            retained.Drain(TryPublishRetained);
            await FillPageAsync(stoppingToken);
            SendPage();
            await WaitForWorkAsync(stoppingToken);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await link.StopAsync(drain: TimeSpan.FromSeconds(2), cancellationToken);
        TakeAnswers();
    }

    private void TakeAnswers()
    {
        while (link.Acks.TryRead(out var ack))
        {
            if (ack.RowId != NotARecord)
                TakeAnswer(ack);
            else if (ack.Outcome is MqttAckOutcome.Refused or MqttAckOutcome.RetryLater)
                LogStateRefused(ack.Reason, ack.Text); // it goes out again at the next change or login
        }
        journal.Acknowledge(_cursor.AcknowledgedUpTo);
    }

    private void TakeAnswer(MqttAck ack)
    {
        switch (ack.Outcome)
        {
            case MqttAckOutcome.Accepted:
                _cursor.Arrived(ack.RowId);
                break;
            case MqttAckOutcome.OfferAgain:
                SendAgain(ack.RowId);
                break;
            case MqttAckOutcome.Refused when ack.Reason is MqttReason.PacketTooLarge or MqttReason.PayloadFormatInvalid:
                LogSetAside(ack.RowId, ack.Reason, ack.Text);
                status.CountSetAside();
                _cursor.Arrived(ack.RowId);
                break;
            // Every other refusal, such as "not authorised" or "no QoS 1 here", is a fault of the broker's settings and not of the
            // record: it must not cost us every record there is.
            default:
                if (PauseLeft <= TimeSpan.Zero)
                    LogRetryLater(ack.RowId, ack.Reason, ack.Text); // once for a whole window
                _pausedSince = time.GetTimestamp();
                SendAgain(ack.RowId);
                break;
        }
    }

    private void SendAgain(long sequence)
    {
        _cursor.SendAgain(sequence);
        _page.Clear(); // read again from the cursor
    }

    /// <summary>After a login: what was made before it is late.</summary>
    private void Greet()
    {
        _cameUp = false;
        _lateUpTo = journal.LastSequence;
        retained.SendAllAgain();
    }

    private async ValueTask FillPageAsync(CancellationToken stopping)
    {
        var last = journal.LastSequence;
        if (_page.Count > 0 || _cursor.Next > last || !MaySend)
            return;
        try
        {
            foreach (var record in await journal.ReadAsync(_cursor.Next, PageSize, stopping))
                _page.Enqueue(record);
            if (_page.Count == 0)
                _cursor.PassOver(last);
        }
        catch (JournalException unreadable)
        {
            LogUnreadable(_cursor.Next, unreadable);
            _pausedSince = time.GetTimestamp();
        }
    }

    private void SendPage()
    {
        while (MaySend && _page.TryPeek(out var record))
        {
            _cursor.PassOver(record.Sequence - 1);
            if (!_cursor.MaySendNext)
                return;
            var message = new MqttOutgoing
            {
                Topic = record.Sequence <= _lateUpTo ? _late : _live,
                Payload = record.Payload.Span,
                ContentType = CloudEvents,
            };
            if (record.Sequence >= _cursor.Next)
            {
                if (!link.TryPublish(message, record.Sequence))
                    return;
                _cursor.Sent();
            }
            _page.Dequeue();
        }
    }

    private bool TryPublishRetained(string topic, byte[] payload) =>
        link.TryPublish(new MqttOutgoing { Topic = Encoding.UTF8.GetBytes(topic), Payload = payload, Retain = true }, NotARecord);

    /// <summary>After a login nothing goes before <see cref="Greet"/>: what waited would call itself live.</summary>
    private bool MaySend => !_cameUp && PauseLeft <= TimeSpan.Zero && link.State.Phase is MqttLinkPhase.Online;

    private TimeSpan PauseLeft => _pausedSince is { } since ? Pause - time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Returns when there may be something to do: an answer, room for a record in hand, a new record, or a wake-up.</summary>
    private async Task WaitForWorkAsync(CancellationToken stopping)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var next = PauseLeft is { Ticks: > 0 } left ? Task.Delay(left, time, done.Token)
            : !_cursor.MaySendNext ? Task.Delay(Timeout.InfiniteTimeSpan, time, done.Token)
            : _page.Count > 0 || _cursor.Next <= journal.LastSequence ? link.WaitForRoomAsync(done.Token).AsTask()
            : journal.WaitForAppendAsync(_cursor.Next - 1, done.Token);
        var answers = link.Acks.WaitToReadAsync(done.Token).AsTask();
        var first = await Task.WhenAny(next, answers, _wake.Reader.ReadAsync(done.Token).AsTask());
        await done.CancelAsync(); // lets go of the two that were not needed
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

    [LoggerMessage(LogLevel.Error, "Uplink: record {Sequence} cannot be read from the journal; tried again in ten seconds")]
    private partial void LogUnreadable(long sequence, Exception cause);

    [LoggerMessage(LogLevel.Error, "Uplink: the broker will never take record {Sequence} ({Reason} {Text}); it stays in the journal and is set aside")]
    private partial void LogSetAside(long sequence, MqttReason reason, string? text);
}
