using System.Threading.Channels;
using EdgeGate.Access;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Wiegand;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Readers.Osdp;

/// <summary>Brings what one OSDP reader reads to the lane, and what the lane answers to the reader's light and buzzer.</summary>
internal sealed class OsdpReaderService : BackgroundService
{
    private readonly OsdpReaderSettings _settings;
    private readonly OsdpDevice _device;
    private readonly Lane _lane;
    private readonly TimeProvider _time;

    /// <summary>When the lane is stuck nobody passes, and what was shown meanwhile is for nobody.</summary>
    private readonly Channel<Credential> _shown = Channel.CreateBounded<Credential>(
        new BoundedChannelOptions(4) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>The reader has just come online, or was reset: its lights show nothing of ours.</summary>
    private volatile bool _beganAnew;

    private readonly KeyedCode? _keyed;

    public OsdpReaderService(OsdpReaderSettings settings, OsdpDevice device, Lane lane, TimeProvider time)
    {
        (_settings, _device, _lane, _time) = (settings, device, lane, time);
        _keyed = settings.Keypad ? new KeyedCode(time) : null;
        device.Happened += Take;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var presenting = PresentAsync(stoppingToken);
        if (_settings.Feedback)
            await await Task.WhenAny(presenting, ShowAsync(stoppingToken)); // neither ends but by a stop or a bug
        await presenting;
    }

    internal static Credential CredentialOf(OsdpCard card)
    {
        if (WiegandCard.TryDecode(card.Bits, out var number, out var fault))
            return CardCode.Of(number);
        const byte AnyBits = 0;
        return card is { Format: AnyBits, Bits.Count: >= 32 and <= 80 } && card.Bits.Count % 8 == 0
            ? new Credential.Code("UID-" + Convert.ToHexString(card.Bits.Bytes.Span)) // apart from printed numbers, of which some have eight digits
            : CardCode.Unreadable(fault);
    }

    private void Take(OsdpEvent happened)
    {
        switch (happened)
        {
            case OsdpEvent.CardRead(var card):
                _shown.Writer.TryWrite(CredentialOf(card));
                break;
            case OsdpEvent.KeysPressed(var keys) when _keyed?.Take(keys.Keys) is { } code:
                _shown.Writer.TryWrite(code);
                break;
            case OsdpEvent.SessionBegan or OsdpEvent.StatusChanged { Status.State: OsdpState.Online }:
                _beganAnew = true;
                break;
        }
    }

    private async Task PresentAsync(CancellationToken stopping)
    {
        await foreach (var credential in _shown.Reader.ReadAllAsync(stopping))
            await _lane.Inputs.PresentAsync(_settings.Id, credential, stopping);
    }

    /// <summary>Whatever the kiosk shows. What the reader does not take is not repeated: the next picture follows.</summary>
    private async Task ShowAsync(CancellationToken stopping)
    {
        var shown = default(KioskFace?);
        using var watcher = _lane.Kiosk.TryWatch();
        if (watcher is null) // all places are taken by screens: the reader goes without lights
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, stopping);
        await foreach (var view in watcher!.ViewsAsync(repeatAfter: TimeSpan.FromSeconds(1), _time, stopping))
        {
            // Free passage is shown for a moment at a time, as answers are: it must not outlast a gate that has died either.
            if (view.Face == shown && !_beganAnew && view.Face is not KioskFace.Free)
                continue;
            (shown, _beganAnew) = (view.Face, false);
            foreach (var command in OsdpFeedback.For(view.Face, _lane.Options.Encounter.ResultShownFor))
                await _device.SendAsync(command, stopping);
        }
    }
}
