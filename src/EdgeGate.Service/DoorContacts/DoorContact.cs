using System.Text.Json;
using EdgeGate.Devices.DoorContacts;
using EdgeGate.Devices.Ports;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.DoorContacts;

/// <summary>What is known of one wireless door contact. What a message does not say stays as it was; silence makes the door unknown, not closed.</summary>
internal sealed class DoorContact(DoorContactSettings settings, bool? isOpen, Action<DeviceEventKind> tell, Action<DeviceState, string> show, TimeProvider time)
{
    private const int BatteryLowPercent = 10;

    private readonly Lock _lock = new();

    /// <summary>Whoever may publish on the topic makes twenty records at once, and then one a minute.</summary>
    private readonly TokenBucket _pace = new(capacity: 20, TimeSpan.FromMinutes(1), time);

    /// <summary>Another twenty, and one a minute, of what it tells of itself: none of the one uses up the other.</summary>
    private readonly TokenBucket _toldPace = new(capacity: 20, TimeSpan.FromMinutes(1), time);

    private DoorReport _last = new(isOpen);
    private bool _toldTamper, _toldBatteryLow;
    private long _heardAt = time.GetTimestamp();
    private bool _isSilent, _wasHeard;

    public DoorContactSettings Settings => settings;

    /// <summary>Null while nobody has said.</summary>
    public bool? IsOpen => _last.IsOpen;

    /// <summary>Takes one message in.</summary>
    /// <returns>What the door does now, with all that is known; null when that is no news.</returns>
    public DoorReport? Take(ReadOnlyMemory<byte> message)
    {
        lock (_lock)
        {
            if (Decode(message) is not { } heard)
            {
                show(DeviceState.Doubtful, $"what comes on its topic is no {JsonNamingPolicy.KebabCaseLower.ConvertName(settings.Payload.ToString())} message");
                return null;
            }
            _heardAt = time.GetTimestamp();
            (_wasHeard, var wasSilent) = (true, _isSilent);
            _isSilent = false;
            if (wasSilent)
                tell(DeviceEventKind.HeardAgain);
            var before = _last;
            _last = before with
            {
                BatteryPercent = heard.BatteryPercent ?? before.BatteryPercent,
                Tamper = heard.Tamper ?? before.Tamper,
                BatteryLow = heard.BatteryLow ?? (heard.BatteryPercent is { } percent ? percent <= BatteryLowPercent : before.BatteryLow),
            };
            TellChange(ref _toldTamper, _last.Tamper, DeviceEventKind.Tampered, DeviceEventKind.TamperEnded);
            TellChange(ref _toldBatteryLow, _last.BatteryLow, DeviceEventKind.BatteryLow, DeviceEventKind.BatteryGood);
            Show();
            return heard.IsOpen is { } open && open != before.IsOpen && _pace.TryTake() ? _last with { IsOpen = open } : null;
        }
    }

    /// <summary>The news is on record: told again it is none. News that could not be recorded is taken from the next message.</summary>
    public void Recorded(bool open)
    {
        lock (_lock)
        {
            _last = _last with { IsOpen = open };
            Show();
        }
    }

    public void TimePassed()
    {
        lock (_lock)
        {
            if (_isSilent || time.GetElapsedTime(_heardAt) < settings.SilentAfter)
                return;
            _isSilent = true;
            tell(DeviceEventKind.Silent);
            Show();
        }
    }

    public void Show()
    {
        var (state, words) = this switch
        {
            { _isSilent: true } => (DeviceState.Silent, $"nothing was heard for {settings.SilentAfter}: the door may be open or closed"),
            { _last.Tamper: true } => (DeviceState.Doubtful, "it was taken off, or opened (tamper)"),
            { _last.BatteryLow: true } => (DeviceState.Doubtful, "its battery is low"),
            { _wasHeard: false } => (DeviceState.Connected, "nothing heard since the gate started"),
            _ => (DeviceState.Connected, IsOpen switch { true => "the door is open", false => "the door is closed", null => "it has not told of the door" }),
        };
        show(state, words);
    }

    /// <summary>
    /// The first word is compared with "good": a contact that begins well has nothing to tell. What comes too fast is told with a later message, if
    /// it still is so.
    /// </summary>
    private void TellChange(ref bool told, bool? now, DeviceEventKind begins, DeviceEventKind ends)
    {
        if (told == (now ?? false) || !_toldPace.TryTake())
            return;
        told = !told;
        tell(told ? begins : ends);
    }

    private DoorReport? Decode(ReadOnlyMemory<byte> message)
    {
        if (settings.Member is { } member)
        {
            if (WrappedPayload.Unwrap(message, member) is not { } bytes)
                return null;
            message = bytes;
        }
        return (settings.Payload switch
        {
            DoorPayload.IasZone => IasZoneDoor.Decode(message.Span),
            DoorPayload.Ws301 => Ws301Door.Decode(message.Span),
            _ => Zigbee2MqttDoor.Decode(message.Span),
        }).Report;
    }
}
