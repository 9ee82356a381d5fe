using System.Security.Cryptography;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Osdp;

/// <summary>
/// The panel's side of the conversation with one peripheral: what to send next, when, and what an answer means. No line, no
/// waiting: whoever owns the line asks for the next frame (<see cref="Next"/>) and reports what came of it
/// (<see cref="Hear"/>, <see cref="HearNothing"/>). Not for several threads.
/// </summary>
/// <remarks>
/// A frame without an answer is sent again as it was, with the same number, and the peripheral repeats its answer: no card
/// is read twice and no output switched twice. Number 0 starts anew and ends a secure session. A command that was on the
/// line when a conversation broke is not sent again: nobody knows whether it was obeyed.
/// </remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "Every conversation that ends, and so every line that is lost or closed, disposes of its handshake.")]
internal sealed class OsdpSession
{
    /// <summary>
    /// Nobody stands at the gate for longer, so a command that was not confirmed by then is given up with its conversation: a
    /// reader that keeps saying "busy" must not open the door for a person who has gone.
    /// </summary>
    public static readonly TimeSpan OrderLimit = TimeSpan.FromSeconds(2);

    public const int MaxOrders = 16;

    private const int RepeatsUntilRestart = 3;

    /// <summary>A MAC has 32 bits on the line: nobody gets many guesses within one session.</summary>
    private const int WrongMacsUntilRestart = 3;

    private const string NoAnswer = "the reader does not answer: is it powered, on this address and at this speed?";

    private enum Phase { Identify, Capabilities, Challenge, Cryptogram, KeySet, Online }

    private readonly OsdpPeripheralOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<byte[]> _fillRandom;
    private readonly Queue<OsdpOrder> _orders = new();
    private readonly OsdpReports _reports;
    private readonly OsdpPace _pace;

    private Phase _phase;
    private OsdpHandshake? _handshake;
    private OsdpSecureChannel? _channel; // while a secure session runs
    private int _wrongMacs;
    private long _installAllowedAt;
    private TimeSpan _installAllowedFor;

    private OsdpFrame? _frame; // sent, not answered
    private OsdpCommand _command = OsdpCommand.Identify;
    private OsdpOrder? _order;
    private long _orderBegan;
    private bool _orderWasLast;
    private int _sequence;
    private bool _usesCrc = true;

    public OsdpSession(OsdpPeripheralOptions options, TimeProvider time) : this(options, time, random => RandomNumberGenerator.Fill(random)) { }

    /// <param name="fillRandom">Where the panel's random numbers come from; for tests.</param>
    internal OsdpSession(OsdpPeripheralOptions options, TimeProvider time, Action<byte[]> fillRandom)
    {
        (_options, _time, _fillRandom) = (options, time, fillRandom);
        _reports = new OsdpReports(Faults);
        _pace = new OsdpPace(time);
    }

    public byte Address => _options.Address;

    public FrameFaultCounts Faults { get; } = new();

    public OsdpStatus Status => _reports.Status;

    /// <summary>It answered last time, so it will hardly hold the line up.</summary>
    public bool Answers => _pace.Silences == 0;

    private bool IsDown => Status.State is OsdpState.Offline or OsdpState.Unusable;

    /// <summary>How long until it has something to send; zero or less: now.</summary>
    public TimeSpan DueIn => _orders.Count > 0 && _phase == Phase.Online && _frame is null && !_orderWasLast ? TimeSpan.Zero : _pace.DueIn;

    /// <summary>What happened since the last call.</summary>
    public IReadOnlyList<OsdpEvent> TakeEvents() => _reports.Take();

    /// <summary>The line was opened: start from the beginning.</summary>
    public void Connect()
    {
        _pace.Connected();
        StartAnew();
        _reports.Become(OsdpState.Connecting, "the reader is being asked who it is");
    }

    /// <summary>The line was lost.</summary>
    public void Disconnect(string cause)
    {
        StartAnew();
        GoDown(OsdpState.Offline, cause);
    }

    /// <summary>Lets a peripheral that has no key of its own be given the one in the options.</summary>
    /// <param name="from">A timestamp.</param>
    /// <param name="duration">From then on; zero forbids it.</param>
    public void AllowInstall(long from, TimeSpan duration) => (_installAllowedAt, _installAllowedFor) = (from, duration);

    /// <summary>Takes an order on, or ends it at once.</summary>
    public void Enqueue(OsdpOrder order)
    {
        if (IsDown)
            order.End(new OsdpResult.Unreachable(Status.Cause));
        else if (_orders.Count >= MaxOrders)
            order.End(new OsdpResult.Unreachable("too many commands wait for the reader"));
        else
            _orders.Enqueue(order);
    }

    /// <summary>The frame to send now: the last one again if it was not answered.</summary>
    public OsdpFrame Next()
    {
        if (_frame is not null)
            return _frame;
        _command = NextCommand();
        var header = new OsdpHeader(Address, IsReply: false, _sequence, _usesCrc);
        var block = _phase is Phase.Challenge or Phase.Cryptogram ? _handshake!.Block(_command.Code) : [];
        return _frame = _channel is null
            ? OsdpFrame.Create(header, block, (byte)_command.Code, _command.Data.Span, mac: null)
            : _channel.Seal(header, (byte)_command.Code, _command.Data.Span);
    }

    /// <summary>A frame was heard after <see cref="Next"/>.</summary>
    /// <returns>
    /// True when the exchange is over; false when the frame is no answer to it: our own echo, another peripheral's, a late
    /// one, a forged one.
    /// </returns>
    public bool Hear(OsdpFrame reply)
    {
        var header = reply.Header;
        if (_frame is null || !header.IsReply || header.Address != Address)
            return false;
        var isBusy = reply.Reply == OsdpReplyCode.Busy && reply.Security == OsdpSecurity.None;
        if (header.Sequence != _frame.Header.Sequence && !(isBusy && header.Sequence == 0))
            return false;
        // A flipped bit would trade 16 bits of check for 8. Only who knows no CRC may say so without one.
        if (header.UsesCrc != _usesCrc && _phase != Phase.Identify)
            return false;
        if (isBusy)
        {
            Busy();
            return true;
        }
        if (!TryOpen(reply, out var data))
            return _frame is null; // that was one forgery too many

        var order = _order;
        (_frame, _order) = (null, null);
        _pace.Answered();
        _sequence = _sequence % 3 + 1;
        _pace.Due(_phase == Phase.Online ? _options.PollInterval : TimeSpan.Zero);
        if (reply.Reply == OsdpReplyCode.Nak)
            Refused(reply.Security == OsdpSecurity.None, data is [var reason, ..] ? (OsdpNak)reason : OsdpNak.CannotProcess, order);
        else if (_command.IsAnsweredBy(reply.Reply))
            Answered(reply, data, order);
        else
            Misunderstood(reply.Reply, order);
        return true;
    }

    /// <summary>No answer came in time to the frame of <see cref="Next"/>.</summary>
    public void HearNothing()
    {
        if (_frame is null)
            return;
        _pace.Silent();
        if (IsDown || _pace.Silences > RepeatsUntilRestart)
        {
            if (_phase == Phase.Identify)
                _usesCrc = !_usesCrc; // every peripheral understands the checksum, not every one the CRC
            Fail(NoAnswer);
        }
        else
        {
            GoOfflineWhenTime(NoAnswer);
        }
    }

    private void Busy()
    {
        const string Cause = "the reader has been saying for too long that it is busy";
        _pace.Due(OsdpPace.FirstRetry); // with the same frame
        if (_order is not null && _time.GetElapsedTime(_orderBegan) >= OrderLimit)
            Fail(Cause);
        else
            GoOfflineWhenTime(Cause);
    }

    private OsdpCommand NextCommand()
    {
        switch (_phase)
        {
            case Phase.Identify:
                return OsdpCommand.Identify;
            case Phase.Capabilities:
                return OsdpCommand.Capabilities;
            case Phase.Challenge:
                return _handshake!.Challenge;
            case Phase.Cryptogram:
                return _handshake!.Cryptogram;
            case Phase.KeySet:
                return OsdpCommand.KeySet(_options.Key!.Bytes);
            default:
                // Orders in turn with polls: cards come as answers to those.
                _orderWasLast = !_orderWasLast && TryNextOrder();
                return _orderWasLast ? _order!.Command : _reports.NextQuestion() ?? OsdpCommand.Poll;
        }
    }

    private bool TryNextOrder()
    {
        while (_orders.TryDequeue(out _order))
        {
            if (!_order.TryBegin())
                continue;
            _orderBegan = _time.GetTimestamp();
            return true;
        }
        return false;
    }

    /// <summary>False when the frame is not authentic.</summary>
    private bool TryOpen(OsdpFrame reply, out byte[] data)
    {
        data = reply.Data.ToArray();
        if (_channel is null)
            return reply.Security < OsdpSecurity.CommandWithMac;
        if (reply.Security == OsdpSecurity.None)
        {
            // Within a session two things may be said in the clear: that the peripheral has lost the session, which is then
            // begun anew, and that it took its key, which the next handshake proves.
            return reply.Reply == OsdpReplyCode.Nak || _phase == Phase.KeySet && reply.Reply == OsdpReplyCode.Ack;
        }
        if (_channel.TryOpen(reply, out data))
            return true;
        Faults.Add(FrameFault.BadMac);
        if (++_wrongMacs >= WrongMacsUntilRestart)
            Fail("messages on the secure channel are not authentic");
        return false;
    }

    private void Answered(OsdpFrame reply, byte[] data, OsdpOrder? order)
    {
        switch (_phase)
        {
            case Phase.Identify:
                _reports.Identify(data);
                _phase = Phase.Capabilities;
                break;
            case Phase.Capabilities:
                _reports.TakeCapabilities(data);
                _usesCrc = _reports.KnowsCrc ?? _usesCrc;
                BeginTalking();
                break;
            case Phase.Challenge:
                Proceed(_handshake!.TakeClientCryptogram(reply), Phase.Cryptogram);
                break;
            case Phase.Cryptogram:
                Proceed(_handshake!.TakeInitialMac(reply), _handshake.WithInstallKey ? Phase.KeySet : Phase.Online);
                break;
            case Phase.KeySet:
                StartAnew(); // it is proved by a handshake with the new key
                break;
            default:
                Well();
                _reports.Report(reply.Reply, data);
                order?.End(new OsdpResult.Done());
                break;
        }
    }

    private void Refused(bool inTheClear, OsdpNak reason, OsdpOrder? order)
    {
        if (_channel is not null && inTheClear)
        {
            order?.End(new OsdpResult.Unreachable("the reader has lost the secure session"));
            Fail("the reader has lost the secure session");
        }
        else if (reason is OsdpNak.SequenceWrong or OsdpNak.CheckWrong)
        {
            if (reason == OsdpNak.CheckWrong && _phase == Phase.Identify)
                _usesCrc = !_usesCrc;
            order?.End(new OsdpResult.Refused(reason));
            Fail("the reader has lost its place in the conversation");
        }
        else
        {
            RefusedToDo(reason, order);
        }
    }

    private void RefusedToDo(OsdpNak reason, OsdpOrder? order)
    {
        switch (_phase)
        {
            case Phase.Identify: // some say who they are in a secure session only
                _phase = Phase.Capabilities;
                break;
            case Phase.Capabilities:
                BeginTalking();
                break;
            case Phase.Challenge or Phase.Cryptogram:
                Proceed($"the reader refuses a secure session ({reason})", _phase);
                break;
            case Phase.KeySet:
                Fail($"the reader refuses its key ({reason})", OsdpState.Unusable);
                break;
            case Phase.Online when reason == OsdpNak.SecurityConditionsNotMet && _channel is null:
                order?.End(new OsdpResult.Refused(reason));
                Fail("the reader talks in a secure session only: set its key", OsdpState.Unusable);
                break;
            default:
                order?.End(new OsdpResult.Refused(reason));
                if (_command.Code == OsdpCommandCode.Poll)
                    Fail($"the reader refuses to be polled ({reason})");
                else
                    Well();
                break;
        }
    }

    private void Misunderstood(OsdpReplyCode reply, OsdpOrder? order)
    {
        var cause = $"the reader answered {_command.Code} with {reply}";
        order?.End(new OsdpResult.Unreachable(cause));
        Fail(cause);
    }

    private void BeginTalking()
    {
        if (_options.Key is null)
            BeginOnline();
        else
            BeginHandshake(_options.Key);
    }

    private void BeginHandshake(OsdpKey key)
    {
        var random = new byte[OsdpSecureChannel.RandomLength];
        _fillRandom(random);
        _handshake?.Dispose();
        _handshake = new OsdpHandshake(key, random);
        _phase = Phase.Challenge;
    }

    /// <summary>One step of the handshake is done.</summary>
    /// <param name="fault">What was wrong with it; null for nothing.</param>
    private void Proceed(string? fault, Phase next)
    {
        if (fault is not null)
        {
            var mayInstall = _time.GetElapsedTime(_installAllowedAt) < _installAllowedFor;
            if (mayInstall && !_handshake!.WithInstallKey)
                BeginHandshake(OsdpKey.Install);
            else
                Fail(fault, OsdpState.Unusable);
            return;
        }
        _phase = next;
        if (_phase is not Phase.Cryptogram)
            _channel = _handshake!.Channel;
        if (_phase is Phase.Online)
            BeginOnline();
    }

    private void BeginOnline()
    {
        _phase = Phase.Online;
        if (_channel is not null)
            _installAllowedFor = TimeSpan.Zero; // it has its key now, and shall not be talked out of it
        _pace.BeganOnline();
        _reports.BeginSession();
    }

    private void Well()
    {
        _pace.Well();
        _reports.BecomeOnline(_channel is null ? OsdpProtection.None : OsdpProtection.SecureChannel);
    }

    /// <summary>The conversation is broken: begin it anew after a while that grows from one failure to the next.</summary>
    /// <param name="cause">In words for an installer.</param>
    /// <param name="state">What it comes to when it lasts; unusable at once.</param>
    private void Fail(string cause, OsdpState state = OsdpState.Offline)
    {
        StartAnew();
        if (state == OsdpState.Unusable || IsDown || _pace.IsOver)
        {
            _pace.BackOff();
            GoDown(state, cause);
        }
        else
        {
            _pace.Restart();
        }
    }

    private void GoOfflineWhenTime(string cause)
    {
        if (_pace.IsOver)
            Fail(cause);
    }

    private void GoDown(OsdpState state, string cause)
    {
        _reports.Become(state, cause);
        while (_orders.TryDequeue(out var order))
            order.End(new OsdpResult.Unreachable(cause));
    }

    private void StartAnew()
    {
        _order?.End(new OsdpResult.Unreachable("the reader did not confirm it"));
        _handshake?.Dispose();
        (_frame, _order, _handshake, _channel) = (null, null, null, null);
        (_phase, _sequence, _wrongMacs, _orderWasLast) = (Phase.Identify, 0, 0, false);
        _pace.Due(TimeSpan.Zero);
    }
}
