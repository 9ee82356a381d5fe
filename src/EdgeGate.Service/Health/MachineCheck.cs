using System.Net;
using System.Net.Sockets;
using EdgeGate.Access;
using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Mqtt;
using EdgeGate.Service.Hardware;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Health;

/// <param name="IsGood">Otherwise the gate would not work here as it is set; null for what cannot be tried without moving something.</param>
/// <param name="Words">What was looked at and what was found, with the remedy.</param>
internal sealed record MachineFinding(bool? IsGood, string Words);

/// <summary>
/// Whether this machine has what the settings ask for, tried as the gate itself would, by the user who will run it. What a running gate has
/// open itself is no fault. Nothing is moved, and nothing is left behind.
/// </summary>
internal sealed class MachineCheck(GateSettings settings, GateClock clock, TimeProvider time)
{
    private static readonly TimeSpan BrokerWithin = TimeSpan.FromSeconds(10);

    /// <summary>The process that writes this gate's journal; null when none is seen.</summary>
    private readonly int? _gate = PortHolder.Find(GateJournal.LockFile(GateHost.JournalDirectory(settings)))?.ProcessId;

    private string ByTheGate => $"in use by the gate itself, which runs (process {_gate})";

    public async IAsyncEnumerable<MachineFinding> RunAsync()
    {
        var devices = settings.Devices().ToArray();
        foreach (var device in devices.OfType<IPortDevice>().DistinctBy(device => device.Place)) // devices on one RS-485 line share it
            yield return await PortAsync(device);
        foreach (var bus in devices.OfType<I2cThermometerSettings>().Select(thermometer => thermometer.Bus).Distinct())
            yield return Bus(bus);
        foreach (var portal in devices.OfType<GpioPortalSettings>())
            yield return await InputsAsync(portal);
        foreach (var reader in devices.OfType<WiegandReaderSettings>())
            yield return await InputsAsync($"reader {reader.Id}", reader.Chip, reader.ToOptions().Lines, $"GPIO chip {reader.Chip} and the two lines of {reader.Id}");
        yield return DataDirectory();
        foreach (var file in KeyFiles().OfType<string>())
            yield return KeyFile(file);
        if (EvidenceKeyLeftBehind() is { } left)
            yield return left;
        foreach (var address in (Uri?[])[settings.Web.Address, settings.Web.GuardPost?.Address])
        {
            if (address is not null)
                yield return WebPort(address);
        }
        yield return Clock();
        if (settings.Broker is { } broker)
            yield return await BrokerAsync(broker);
    }

    /// <summary>Opened and closed again: that alone tells what is absent, held or not permitted.</summary>
    private async Task<MachineFinding> PortAsync(IPortDevice device)
    {
        var port = new DevicePorts(new UsbTree(), identities: null, time).Of(device);
        try
        {
            await using var line = await port.OpenAsync(CancellationToken.None);
            return new MachineFinding(true, $"port {port.Name}");
        }
        catch (DevicePortException held) when (_gate is not null && held.HolderProcess == _gate)
        {
            return new MachineFinding(true, $"port {port.Name}, {ByTheGate}");
        }
        catch (DevicePortException refused)
        {
            return new MachineFinding(false, $"port {refused.Message}");
        }
    }

    private static MachineFinding Bus(string bus)
    {
        try
        {
            using var file = File.OpenHandle(bus, FileMode.Open, FileAccess.ReadWrite);
            return new MachineFinding(true, $"I2C bus {bus}");
        }
        catch (UnauthorizedAccessException)
        {
            return new MachineFinding(false, $"I2C bus {bus}: user {Environment.UserName} may not open it: add the user to its group (sudo usermod -aG i2c {Environment.UserName})");
        }
        catch (IOException)
        {
            return new MachineFinding(false, $"I2C bus {bus} is not there: switch it on (dtparam=i2c_arm=on) and load the module i2c-dev");
        }
    }

    /// <summary>Only what can be read: to take a relay's line would set its level.</summary>
    private Task<MachineFinding> InputsAsync(GpioPortalSettings portal)
    {
        var options = LaneSetup.OptionsOf(portal);
        var inputs = new[] { options.DoorContact, options.PassageSensor, options.ExitButton, options.FireInput }.OfType<PortalInputLine>().ToArray();
        return inputs.Length == 0
            ? Task.FromResult(new MachineFinding(null, $"portal {portal.Id} on GPIO chip {portal.Chip}: it has nothing but relays"))
            : InputsAsync($"portal {portal.Id}", portal.Chip, [.. inputs.Select(input => input.Request)], $"GPIO chip {portal.Chip} and {inputs.Length} inputs of {portal.Id}; not its relays");
    }

    private async Task<MachineFinding> InputsAsync(string whose, string chip, IReadOnlyList<GpioLineRequest> inputs, string found)
    {
        try
        {
            await using var lines = await new GpioPort(chip, inputs, time).OpenAsync(CancellationToken.None);
            return new MachineFinding(true, found);
        }
        catch (DevicePortException held) when (_gate is not null && held.Fault is DevicePortFault.HeldByAnother)
        {
            return new MachineFinding(null, $"{whose}: {held.Message}. The gate runs (process {_gate}): stop it to be sure"); // whose a line is, the kernel tells by name only
        }
        catch (DevicePortException refused)
        {
            return new MachineFinding(false, $"{whose}: {refused.Message}");
        }
    }

    private MachineFinding DataDirectory()
    {
        var directory = settings.DataDirectory;
        var probe = Path.Combine(directory, $".written-by-doctor-{Environment.ProcessId}");
        try
        {
            using (new FileStream(probe, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose }))
            {
                var kind = new DriveInfo(directory).DriveFormat;
                return kind is "tmpfs" or "ramfs" or "overlay" or "overlayfs" or "vfat" or "msdos" or "exfat" or "nfs" or "cifs" or "smb2"
                    ? new MachineFinding(false, $"data directory {directory} is on {kind}, which keeps nothing through a power cut or not reliably: use a disk with ext4")
                    : new MachineFinding(true, $"data directory {directory}, on {kind}");
            }
        }
        catch (DirectoryNotFoundException)
        {
            return new MachineFinding(false, $"data directory {directory} is not there: sudo install -d -o {Environment.UserName} -m 0700 {directory}");
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return new MachineFinding(false, $"data directory {directory} cannot be written by user {Environment.UserName}: {unwritable.Message}");
        }
    }

    /// <summary>Those that the gate reads and does not make.</summary>
    private IEnumerable<string?> KeyFiles() =>
    [
        settings.Privacy.SiteKeyFile, settings.Privacy.CenterPublicKeyFile, settings.HealthCodes.OperatorKeyFile, .. settings.HealthCodes.PassKeyFiles,
        .. settings.Commands.Keys.Select(key => key.PublicKeyFile),
        .. settings.Lanes.SelectMany(lane => (IEnumerable<DeviceSettings>)[.. lane.Readers, lane.Portal]).OfType<IOsdpDevice>().Select(device => device.KeyFile).Distinct(),
    ];

    private static MachineFinding KeyFile(string file)
    {
        try
        {
            return new FileInfo(file) is { Length: > 0 } && File.ReadAllBytes(file).Length > 0
                ? new MachineFinding(true, $"key file {file}")
                : new MachineFinding(false, $"key file {file} is empty");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return new MachineFinding(false, $"key file {file} cannot be read by user {Environment.UserName}: {unreadable.Message}");
        }
    }

    private MachineFinding? EvidenceKeyLeftBehind()
    {
        var secret = Path.Combine(settings.DataDirectory, "keys", "site-private.pem");
        return File.Exists(secret) ? new MachineFinding(false, $"{secret} opens all sealed evidence and lies on this machine: move it to a safe place") : null;
    }

    private MachineFinding WebPort(Uri address)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.TryParse(address.Host, out var own) ? own : IPAddress.Loopback, address.Port);
            listener.Start();
            return new MachineFinding(true, $"web address {address}");
        }
        catch (SocketException) when (_gate is { } gate && PortHolder.Listens(gate, address.Port))
        {
            return new MachineFinding(true, $"web address {address}, {ByTheGate}");
        }
        catch (SocketException refused)
        {
            return new MachineFinding(false, refused.SocketErrorCode is SocketError.AddressAlreadyInUse
                ? $"web address {address} is used by another program; see which: sudo ss -ltnp sport = :{address.Port}"
                : $"web address {address} cannot be used: {refused.Message}");
        }
    }

    private MachineFinding Clock() => clock.Read().Grade switch
    {
        ClockGrade.Synchronised => new MachineFinding(true, "clock, synchronised"),
        ClockGrade.Unset => new MachineFinding(false, "clock: it was never set: name a time server in /etc/systemd/timesyncd.conf"),
        _ => new MachineFinding(false, "clock: it is not synchronised, so it drifts: see timedatectl timesync-status"),
    };

    /// <summary>A login with the gate's name and password, under another client id: under the gate's own it would throw the gate out.</summary>
    private async Task<MachineFinding> BrokerAsync(BrokerSettings broker)
    {
        try
        {
            var options = UplinkSetup.LinkOptionsOf(settings, broker, new GateTopics(settings.Site, settings.Gate)) with
            {
                ClientId = $"doctor-{Guid.NewGuid():N}",
                SessionExpiry = TimeSpan.Zero,
            };
            await using var link = new MqttLink(options, time);
            var settled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            link.Changed += change =>
            {
                // A refusal may be of the protocol's version only; the next try is with the older one.
                if (change.Kind is MqttLinkEventKind.Up or MqttLinkEventKind.Unreachable or MqttLinkEventKind.TlsFailed)
                    settled.TrySetResult(change.Kind is MqttLinkEventKind.Up);
            };
            await link.StartAsync(CancellationToken.None);
            await Task.WhenAny(settled.Task, Task.Delay(BrokerWithin, time));
            return settled.Task is { IsCompleted: true, Result: true }
                ? new MachineFinding(true, $"broker {broker.Host}:{broker.Port} lets this gate in")
                : new MachineFinding(false, $"broker: {link.State.Cause ?? $"{broker.Host}:{broker.Port} gives no answer within {BrokerWithin.TotalSeconds:0} s"}");
        }
        catch (BrokerFileException unusable)
        {
            return new MachineFinding(false, $"broker: {unusable.Message}");
        }
    }
}
