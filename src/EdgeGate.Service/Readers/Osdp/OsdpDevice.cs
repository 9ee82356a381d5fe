using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Readers.Osdp;

/// <summary>One address on a line: a reader, a panel's output, or both in one.</summary>
internal sealed class OsdpDevice
{
    private readonly Action<OsdpDevice> _changed;
    private readonly string? _fault;
    private OsdpEvent.LocalStatus _local = new(Tampered: false, PowerFailed: false);

    /// <param name="settings">Everything set at this address.</param>
    /// <param name="changed">Called on the line's loop when <see cref="Status"/> is another.</param>
    public OsdpDevice(IReadOnlyList<IOsdpDevice> settings, TimeProvider time, Action<OsdpDevice> changed)
    {
        (Ids, Address, _changed) = ([.. settings.Select(device => device.Id)], settings[0].Address, changed);
        var key = default(OsdpKey);
        if (settings[0].KeyFile is { } file)
            (key, _fault) = OsdpKeyFile.Read(file);
        // Never in the clear because a key could not be read.
        if (_fault is null)
            Peripheral = new OsdpPeripheral(new OsdpPeripheralOptions { Address = (byte)Address, Key = key }, time, Take);
    }

    /// <summary>Raised on the line's loop.</summary>
    public event Action<OsdpEvent>? Happened;

    public IReadOnlyList<string> Ids { get; }

    public int Address { get; }

    /// <summary>Null when its key cannot be read.</summary>
    public OsdpPeripheral? Peripheral { get; }

    public (DeviceState State, string Cause) Status => Peripheral?.Status is { } status
        ? (StateOf(status.State), status.Cause + Local)
        : (DeviceState.Faulty, _fault!);

    private string Local =>
        (_local.Tampered ? ", its housing is open (tamper)" : "") + (_local.PowerFailed ? ", its power supply fails" : "");

    public ValueTask<OsdpResult> SendAsync(OsdpCommand command, CancellationToken cancellationToken) =>
        Peripheral?.SendAsync(command, cancellationToken) ?? ValueTask.FromResult<OsdpResult>(new OsdpResult.Unreachable(_fault!));

    public IPortal Portal(OsdpPortalSettings settings) => new OsdpPortal(SendAsync, (byte)settings.Output, settings.Pulse);

    private void Take(OsdpEvent happened)
    {
        if (happened is OsdpEvent.LocalStatus local)
            _local = local;
        if (happened is OsdpEvent.LocalStatus or OsdpEvent.StatusChanged)
            _changed(this);
        Happened?.Invoke(happened);
    }

    private static DeviceState StateOf(OsdpState state) => state switch
    {
        OsdpState.Online => DeviceState.Connected,
        OsdpState.Connecting => DeviceState.Closed,
        OsdpState.Offline => DeviceState.Silent,
        _ => DeviceState.Faulty,
    };
}
