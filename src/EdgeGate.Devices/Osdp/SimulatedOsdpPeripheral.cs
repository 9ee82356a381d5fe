using System.Security.Cryptography;
using EdgeGate.Devices.Wiegand;

namespace EdgeGate.Devices.Osdp;

/// <summary>
/// The other end of an OSDP line, the secure channel included: a reader with lights, a buzzer, outputs and inputs. Pure:
/// a frame in, a frame out. <see cref="SimulatedOsdpLine"/> gives it a wire. Faults can be set at any time.
/// </summary>
/// <param name="address">0 to 7E.</param>
/// <param name="time">Ends what outputs do for a time.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "A simulated device ends with the process; the keys of its last session need no earlier end.")]
public sealed class SimulatedOsdpPeripheral(byte address, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Queue<(OsdpReplyCode Code, byte[] Data)> _toSay = new();
    private readonly (bool On, bool After, long Since, TimeSpan For)[] _outputs = new (bool, bool, long, TimeSpan)[4];
    private readonly List<OsdpCommand> _obeyed = [];

    private OsdpKey? _key;
    private OsdpSecureChannel? _handshake; // answered the challenge, not confirmed
    private OsdpSecureChannel? _channel;
    private byte[] _random = [];
    private byte[] _lastCommand = [], _lastReply = [];
    private int? _sequence;
    private readonly bool[] _inputs = new bool[2];
    private bool _tampered, _powerFailed;

    public byte Address => address;

    public OsdpIdentification Identification { get; set; } = new("5E6A7E", 1, 1, 0x01020304, "1.2.3");

    /// <summary>Its base key; null as it leaves the factory, when it takes the one everybody knows.</summary>
    public OsdpKey? Key
    {
        get { lock (_lock) return _key; }
        set { lock (_lock) _key = value; }
    }

    /// <summary>Answers only in a secure session, but for what is needed to begin one.</summary>
    public bool RequiresSecureChannel { get; init; }

    /// <summary>Knows no CRC.</summary>
    public bool ChecksumOnly { get; init; }

    /// <summary>As if cut off: hears nothing and says nothing.</summary>
    public bool Silent { get; set; }

    /// <summary>This many of the next replies carry a wrong check value.</summary>
    public int WrongChecks { get; set; }

    /// <summary>This many of the next replies carry another number than the command.</summary>
    public int WrongSequences { get; set; }

    /// <summary>This many of the next commands are obeyed and their replies lost.</summary>
    public int LostReplies { get; set; }

    /// <summary>This many of the next commands are answered with BUSY.</summary>
    public int BusyReplies { get; set; }

    /// <summary>Refuses to switch its outputs.</summary>
    public bool RefusesOutputs { get; set; }

    /// <summary>How long it thinks before it answers.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>In a secure session; for tests that wait for it.</summary>
    public bool IsSecure
    {
        get { lock (_lock) return _channel is not null; }
    }

    /// <summary>What it was told to do, in order: lights, sounds, texts, outputs.</summary>
    public IReadOnlyList<OsdpCommand> Obeyed
    {
        get { lock (_lock) return [.. _obeyed]; }
    }

    public bool Tampered
    {
        set { lock (_lock) SetLocalStatus(value, _powerFailed); }
    }

    public bool PowerFailed
    {
        set { lock (_lock) SetLocalStatus(_tampered, value); }
    }

    /// <summary>What hangs on an input does this.</summary>
    public void SetInput(int input, bool active)
    {
        lock (_lock)
        {
            _inputs[input] = active;
            _toSay.Enqueue((OsdpReplyCode.InputStatus, InputStatus()));
        }
    }

    public bool IsOutputOn(int output)
    {
        lock (_lock) return OutputNow(output);
    }

    public void PresentCard(WiegandBits bits, byte format = 1) => Say(OsdpReplyCode.RawCard, new OsdpCard(0, format, bits).Encode());

    public void Press(string keys) => Say(OsdpReplyCode.Keypad, new OsdpKeys(0, keys).Encode());

    /// <summary>Any report, also one that contradicts itself.</summary>
    public void Say(OsdpReplyCode code, byte[] data)
    {
        lock (_lock) _toSay.Enqueue((code, data));
    }

    /// <summary>As after a loss of power: session, numbers and what outputs did are gone, the key is kept.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            (_channel, _handshake, _sequence, _lastCommand) = (null, null, null, []);
            Array.Clear(_outputs);
        }
    }

    /// <summary>What it answers; null when the frame is not for it, or it says nothing.</summary>
    public byte[]? Answer(OsdpFrame command)
    {
        lock (_lock)
        {
            if (Silent || command.Header.IsReply || command.Header.Address != address && command.Header.Address != OsdpFrame.Broadcast)
                return null;
            if (BusyReplies > 0)
            {
                BusyReplies--;
                return Clear(command.Header with { Sequence = 0 }, OsdpReplyCode.Busy).Wire.ToArray();
            }
            var reply = IsRepeated(command) ? _lastReply : AnswerNew(command).Wire.ToArray();
            return Spoil(reply);
        }
    }

    private bool IsRepeated(OsdpFrame command) => command.Header.Sequence != 0 && command.Wire.Span.SequenceEqual(_lastCommand);

    private OsdpFrame AnswerNew(OsdpFrame command)
    {
        var header = command.Header;
        if (ChecksumOnly && header.UsesCrc)
            return Clear(header with { UsesCrc = false }, OsdpReplyCode.Nak, (byte)OsdpNak.CheckWrong);
        if (header.Sequence == 0)
            (_channel, _handshake) = (null, null);
        else if (_sequence is not { } last || header.Sequence != last % 3 + 1)
            return Clear(header, OsdpReplyCode.Nak, (byte)OsdpNak.SequenceWrong);

        var reply = Obey(command);
        (_sequence, _lastCommand, _lastReply) = (header.Sequence, command.Wire.ToArray(), reply.Wire.ToArray());
        return reply;
    }

    private OsdpFrame Obey(OsdpFrame command)
    {
        switch (command.Security)
        {
            case OsdpSecurity.Challenge when command.Data.Length == OsdpSecureChannel.RandomLength:
                return TakeChallenge(command);
            case OsdpSecurity.ServerCryptogram:
                return TakeCryptogram(command);
            case OsdpSecurity.None when _channel is null:
                var (code, data) = Do(command.Command, command.Data);
                return Clear(command.Header, code, data);
            case OsdpSecurity.CommandWithMac or OsdpSecurity.EncryptedCommand when _channel is { } channel && channel.TryOpen(command, out var opened):
                var (sealedCode, sealedData) = Do(command.Command, opened);
                var reply = channel.Seal(command.Header with { IsReply = true, Address = address }, (byte)sealedCode, sealedData);
                if (command.Command == OsdpCommandCode.KeySet)
                    _channel = null; // the old key's session ends with this reply
                return reply;
            default:
                _channel = null;
                return Clear(command.Header, OsdpReplyCode.Nak, (byte)OsdpNak.SecurityConditionsNotMet);
        }
    }

    private OsdpFrame TakeChallenge(OsdpFrame command)
    {
        var kind = (byte)(_key is null ? 0 : 1);
        _random = RandomNumberGenerator.GetBytes(OsdpSecureChannel.RandomLength);
        _handshake = new OsdpSecureChannel(_key ?? OsdpKey.Install, command.Data);
        _channel = null;
        byte[] data = [.. Identification.Encode().AsSpan(0, 8), .. _random, .. _handshake.PeripheralCryptogram(_random)];
        return Handshake(command.Header, OsdpSecurity.ClientCryptogram, kind, OsdpReplyCode.ClientCryptogram, data);
    }

    private OsdpFrame TakeCryptogram(OsdpFrame command)
    {
        const byte Accepted = 0x01, Refused = 0xFF;
        var expected = _handshake?.PanelCryptogram(_random);
        if (expected is null || !CryptographicOperations.FixedTimeEquals(expected, command.Data))
            return Handshake(command.Header, OsdpSecurity.InitialMac, Refused, OsdpReplyCode.InitialMac, new byte[OsdpSecureChannel.CryptogramLength]);
        (_channel, _handshake) = (_handshake, null);
        return Handshake(command.Header, OsdpSecurity.InitialMac, Accepted, OsdpReplyCode.InitialMac, _channel!.Begin(expected));
    }

    private (OsdpReplyCode Code, byte[] Data) Do(OsdpCommandCode command, ReadOnlySpan<byte> data)
    {
        if (RequiresSecureChannel && _channel is null && command is not (OsdpCommandCode.Identify or OsdpCommandCode.Capabilities))
            return Nak(OsdpNak.SecurityConditionsNotMet);
        switch (command)
        {
            case OsdpCommandCode.Poll:
                return _toSay.TryDequeue(out var report) ? report : (OsdpReplyCode.Ack, []);
            case OsdpCommandCode.Identify:
                return (OsdpReplyCode.Identification, Identification.Encode());
            case OsdpCommandCode.Capabilities:
                return (OsdpReplyCode.Capabilities, [1, 1, (byte)_inputs.Length, 2, 1, (byte)_outputs.Length, 4, 1, 1, 5, 1, 1, 6, 1, 1, 8, (byte)(ChecksumOnly ? 0 : 1), 0, 9, 1, 1]);
            case OsdpCommandCode.LocalStatus:
                return (OsdpReplyCode.LocalStatus, LocalStatus());
            case OsdpCommandCode.InputStatus:
                return (OsdpReplyCode.InputStatus, InputStatus());
            case OsdpCommandCode.OutputStatus:
                return (OsdpReplyCode.OutputStatus, [.. Enumerable.Range(0, _outputs.Length).Select(output => (byte)(OutputNow(output) ? 1 : 0))]);
            case OsdpCommandCode.Output when RefusesOutputs:
                return Nak(OsdpNak.CannotProcess);
            case OsdpCommandCode.Output when data.Length == 4 && data[0] < _outputs.Length:
                SetOutput(data[0], (OsdpOutputAction)data[1], TimeSpan.FromMilliseconds(100 * (data[2] | data[3] << 8)));
                return Note(command, data);
            case OsdpCommandCode.Led or OsdpCommandCode.Buzzer or OsdpCommandCode.Text:
                return Note(command, data);
            case OsdpCommandCode.KeySet when _channel is not null && data.Length == 2 + OsdpKey.Length && !data[2..].SequenceEqual(OsdpKey.Install.Bytes):
                _key = new OsdpKey(data[2..]);
                return (OsdpReplyCode.Ack, []);
            default:
                return Nak(OsdpNak.CommandUnknown);
        }
    }

    private (OsdpReplyCode Code, byte[] Data) Note(OsdpCommandCode command, ReadOnlySpan<byte> data)
    {
        _obeyed.Add(new OsdpCommand(command, data.ToArray()));
        return (OsdpReplyCode.Ack, []);
    }

    private void SetOutput(int output, OsdpOutputAction action, TimeSpan lasts) => _outputs[output] = action switch
    {
        OsdpOutputAction.OnForTime => (true, false, time.GetTimestamp(), lasts),
        OsdpOutputAction.OffForTime => (false, true, time.GetTimestamp(), lasts),
        _ => (action == OsdpOutputAction.On, action == OsdpOutputAction.On, time.GetTimestamp(), TimeSpan.MaxValue),
    };

    private bool OutputNow(int output)
    {
        var (on, after, since, lasts) = _outputs[output];
        return time.GetElapsedTime(since) < lasts ? on : after;
    }

    private void SetLocalStatus(bool tampered, bool powerFailed)
    {
        (_tampered, _powerFailed) = (tampered, powerFailed);
        _toSay.Enqueue((OsdpReplyCode.LocalStatus, LocalStatus()));
    }

    private byte[] InputStatus() => [.. _inputs.Select(active => (byte)(active ? 1 : 0))];

    private byte[] LocalStatus() => [(byte)(_tampered ? 1 : 0), (byte)(_powerFailed ? 1 : 0)];

    private static (OsdpReplyCode Code, byte[] Data) Nak(OsdpNak reason) => (OsdpReplyCode.Nak, [(byte)reason]);

    private OsdpFrame Clear(OsdpHeader command, OsdpReplyCode code, params ReadOnlySpan<byte> data) =>
        OsdpFrame.Create(command with { IsReply = true, Address = address }, (byte)code, data);

    private OsdpFrame Handshake(OsdpHeader command, OsdpSecurity type, byte blockData, OsdpReplyCode code, byte[] data) =>
        OsdpFrame.Create(command with { IsReply = true, Address = address }, [(byte)type, blockData], (byte)code, data, mac: null);

    /// <summary>The reply as it reaches the line.</summary>
    private byte[]? Spoil(byte[] reply)
    {
        if (LostReplies > 0)
        {
            LostReplies--;
            return null;
        }
        if (WrongSequences > 0)
        {
            WrongSequences--;
            var header = new OsdpHeader(address, IsReply: true, (reply[5] + 1) & 3, UsesCrc: true);
            return OsdpFrame.Create(header, (byte)OsdpReplyCode.Ack, []).Wire.ToArray();
        }
        if (WrongChecks > 0)
        {
            WrongChecks--;
            return [.. reply[..^1], (byte)~reply[^1]];
        }
        return reply;
    }
}
