using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeGate.Mqtt.Transport;
using EdgeGate.Mqtt.Wire;

namespace EdgeGate.Mqtt.Session;

/// <summary>A received message on its way to the handlers; packet id 0 needs no acknowledgement.</summary>
internal readonly record struct Delivery(MqttInbound Message, ushort PacketId, Connection From);

/// <summary>One network connection: login, then a reading loop, a writing loop and a watch on everything that must be answered in time.</summary>
internal sealed class Connection(
    Stream stream,
    MqttEndpoint endpoint,
    MqttVersion version,
    MqttLinkOptions options,
    PublishSession publishing,
    Subscriptions subscriptions,
    ChannelWriter<Delivery> inbound,
    Action<MqttLinkEvent> raise,
    TimeProvider time) : IAsyncDisposable
{
    /// <summary>Many packets share one write (and one TLS record); what is waiting beyond this goes with the next.</summary>
    private const int BatchSize = 64 * 1024;

    /// <summary>Acknowledgements waiting to be written; more means that the server sends and does not read.</summary>
    private const int MaximumControlBytes = 256 * 1024;

    /// <summary>For the last words on a connection that is ending.</summary>
    private static readonly TimeSpan Parting = TimeSpan.FromSeconds(1);

    private const long NoPing = -1;

    private readonly PipeReader _input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
    private readonly Lock _controlLock = new();
    private readonly ArrayBufferWriter<byte> _control = new();
    private readonly TaskCompletionSource<LinkDownException> _dropped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _keepAlive;
    private long _lastSent;
    private long _lastReceived;
    private long _pingSentAt = NoPing;
    private MqttReason? _goodbye;

    /// <summary>Sends CONNECT and waits for the answer; comes before <see cref="RunAsync"/>.</summary>
    /// <exception cref="LinkDownException">Refused, closed, or not MQTT.</exception>
    public async Task<MqttServerLimits> LoginAsync(MqttCredentials credentials, long login, CancellationToken cancellationToken)
    {
        var limits = await new Login(endpoint, version, options).PerformAsync(stream, _input, credentials, login, cancellationToken);
        _keepAlive = limits.KeepAlive;
        return limits;
    }

    /// <summary>Runs until the connection ends; returns only after <see cref="TryLeave"/>.</summary>
    /// <exception cref="LinkDownException">Every other end.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _lastSent = _lastReceived = time.GetTimestamp();
        var watchEvery = (_keepAlive > TimeSpan.Zero && _keepAlive < options.AckTimeout ? _keepAlive : options.AckTimeout) / 8;
        await using var watch = time.CreateTimer(_ => Watch(), null, watchEvery, watchEvery);
        var reading = ReadAsync(ending.Token);
        var writing = WriteAsync(ending.Token);
        try
        {
            var first = await Task.WhenAny(reading, writing, _dropped.Task);
            if (first == _dropped.Task)
                throw await _dropped.Task;
            // A server that says why it closes does so before it closes: the reason lies in what is still to be read, even when it was
            // the writer that stumbled first. And after our own goodbye, closing at once could make the kernel throw it away.
            if (first == writing || _goodbye is not null)
                await Task.WhenAny(first == writing ? reading : writing, Task.Delay(Parting, time, ending.Token));
            if (_goodbye is MqttReason.Success or MqttReason.DisconnectWithWillMessage)
                return;
            await (reading.IsCompleted ? reading : writing);
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(reading, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Acknowledges a received message. On a connection that has ended this does nothing: the server sends the message again on the next.</summary>
    public void Acknowledge(ushort packetId, MqttReason reason) => Send(new PubAckPacket(packetId, reason, null, version));

    /// <summary>To leave in good order.</summary>
    /// <returns>False when the connection is to be closed without a word: in MQTT 3.1.1 DISCONNECT takes back the will.</returns>
    public bool TryLeave()
    {
        var withWill = options.Will is { AlsoOnLeaving: true };
        if (withWill && version != MqttVersion.V5)
            return false;
        SayGoodbye(withWill ? MqttReason.DisconnectWithWillMessage : MqttReason.Success);
        return true;
    }

    /// <summary>Sends DISCONNECT after what is already waiting; the writing loop ends with it.</summary>
    private void SayGoodbye(MqttReason reason) => Send(new DisconnectPacket(reason, null, version), goodbye: reason);

    public async ValueTask DisposeAsync()
    {
        await _input.CompleteAsync();
        await stream.DisposeAsync();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await _input.ReadAsync(cancellationToken);
                Volatile.Write(ref _lastReceived, time.GetTimestamp());
                var buffer = read.Buffer;
                while (Next(ref buffer, out var delivery))
                {
                    // Waits while the handlers are behind. A server that keeps to our Receive Maximum never gets here; one that does not
                    // (3.1.1 has none) is slowed down, and in the end dropped by the ack time-out.
                    if (delivery is { } toHandle)
                        await inbound.WriteAsync(toHandle, cancellationToken);
                }
                _input.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                    throw new LinkDownException(MqttLinkEventKind.Down, $"{endpoint} closed the connection");
            }
        }
        catch (Exception error) when (error is IOException and not LinkDownException or SocketException)
        {
            throw new LinkDownException(MqttLinkEventKind.Down, $"the connection to {endpoint} was lost: {error.Message}", inner: error);
        }
    }

    private bool Next(ref ReadOnlySequence<byte> buffer, out Delivery? delivery)
    {
        delivery = null;
        switch (PacketFrame.TryRead(ref buffer, options.MaximumPacketSize, out var firstByte, out var body))
        {
            case FrameStatus.NeedMore:
                return false;
            case FrameStatus.TooLarge:
                throw Fault(MqttReason.PacketTooLarge, $"sent a packet larger than the {options.MaximumPacketSize} bytes we take");
            case FrameStatus.Malformed:
                throw Fault(MqttReason.MalformedPacket, "sent a malformed packet");
        }
        Handle(firstByte, body.IsSingleSegment ? body.FirstSpan : body.ToArray(), out delivery);
        return true;
    }

    private void Handle(byte firstByte, ReadOnlySpan<byte> body, out Delivery? delivery)
    {
        delivery = null;
        var wellFormed = true;
        switch (firstByte)
        {
            case >= PacketType.Publish and <= (PacketType.Publish | 0x0F):
                if (ReceivedPublish.TryDecode(firstByte, body, version, out var publish) is { } objection)
                    throw Fault(objection, "sent a message that the protocol or our login does not allow");
                delivery = new Delivery(publish.Message, publish.PacketId, this);
                break;
            case PacketType.PubAck:
                wellFormed = PubAckPacket.TryDecode(body, version, out var ack);
                if (wellFormed)
                    publishing.Received(ack);
                break;
            case PacketType.SubAck:
                wellFormed = SubAckPacket.TryDecode(body, version, out var granted);
                if (wellFormed && subscriptions.Received(granted) is { } refused)
                    raise(new(MqttLinkEventKind.SubscriptionRefused, $"{endpoint} refused the subscription '{refused}'{granted.Reason.Described(null)}", granted.Reason));
                break;
            case PacketType.PingResp:
                wellFormed = body.IsEmpty;
                Volatile.Write(ref _pingSentAt, NoPing);
                break;
            case PacketType.Disconnect when version == MqttVersion.V5:
                wellFormed = DisconnectPacket.TryDecode(body, version, out var disconnect);
                if (wellFormed)
                    throw Disconnected(disconnect);
                break;
            default:
                throw Fault(MqttReason.ProtocolError, $"sent a packet of type 0x{firstByte:X2}, which has no place here");
        }
        if (!wellFormed)
            throw Fault(MqttReason.MalformedPacket, $"sent a malformed packet of type 0x{firstByte:X2}");
    }

    private LinkDownException Disconnected(DisconnectPacket packet) => packet.Reason == MqttReason.SessionTakenOver
        ? new(MqttLinkEventKind.TakenOver, $"{endpoint}: another client uses the id '{options.ClientId}'{packet.Reason.Described(packet.ReasonString)}", packet.Reason)
        : new(MqttLinkEventKind.Down, $"{endpoint} ended the connection{packet.Reason.Described(packet.ReasonString)}", packet.Reason);

    private LinkDownException Fault(MqttReason reason, string what)
    {
        if (version == MqttVersion.V5)
            SayGoodbye(reason); // section 4.13.1: say why before closing. In 3.1.1 DISCONNECT has no reason and would take back the will.
        return new(MqttLinkEventKind.ProtocolFault, $"{endpoint} {what}", reason);
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var batch = new ArrayBufferWriter<byte>(BatchSize);
        try
        {
            while (true)
            {
                while (Fill(batch, out var last))
                {
                    Volatile.Write(ref _lastSent, time.GetTimestamp());
                    await stream.WriteAsync(batch.WrittenMemory, cancellationToken);
                    batch.ResetWrittenCount();
                    if (last)
                        return;
                }
                await publishing.ToSend.WaitAsync(cancellationToken);
            }
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new LinkDownException(MqttLinkEventKind.Down, $"the connection to {endpoint} was lost: {error.Message}", inner: error);
        }
    }

    private bool Fill(ArrayBufferWriter<byte> batch, out bool last)
    {
        while (subscriptions.NextPacket(version, time.GetTimestamp()) is { } subscribe)
            batch.Write(subscribe);
        lock (_controlLock)
        {
            last = _goodbye is not null;
            batch.Write(_control.WrittenSpan);
            _control.ResetWrittenCount();
        }
        if (!last)
            publishing.FillBatch(batch, BatchSize);
        return batch.WrittenCount > 0;
    }

    private void Send<T>(T packet, MqttReason? goodbye = null) where T : IOutgoingPacket
    {
        lock (_controlLock)
        {
            if (_goodbye is not null)
                return;
            _control.Write(PacketFrame.Encode(packet));
            _goodbye = goodbye;
            if (_control.WrittenCount > MaximumControlBytes)
                Drop(MqttLinkEventKind.ProtocolFault, "sends messages and does not read our acknowledgements");
        }
        publishing.ToSend.Set();
    }

    /// <summary>Called by the clock: whatever should have been answered by now ends the connection.</summary>
    private void Watch()
    {
        var now = time.GetTimestamp();
        var pingSentAt = Volatile.Read(ref _pingSentAt);
        if (Overdue(publishing.OldestSentAt))
            Drop(MqttLinkEventKind.AckTimeout, "did not acknowledge a message");
        else if (Overdue(subscriptions.OldestAskedAt))
            Drop(MqttLinkEventKind.AckTimeout, "did not answer a subscription");
        else if (pingSentAt != NoPing && Overdue(pingSentAt))
            Drop(MqttLinkEventKind.AckTimeout, "did not answer a ping");
        else if (PingIsDue())
        {
            Volatile.Write(ref _pingSentAt, now);
            Send(new PingReqPacket());
        }

        bool Overdue(long? since) => since is { } start && time.GetElapsedTime(start, now) >= options.AckTimeout;

        // Silence from the server counts too: while we keep sending, only a ping finds out that nothing comes back. Three quarters,
        // because section 3.1.2.10 wants a packet within the interval and the watch looks only now and then.
        bool PingIsDue() => _keepAlive > TimeSpan.Zero && pingSentAt == NoPing
            && time.GetElapsedTime(Math.Min(Volatile.Read(ref _lastSent), Volatile.Read(ref _lastReceived)), now) >= _keepAlive * 0.75;
    }

    private void Drop(MqttLinkEventKind kind, string what)
    {
        var within = kind == MqttLinkEventKind.AckTimeout ? $" within {options.AckTimeout.TotalSeconds:0.#} s" : "";
        _dropped.TrySetResult(new LinkDownException(kind, $"{endpoint} {what}{within}"));
    }
}
