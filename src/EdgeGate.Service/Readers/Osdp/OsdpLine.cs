using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Service.Hardware;
using EdgeGate.Service.Health;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Readers.Osdp;

/// <summary>Keeps one RS-485 line with its readers and panels, and tells the board how each of them is doing.</summary>
internal sealed partial class OsdpLine : BackgroundService
{
    /// <summary>How long a person has to put a new reader on the line, once asked for.</summary>
    private static readonly TimeSpan InstallFor = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LookForWishesEvery = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<OsdpDevice> _devices;
    private readonly string _dataDirectory;
    private readonly DeviceConnection _connection;
    private readonly OsdpBus _bus;
    private readonly DeviceBoard _board;
    private readonly DeviceEvents _events;
    private readonly DeviceIdentities _identities;
    private readonly TimeProvider _time;
    private readonly ILogger<OsdpLine> _log;

    /// <param name="settings">Everything set on this line's port.</param>
    /// <param name="dataDirectory">Where a person asks for install mode and accepts devices, and it is kept who they are.</param>
    public OsdpLine(
        IReadOnlyList<IOsdpDevice> settings, string dataDirectory, IDevicePort port, DeviceBoard board, DeviceEvents events, DeviceIdentities identities, TimeProvider time, ILogger<OsdpLine> log)
    {
        (_dataDirectory, _board, _events, _identities, _time, _log) = (dataDirectory, board, events, identities, time, log);
        _devices = [.. settings.GroupBy(device => device.Address).Select(same => DeviceOf([.. same]))];
        _connection = new DeviceConnection(port.Name, port, time, _ => _devices.ToList().ForEach(Tell));
        _bus = new OsdpBus(_connection, settings[0].Baud, [.. _devices.Select(device => device.Peripheral).OfType<OsdpPeripheral>()], time);
        foreach (var device in _devices)
            Tell(device);
    }

    public OsdpDevice Find(IOsdpDevice settings) => _devices.Single(device => device.Address == settings.Address);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await await Task.WhenAny(_bus.RunAsync(stoppingToken), LookForWishesAsync(stoppingToken)); // neither ends but by a stop or a bug

    /// <summary>
    /// Install mode is asked for by a file of the reader's name, which is removed before anything is done: a power cut or a restart does not do it again.
    /// Whoever installs a device accepts it too.
    /// </summary>
    private async Task LookForWishesAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(LookForWishesEvery, _time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            foreach (var device in _devices)
            {
                if (device.Ids.Any(id => TakeFile($"osdp-install-{id}", id)))
                {
                    LogInstall(device.Ids[0], InstallFor);
                    device.Peripheral?.AllowInstall(InstallFor);
                    device.AcceptAnybody();
                }
                device.TakeAcceptance();
            }
        }
    }

    private bool TakeFile(string name, string id)
    {
        var file = Path.Combine(_dataDirectory, name);
        if (!File.Exists(file))
            return false;
        try
        {
            File.Delete(file);
            return true;
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            LogFileKept(id, name, kept);
            return false;
        }
    }

    private OsdpDevice DeviceOf(IReadOnlyList<IOsdpDevice> same) =>
        new(same, new OsdpIdentity(_dataDirectory, [.. same.Select(device => device.Id)], _log), _time, Tell, _events.Tell, TellAccepted);

    private void TellAccepted(OsdpDevice device)
    {
        var who = device.Peripheral?.Status.Identification is { } answered ? OsdpIdentity.WordsOf(answered) : $"whoever answers at address {device.Address}";
        foreach (var id in device.Ids)
            _identities.TellAccepted(id, new DeviceIdentity(Usb: null, who));
    }

    private void Tell(OsdpDevice device)
    {
        (DeviceState State, string Cause, int Reconnects) told;
        do
        {
            told = StatusOf(device);
            foreach (var id in device.Ids)
                _board.Tell(id, told.State, told.Cause, told.Reconnects);
        }
        while (StatusOf(device) != told); // another thread has just told what is newer
    }

    private (DeviceState State, string Cause, int Reconnects) StatusOf(OsdpDevice device)
    {
        var line = _connection.Status;
        var (state, cause) = line.State is DeviceState.Connected ? device.Status : (line.State, line.Cause);
        return (state, cause, line.Reconnects);
    }

    [LoggerMessage(LogLevel.Warning, "Device {Device}: for {Time} it may be given its key over a channel that whoever taps the line can read")]
    private partial void LogInstall(string device, TimeSpan time);

    [LoggerMessage(LogLevel.Warning, "Device {Device}: what {File} asks for is not done, for the file cannot be removed")]
    private partial void LogFileKept(string device, string file, Exception cause);
}
