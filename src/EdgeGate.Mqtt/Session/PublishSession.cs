using System.Buffers;
using System.Diagnostics;
using System.Threading.Channels;
using EdgeGate.Mqtt.Wire;

namespace EdgeGate.Mqtt.Session;

/// <summary>
/// What outlives a connection on the publishing side: the window and the acks. Bounded by one rule: messages in the window plus acks unread
/// never exceed the capacity of the ack channel, so writing an ack never fails and never waits.
/// </summary>
internal sealed class PublishSession(MqttLinkOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly InFlightWindow _window = new(options.Window);
    private readonly Channel<MqttAck> _acks = Channel.CreateBounded<MqttAck>(AckCapacity(options));
    private MqttServerLimits? _online;
    private MqttVersion _encodedFor;
    private int _handedBackUnread;
    private bool _closed;
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _empty;

    /// <summary>Set whenever there may be something to send.</summary>
    public Signal ToSend { get; } = new();

    public ChannelReader<MqttAck> Acks => field ??= new AckReader(this);

    public long? OldestSentAt
    {
        get { lock (_lock) return _window.OldestSentAt; }
    }

    private bool HasRoom =>
        _online is not null && !_closed && _handedBackUnread == 0
        && _window.Count < Math.Min(options.Window, _online.ReceiveMaximum)
        && _window.Count + _acks.Reader.Count < AckCapacity(options);

    public bool TryPublish(in MqttOutgoing message, long rowId)
    {
        lock (_lock)
        {
            if (!HasRoom)
                return false;
            var packet = new PublishPacket(message, _window.NextPacketId, _online!.Version);
            if (Objection(message, _online) is { } objection)
            {
                Acknowledge(objection with { RowId = rowId });
                return true;
            }
            var size = PacketFrame.SizeOf(packet);
            if (size > _online.MaximumPacketSize)
            {
                Acknowledge(TooLarge(rowId));
                return true;
            }
            var bytes = ArrayPool<byte>.Shared.Rent(size);
            PacketFrame.Encode(packet, bytes);
            _window.Add(rowId, bytes, size, message.AtMostOnce);
        }
        ToSend.Set();
        return true;
    }

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (HasRoom)
                return ValueTask.CompletedTask;
            if (_closed)
                return ValueTask.FromCanceled(new CancellationToken(canceled: true));
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_room.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>
    /// A login succeeded. With the session still there everything unanswered is sent again under its old packet id; without it (or when the
    /// link now speaks the other version, for which the stored bytes are wrong) it is handed back.
    /// </summary>
    public void LinkUp(MqttServerLimits limits)
    {
        lock (_lock)
        {
            if (limits.SessionPresent && limits.Version == _encodedFor)
            {
                foreach (var row in _window.Rewind(limits.MaximumPacketSize))
                    Acknowledge(TooLarge(row));
            }
            else
            {
                HandBack("the server kept no session");
            }
            _encodedFor = limits.Version;
            _online = limits;
            AnnounceRoom();
        }
        ToSend.Set();
    }

    public void LinkDown()
    {
        lock (_lock) _online = null;
    }

    /// <summary>Appends messages that may go out now until <paramref name="output"/> holds <paramref name="batchSize"/> bytes or more.</summary>
    public void FillBatch(ArrayBufferWriter<byte> output, int batchSize)
    {
        lock (_lock)
        {
            if (_online is null)
                return;
            var now = time.GetTimestamp();
            while (output.WrittenCount < batchSize && _window.TrySend(_online.ReceiveMaximum, now, output, out var doneRow))
            {
                if (doneRow is { } row)
                    Acknowledge(new MqttAck(row, MqttReason.Success));
            }
            AnnounceRoom();
        }
    }

    public void Received(PubAckPacket ack)
    {
        lock (_lock)
        {
            if (_window.Acknowledge(ack.PacketId) is not { } row)
                return; // an id that is not in use asks for nothing
            Acknowledge(new MqttAck(row, ack.Reason, ack.ReasonString));
            AnnounceRoom();
        }
        ToSend.Set(); // the quota may have held something back
    }

    /// <summary>Takes no more messages; the returned task completes when the window is empty.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            _room?.TrySetCanceled();
            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_window.Count == 0)
                _empty.TrySetResult();
            return _empty.Task;
        }
    }

    /// <summary>The end: hands back what is left and completes the acks.</summary>
    /// <param name="error">The bug that ended the link, if it was one; whoever reads the acks gets it.</param>
    public void End(Exception? error)
    {
        lock (_lock)
        {
            _closed = true;
            _online = null;
            _room?.TrySetCanceled();
            HandBack("the link was stopped");
            _acks.Writer.TryComplete(error);
        }
    }

    private static int AckCapacity(MqttLinkOptions options) => 2 * options.Window;

    private static MqttAck TooLarge(long row) =>
        new(row, MqttReason.PacketTooLarge, "larger than the server or our own setting allows; not sent");

    /// <summary>What would cost us the link if the server saw it.</summary>
    private static MqttAck? Objection(in MqttOutgoing message, MqttServerLimits limits)
    {
        if (!TopicName.IsValid(message.Topic))
            return new MqttAck(0, MqttReason.TopicNameInvalid, "the topic is empty, too long, has wildcards or is not UTF-8; not sent");
        if (message.Retain && !limits.RetainAvailable)
            return new MqttAck(0, MqttReason.RetainNotSupported, "the server keeps no retained messages; not sent");
        if (!message.AtMostOnce && !limits.Qos1Available)
            return new MqttAck(0, MqttReason.QosNotSupported, "the server takes QoS 0 only; not sent");
        if (Math.Max(message.ContentType.Length, Math.Max(message.ResponseTopic.Length, message.CorrelationData.Length)) > ushort.MaxValue)
            return new MqttAck(0, MqttReason.PacketTooLarge, "a property is longer than 65535 bytes; not sent");
        return null;
    }

    private void HandBack(string why)
    {
        foreach (var row in _window.HandBack())
        {
            _handedBackUnread++;
            Acknowledge(new MqttAck(row, MqttReason.UnspecifiedError, why, Requeue: true));
        }
    }

    private void Acknowledge(MqttAck ack)
    {
        var written = _acks.Writer.TryWrite(ack);
        Debug.Assert(written, "window and unread acks together fit the channel");
        if (_window.Count == 0)
            _empty?.TrySetResult();
    }

    private void AnnounceRoom()
    {
        if (_room is null || !HasRoom)
            return;
        _room.TrySetResult();
        _room = null;
    }

    private void Taken(MqttAck ack)
    {
        lock (_lock)
        {
            if (ack.Requeue)
                _handedBackUnread--;
            AnnounceRoom();
        }
    }

    /// <summary>The acks as the caller reads them: taking one can make room.</summary>
    private sealed class AckReader(PublishSession session) : ChannelReader<MqttAck>
    {
        private readonly ChannelReader<MqttAck> _inner = session._acks.Reader;

        public override Task Completion => _inner.Completion;

        public override bool CanCount => true;

        public override int Count => _inner.Count;

        public override bool TryRead(out MqttAck item)
        {
            if (!_inner.TryRead(out item))
                return false;
            session.Taken(item);
            return true;
        }

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => _inner.WaitToReadAsync(cancellationToken);
    }
}
