using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Readers.Osdp;

/// <summary>
/// One address on a line: a reader, a panel's output, or both in one. Who answers there first is known from then on; another one is
/// refused, cards, keys, inputs and output alike, until a person accepts it.
/// </summary>
internal sealed class OsdpDevice
{
    private readonly Action<OsdpDevice> _changed, _accepted;
    private readonly Action<string, DeviceEventKind> _tell;
    private readonly OsdpIdentity _identity;
    private readonly TimeProvider _time;
    private readonly string? _fault;
    private OsdpPortal? _portal;
    private OsdpEvent.LocalStatus _local = new(Tampered: false, PowerFailed: false);

    /// <summary>Why who answers is not the one that is known, in words; null when it is.</summary>
    private volatile string? _swapped;

    /// <param name="settings">Everything set at this address.</param>
    /// <param name="identity">Who it was so far.</param>
    /// <param name="changed">Called when <see cref="Status"/> is another, mostly on the line's loop.</param>
    /// <param name="tell">Called on the line's loop with what is to go on record, of the device with this id.</param>
    /// <param name="accepted">Called when a person has accepted another one, before <paramref name="changed"/>.</param>
    public OsdpDevice(
        IReadOnlyList<IOsdpDevice> settings, OsdpIdentity identity, TimeProvider time, Action<OsdpDevice> changed, Action<string, DeviceEventKind> tell, Action<OsdpDevice> accepted)
    {
        (Ids, Address, _identity, _time, _changed, _tell, _accepted) = ([.. settings.Select(device => device.Id)], settings[0].Address, identity, time, changed, tell, accepted);
        var key = default(OsdpKey);
        if (settings[0].KeyFile is { } file)
            (key, _fault) = OsdpKeyFile.Read(file);
        // Never in the clear because a key could not be read.
        if (_fault is null)
            Peripheral = new OsdpPeripheral(new OsdpPeripheralOptions { Address = (byte)Address, Key = key }, time, Take);
    }

    /// <summary>Raised on the line's loop, and once when it is accepted; of a device that is refused nothing but its comings and goings.</summary>
    public event Action<OsdpEvent>? Happened;

    public IReadOnlyList<string> Ids { get; }

    public int Address { get; }

    /// <summary>Null when its key cannot be read.</summary>
    public OsdpPeripheral? Peripheral { get; }

    public (DeviceState State, string Cause) Status => Peripheral?.Status is not { } status ? (DeviceState.Faulty, _fault!)
        : status.State is OsdpState.Online && _swapped is { } swapped ? (DeviceState.Swapped, swapped)
        : status.State is OsdpState.Online && Local + Disobedience is { Length: > 0 } doubt ? (DeviceState.Doubtful, status.Cause + doubt)
        : (StateOf(status.State), status.Cause + Local);

    private string Local =>
        (_local.Tampered ? ", its housing is open (tamper)" : "") + (_local.PowerFailed ? ", its power supply fails" : "");

    private string Disobedience => _portal?.WhyNotObeyed is { } why ? $", and its {why}" : "";

    public ValueTask<OsdpResult> SendAsync(OsdpCommand command, CancellationToken cancellationToken) =>
        (_fault ?? _swapped) is { } refused ? ValueTask.FromResult<OsdpResult>(new OsdpResult.Unreachable(refused)) : Peripheral!.SendAsync(command, cancellationToken);

    public IPortal Portal(OsdpPortalSettings settings)
    {
        _portal = new OsdpPortal(LaneSetup.OptionsOf(settings), SendAsync, _time);
        _portal.ObedienceChanged += () => _changed(this);
        Happened += _portal.Hear;
        return _portal;
    }

    /// <summary>A person says that who answers now, or next, is the right one.</summary>
    public void AcceptAnybody()
    {
        _identity.Forget();
        Admit();
    }

    /// <summary>Looks whether a person has accepted, by name, who is refused.</summary>
    public void TakeAcceptance()
    {
        if (_identity.TakeAcceptance())
            Admit();
    }

    private void Admit()
    {
        if (_swapped is null)
            return;
        _swapped = null;
        _accepted(this);
        if (Peripheral?.Status is not { State: OsdpState.Online } status)
            return;
        Recognize(status);
        _changed(this);
        Happened?.Invoke(new OsdpEvent.StatusChanged(status)); // to whoever was not told of it while it was refused
    }

    private void Take(OsdpEvent happened)
    {
        switch (happened)
        {
            case OsdpEvent.LocalStatus local:
                TakeLocal(local);
                break;
            case OsdpEvent.StatusChanged { Status: { State: OsdpState.Online } status }:
                Recognize(status);
                break;
        }
        if (happened is OsdpEvent.LocalStatus or OsdpEvent.StatusChanged)
            _changed(this);
        if (_swapped is null || happened is OsdpEvent.StatusChanged or OsdpEvent.SessionBegan)
            Happened?.Invoke(happened);
    }

    /// <summary>That another is there goes on record by its state, as of every device (SwapRecords).</summary>
    private void Recognize(OsdpStatus online) => _swapped = _identity.ObjectionTo(online.Identification);

    private void TakeLocal(OsdpEvent.LocalStatus local)
    {
        if (local.Tampered != _local.Tampered)
            _tell(Ids[0], local.Tampered ? DeviceEventKind.Tampered : DeviceEventKind.TamperEnded);
        if (local.PowerFailed != _local.PowerFailed)
            _tell(Ids[0], local.PowerFailed ? DeviceEventKind.PowerFailed : DeviceEventKind.PowerRestored);
        _local = local;
    }

    private static DeviceState StateOf(OsdpState state) => state switch
    {
        OsdpState.Online => DeviceState.Connected,
        OsdpState.Connecting => DeviceState.Closed,
        OsdpState.Offline => DeviceState.Silent,
        _ => DeviceState.Faulty,
    };
}
