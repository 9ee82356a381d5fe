using EdgeGate.Access;
using EdgeGate.Devices.Portals;
using static EdgeGate.Service.Settings.SettingsPaths;

namespace EdgeGate.Service.Settings;

/// <summary>The rules of <see cref="SettingsRules"/> for what hangs on a gate: ports, buses, lines, inputs.</summary>
internal static class DeviceRules
{
    public static IEnumerable<(string, string)> LanesAndDevicesDiffer(GateSettings settings)
    {
        var lanes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, lane) in LanesOf(settings))
        {
            if (!lanes.TryAdd(lane.Id, path))
                yield return ($"{path}.id", $"must differ from that of {lanes[lane.Id]}: both are \"{lane.Id}\".");
        }
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        var ports = new Dictionary<string, (string Path, DeviceSettings Device)>(StringComparer.Ordinal);
        foreach (var (path, device) in DevicesOf(settings))
        {
            if (!ids.TryAdd(device.Id, path))
                yield return ($"{path}.id", $"must differ from that of {ids[device.Id]}: both are \"{device.Id}\".");
            if (device is IPortDevice { Port: not null, Place: var port }
                && !ports.TryAdd(port, (path, device)) && (device, ports[port].Device) is not (IOsdpDevice, IOsdpDevice))
                yield return ($"{path}.port", $"must differ from that of {ports[port].Path}: a serial port serves one device.");
            if (device is I2cThermometerSettings { Bus: var bus, Address: var address } && $"{bus} {Convert.ToByte(address, 16)}" is var place && !ports.TryAdd(place, (path, device)))
                yield return ($"{path}.address", $"must differ from that of {ports[place].Path}: an address on a bus is one device's.");
        }
    }

    public static IEnumerable<(string, string)> PortsAreFound(GateSettings settings)
    {
        var byUsb = new List<(string Path, IPortDevice Device)>();
        foreach (var (path, device) in DevicesOf(settings).Where(device => device.Device is IPortDevice).Select(device => (device.Path, (IPortDevice)device.Device)))
        {
            if (device.Usb is { } usb && usb == new UsbSettings())
                yield return ($"{path}.usb", "names nothing: give vendor and product, serialNumber, or path; devices list shows them.");
            else if (device.Port is null && device.Usb is null)
                yield return ($"{path}.port", "or usb is needed: the name of its port, or the USB adapter it hangs on; devices list shows both.");
            else if (device is { Port: null, Usb: { } alone })
            {
                foreach (var other in byUsb.Where(other => other.Device.Usb!.ToSelector().Overlaps(alone.ToSelector()) && (device, other.Device) is not (IOsdpDevice, IOsdpDevice)))
                    yield return ($"{path}.usb", $"may find the adapter of {other.Path}: give both a serialNumber, or a path where they have none.");
                byUsb.Add((path, device));
            }
        }
    }

    public static IEnumerable<(string, string)> OsdpLinesAreClear(GateSettings settings)
    {
        var devices = DevicesOf(settings).Where(device => device.Device is IOsdpDevice).Select(device => (device.Path, Device: (IOsdpDevice)device.Device)).ToArray();
        foreach (var (index, (path, device)) in devices.Index())
        {
            var before = devices.Take(index).Where(other => other.Device.Place == device.Place).ToArray();
            if (before.Length > 0 && before[0].Device.Baud != device.Baud)
                yield return ($"{path}.baud", $"must be that of {before[0].Path} ({before[0].Device.Baud}): a line has one speed.");
            foreach (var (otherPath, other) in before.Where(other => other.Device.Address == device.Address))
            {
                if (device is OsdpReaderSettings && other is OsdpReaderSettings)
                    yield return ($"{path}.address", $"must differ from that of {otherPath}: both are {device.Address}.");
                else if (device.KeyFile != other.KeyFile)
                    yield return ($"{path}.keyFile", $"must be that of {otherPath}: at address {device.Address} both are the same device.");
            }
        }
    }

    /// <summary>Asks the portal's own parser, so that what is checked here is what will be used.</summary>
    public static IEnumerable<(string, string)> PortalTextsAreClear(GateSettings settings)
    {
        foreach (var (path, lane) in LanesOf(settings))
        {
            if (lane.Portal is not TextPortalSettings text)
                continue;
            if (FaultOf(() => TextTemplate.Parse(text.Open)) is { } open)
                yield return ($"{path}.portal.open", $"cannot be used. {open}.");
            foreach (var (key, written) in new[] { ("close", text.Close), ("hold", text.Hold), ("release", text.Release) })
            {
                if (written is not null && FaultOf(() => new TextCommands(TextTemplate.Parse("OPEN"), close: TextTemplate.Parse(written))) is { } fault)
                    yield return ($"{path}.portal.{key}", $"cannot be used. {fault}.");
            }
            if (text is { Hold: not null, Close: null, Release: null })
                yield return ($"{path}.portal.release", "is missing: what hold begins must be ended by a text, release or close.");
            if (text is { Hold: null, Release: not null })
                yield return ($"{path}.portal.hold", "is missing: release ends what hold begins.");
        }

        static string? FaultOf(Func<object> make)
        {
            try
            {
                make();
                return null;
            }
            catch (FormatException wrong)
            {
                return wrong.Message;
            }
        }
    }

    public static IEnumerable<(string, string)> GpioLinesAreClear(GateSettings settings)
    {
        var used = new Dictionary<(string Chip, string Line), string>();
        var linked = settings.Lanes.Select(lane => lane.Portal).OfType<GpioPortalSettings>().CountBy(portal => portal.Interlock ?? "").ToDictionary(StringComparer.Ordinal);
        foreach (var (path, device) in DevicesOf(settings))
        {
            var (chip, lines) = GpioLinesOf(device);
            foreach (var (key, line) in lines)
            {
                if (!used.TryAdd((chip, line), $"{path}.{key}"))
                    yield return ($"{path}.{key}", $"must differ from {used[(chip, line)]}: a line serves one thing.");
            }
        }
        foreach (var (path, lane) in LanesOf(settings))
        {
            if (lane.Portal is not GpioPortalSettings portal)
                continue;
            if (portal is { Drive: PortalDrive.Level, PassageSensor: null })
                yield return ($"{path}.portal.drive", "is level, which ends when somebody goes through: add passageSensor, or set pulse.");
            if (portal is { Lock: LockKind.FailSafe, Close: not null })
                yield return ($"{path}.portal.lock", "is fail-safe, which a drive that must be told to open and told to close cannot be: leave it out, or take close out.");
            if (portal.Interlock is { } name && linked[name] < 2)
                yield return ($"{path}.portal.interlock", "names no other portal of this gate: only one alone cannot be linked.");
        }
    }

    public static IEnumerable<(string, string)> OsdpInputsAreClear(GateSettings settings)
    {
        foreach (var (path, lane) in LanesOf(settings))
        {
            if (lane.Portal is not OsdpPortalSettings portal)
                continue;
            var used = new Dictionary<int, string>();
            foreach (var (key, input) in portal.Inputs().Where(input => !used.TryAdd(input.Input.Input, input.Key)))
                yield return ($"{path}.portal.{key}.input", $"must differ from that of {used[input.Input]}: both are {input.Input}.");
        }
    }

    public static IEnumerable<(string, string)> PassagesFit(GateSettings settings)
    {
        foreach (var (path, portal) in LanesOf(settings).Select(lane => (lane.Path, lane.Lane.Portal)))
        {
            if (portal is IWatchedPortalSettings watched && watched.PassageWait < portal.Pulse)
                yield return ($"{path}.portal.passageWait", $"must not be shorter than pulse ({portal.Pulse}): somebody may go through as long as the portal is open.");
        }
    }

    public static IEnumerable<(string, string)> DoorContactsAreClear(GateSettings settings)
    {
        var ids = DevicesOf(settings).Select(device => (device.Device.Id, device.Path)).DistinctBy(device => device.Id).ToDictionary(device => device.Id, device => device.Path, StringComparer.Ordinal);
        var topics = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (index, contact) in settings.DoorContacts.Index())
        {
            var path = $"doorContacts[{index}]";
            if (!ids.TryAdd(contact.Id, path))
                yield return ($"{path}.id", $"must differ from that of {ids[contact.Id]}: both are \"{contact.Id}\".");
            if (!topics.TryAdd(contact.Topic, path))
                yield return ($"{path}.topic", $"must differ from that of {topics[contact.Topic]}: a topic is one contact's.");
            if (contact.Topic.StartsWith("edgegate/", StringComparison.Ordinal))
                yield return ($"{path}.topic", "is one of the gates' own.");
            if (contact is { Payload: DoorPayload.Zigbee2mqtt, Member: not null })
                yield return ($"{path}.member", "is for bytes inside a JSON message, and zigbee2mqtt sends none: leave it out.");
        }
        if (settings.DoorContacts.Count > 0 && settings.Broker is null)
            yield return ("doorContacts", "are heard at the broker, but there is none: add broker.");
    }

    public static IEnumerable<(string, string)> FreePortalsCanBeHeld(GateSettings settings)
    {
        foreach (var (path, lane) in LanesOf(settings))
        {
            foreach (var (index, _) in lane.Modes.Index().Where(hours => hours.Item.Mode is PortalMode.Free && lane.Portal.WhyNotFree() is not null))
                yield return ($"{path}.modes[{index}].mode", $"is free, which cannot be had: {lane.Portal.WhyNotFree()}.");
        }
    }

    public static IEnumerable<(string, string)> ThermometersCanDecide(GateSettings settings)
    {
        foreach (var (path, lane) in LanesOf(settings))
        {
            if (lane.Asks(LaneEvidence.Temperature) && lane.Thermometer is Amg8833Settings)
                yield return ($"{path}.thermometer.kind", "sees presence, not fever (steps of 0.25 °C, ±2.5 °C): take another thermometer, or temperature out of evidence.");
            if (lane.Thermometer?.Conversion is not { } conversion)
                continue;
            var (from, to) = (Math.Max(conversion.AmbientFrom, settings.Rules.Temperature.AmbientFrom), Math.Min(conversion.AmbientTo, settings.Rules.Temperature.AmbientTo));
            if (from >= to && settings.Rules.Temperature.AmbientFrom < settings.Rules.Temperature.AmbientTo)
                yield return ($"{path}.thermometer.conversion.ambientFrom", $"leaves no surroundings in which anything could be decided: between {from} and {to} °C there is nothing.");
        }
    }

    private static (string Chip, IEnumerable<(string Key, string Line)> Lines) GpioLinesOf(DeviceSettings device) => device switch
    {
        GpioPortalSettings portal => (portal.Chip,
            [("unlock", portal.Unlock), .. portal.Close is { } close ? [("close", close)] : Array.Empty<(string, string)>(), .. portal.Inputs().Select(input => ($"{input.Key}.line", input.Input.Line))]),
        WiegandReaderSettings reader => (reader.Chip, reader.Lines()),
        _ => ("", []),
    };
}
