using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Devices.Portals;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.Mqtt;

namespace EdgeGate.Service.Settings;

/// <summary>
/// What must hold between settings, as an installer would put it. A rule is asked only when the sections it looks at
/// have no faults of their own: a follow-on fault sends people to the wrong place.
/// </summary>
internal static class SettingsRules
{
    private sealed record Rule(string[] Sections, Func<GateSettings, IEnumerable<(string Path, string Text)>> Ask);

    private static readonly Rule[] Rules =
    [
        new([nameof(GateSettings.Lanes)], EvidenceHasItsDevice),
        new([nameof(GateSettings.Lanes)], LanesAndDevicesDiffer),
        new([nameof(GateSettings.Lanes)], PortsAreFound),
        new([nameof(GateSettings.Lanes)], OsdpLinesAreClear),
        new([nameof(GateSettings.Lanes), nameof(GateSettings.Rules), nameof(GateSettings.HealthCodes)], SomebodyCanPass),
        new([nameof(GateSettings.Rules)], GroupsAreClear),
        new([nameof(GateSettings.Rules), nameof(GateSettings.Registers)], ListsAreClear),
        new([nameof(GateSettings.Rules)], TemperaturesAreInOrder),
        new([nameof(GateSettings.HealthCodes)], ProvidersAreClear),
        new([nameof(GateSettings.Lanes), nameof(GateSettings.HealthCodes)], HealthCodesCanBeJudged),
        new([nameof(GateSettings.Broker)], BrokerLoginIsWhole),
        new([nameof(GateSettings.Commands)], CommandKeysAreClear),
        new([nameof(GateSettings.Rounds)], PlacesDiffer),
        new([nameof(GateSettings.Deliveries)], ShelvesDiffer),
        new([nameof(GateSettings.VisitorPasses), nameof(GateSettings.HealthCodes)], OwnPassesAreTaken),
        new([nameof(GateSettings.Registers), nameof(GateSettings.Commands), nameof(GateSettings.Broker)], CentralListsCanCome),
        new([nameof(GateSettings.Lanes)], PortalTextsAreClear),
        new([nameof(GateSettings.Lanes)], GpioLinesAreClear),
        new([nameof(GateSettings.Lanes), nameof(GateSettings.DoorContacts), nameof(GateSettings.Broker)], DoorContactsAreClear),
        new([nameof(GateSettings.Lanes)], OsdpInputsAreClear),
        new([nameof(GateSettings.Lanes)], FreePortalsCanBeHeld),
        new([nameof(GateSettings.Lanes), nameof(GateSettings.Rules)], ThermometersCanDecide),
    ];

    public static IEnumerable<(string Path, string Text)> Faults(GateSettings settings, IReadOnlySet<string> unsound) =>
        Rules.Where(rule => !unsound.Overlaps(rule.Sections)).SelectMany(rule => rule.Ask(settings));

    private static IEnumerable<(string, string)> EvidenceHasItsDevice(GateSettings settings)
    {
        foreach (var (path, lane) in Lanes(settings))
        {
            if (!lane.Asks(LaneEvidence.Identity))
                yield return ($"{path}.evidence", "must contain identity: the gate lets nobody pass whom it does not know.");
            else if (lane.Readers.Count == 0)
                yield return ($"{path}.evidence", "asks for identity, but there is no reader: add one to readers.");
            if (lane.Asks(LaneEvidence.Temperature) && lane.Thermometer is null)
                yield return ($"{path}.evidence", "asks for temperature, but there is no thermometer: add one, or take temperature out.");
            if (lane.Asks(LaneEvidence.HealthCode) && !lane.Readers.Any(reader => reader is ICodeScanner or HandheldReaderSettings))
                yield return ($"{path}.evidence", "asks for a health code, but there is no scanner: add a line-scanner to readers, or take health-code out.");
        }
    }

    private static IEnumerable<(string, string)> HealthCodesCanBeJudged(GateSettings settings)
    {
        if (Lanes(settings).FirstOrDefault(lane => lane.Lane.Asks(LaneEvidence.HealthCode)) is not { Lane: { } asking, Path: var path })
            yield break;
        var codes = settings.HealthCodes;
        foreach (var (index, provider) in codes.Providers.Index())
        {
            if (provider.Budget >= asking.Window)
                yield return ($"healthCodes.providers[{index}].budget", $"must be shorter than {path}.window ({asking.Window}): a later answer would be for nobody.");
        }
        if (codes.Providers.Count == 0 && codes.TrustListFile is null)
            yield return ($"{path}.evidence", "asks for a health code, but nobody can judge one: set healthCodes.trustListFile, or add to healthCodes.providers.");
        if (codes.TrustListFile is not null && codes.OperatorKeyFile is null)
            yield return ("healthCodes.operatorKeyFile", "is missing: a trust list is believed only when it is signed by this key.");
        if (codes.RulesFile is not null && codes.OperatorKeyFile is null)
            yield return ("healthCodes.operatorKeyFile", "is missing: business rules are believed only when they are signed by this key.");
    }

    /// <summary>Asks the pattern itself, so that what is checked here is what will be used.</summary>
    private static IEnumerable<(string, string)> ProvidersAreClear(GateSettings settings)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, provider) in settings.HealthCodes.Providers.Index())
        {
            var path = $"healthCodes.providers[{index}]";
            if (!ids.Add(provider.Id))
                yield return ($"{path}.id", $"is the id of an earlier provider: \"{provider.Id}\".");
            if (FaultOf(provider.Pattern) is { } fault)
                yield return ($"{path}.pattern", $"cannot be used. {fault}");
        }

        static string? FaultOf(string pattern)
        {
            try
            {
                _ = new CodePattern("check", CodeKind.ProviderCode, pattern);
                return null;
            }
            catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
            {
                return wrong.Message;
            }
        }
    }

    private static IEnumerable<(string, string)> LanesAndDevicesDiffer(GateSettings settings)
    {
        var lanes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, lane) in Lanes(settings))
        {
            if (!lanes.TryAdd(lane.Id, path))
                yield return ($"{path}.id", $"must differ from that of {lanes[lane.Id]}: both are \"{lane.Id}\".");
        }
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        var ports = new Dictionary<string, (string Path, DeviceSettings Device)>(StringComparer.Ordinal);
        foreach (var (path, device) in Devices(settings))
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

    private static IEnumerable<(string, string)> PortsAreFound(GateSettings settings)
    {
        var byUsb = new List<(string Path, IPortDevice Device)>();
        foreach (var (path, device) in Devices(settings).Where(device => device.Device is IPortDevice).Select(device => (device.Path, (IPortDevice)device.Device)))
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

    private static IEnumerable<(string, string)> OsdpLinesAreClear(GateSettings settings)
    {
        var devices = Devices(settings).Where(device => device.Device is IOsdpDevice).Select(device => (device.Path, Device: (IOsdpDevice)device.Device)).ToArray();
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

    private static IEnumerable<(string, string)> SomebodyCanPass(GateSettings settings)
    {
        // A code may also stand for a registered person.
        var idCards = settings.Rules.IdCard.Enabled;
        var codes = settings.Rules.CredentialGroups.Count > 0 || settings.Rules.Register is not null || settings.HealthCodes.PassKeyFiles.Count > 0;
        if (!idCards && !codes)
            yield return ("rules", "let nobody in: switch idCard on, add to credentialGroups, or name healthCodes.passKeyFiles.");
        else
        {
            foreach (var (path, lane) in Lanes(settings).Where(lane => lane.Lane.Readers.Count > 0 && !lane.Lane.Readers.Any(reader => reader is HandheldReaderSettings || (reader is SamVReaderSettings ? idCards : codes))))
                yield return ($"{path}.readers", "read nothing that rules let in: resident ID cards need a sam-v, passes a line-scanner.");
        }
    }

    /// <summary>Asks the portal's own parser, so that what is checked here is what will be used.</summary>
    private static IEnumerable<(string, string)> PortalTextsAreClear(GateSettings settings)
    {
        foreach (var (path, lane) in Lanes(settings))
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

    private static IEnumerable<(string, string)> GpioLinesAreClear(GateSettings settings)
    {
        var used = new Dictionary<(string Chip, string Line), string>();
        var linked = settings.Lanes.Select(lane => lane.Portal).OfType<GpioPortalSettings>().CountBy(portal => portal.Interlock ?? "").ToDictionary(StringComparer.Ordinal);
        foreach (var (path, device) in Devices(settings))
        {
            var (chip, lines) = GpioLinesOf(device);
            foreach (var (key, line) in lines)
            {
                if (!used.TryAdd((chip, line), $"{path}.{key}"))
                    yield return ($"{path}.{key}", $"must differ from {used[(chip, line)]}: a line serves one thing.");
            }
        }
        foreach (var (path, lane) in Lanes(settings))
        {
            if (lane.Portal is not GpioPortalSettings portal)
                continue;
            if (portal is { Drive: PortalDrive.Level, PassageSensor: null })
                yield return ($"{path}.portal.drive", "is level, which ends when somebody goes through: add passageSensor, or set pulse.");
            if (portal is { Lock: LockKind.FailSafe, Close: not null })
                yield return ($"{path}.portal.lock", "is fail-safe, which a drive that must be told to open and told to close cannot be: leave it out, or take close out.");
            if (portal.PassageWait < portal.Pulse)
                yield return ($"{path}.portal.passageWait", $"must not be shorter than pulse ({portal.Pulse}): somebody may go through as long as the portal is open.");
            if (portal.Interlock is { } name && linked[name] < 2)
                yield return ($"{path}.portal.interlock", "names no other portal of this gate: only one alone cannot be linked.");
        }
    }

    private static (string Chip, IEnumerable<(string Key, string Line)> Lines) GpioLinesOf(DeviceSettings device) => device switch
    {
        GpioPortalSettings portal => (portal.Chip,
            [("unlock", portal.Unlock), .. portal.Close is { } close ? [("close", close)] : Array.Empty<(string, string)>(), .. portal.Inputs().Select(input => ($"{input.Key}.line", input.Input.Line))]),
        WiegandReaderSettings reader => (reader.Chip, reader.Lines()),
        _ => ("", []),
    };

    private static IEnumerable<(string, string)> OsdpInputsAreClear(GateSettings settings)
    {
        foreach (var (path, lane) in Lanes(settings))
        {
            if (lane.Portal is not OsdpPortalSettings portal)
                continue;
            var used = new Dictionary<int, string>();
            foreach (var (key, input) in portal.Inputs().Where(input => !used.TryAdd(input.Input.Input, input.Key)))
                yield return ($"{path}.portal.{key}.input", $"must differ from that of {used[input.Input]}: both are {input.Input}.");
            if (portal.PassageWait < portal.Pulse)
                yield return ($"{path}.portal.passageWait", $"must not be shorter than pulse ({portal.Pulse}): somebody may go through as long as the portal is open.");
        }
    }

    private static IEnumerable<(string, string)> DoorContactsAreClear(GateSettings settings)
    {
        var ids = Devices(settings).Select(device => (device.Device.Id, device.Path)).DistinctBy(device => device.Id).ToDictionary(device => device.Id, device => device.Path, StringComparer.Ordinal);
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

    private static IEnumerable<(string, string)> FreePortalsCanBeHeld(GateSettings settings)
    {
        foreach (var (path, lane) in Lanes(settings))
        {
            foreach (var (index, _) in lane.Modes.Index().Where(hours => hours.Item.Mode is PortalMode.Free && lane.Portal.WhyNotFree() is not null))
                yield return ($"{path}.modes[{index}].mode", $"is free, which cannot be had: {lane.Portal.WhyNotFree()}.");
        }
    }

    private static IEnumerable<(string, string)> ThermometersCanDecide(GateSettings settings)
    {
        foreach (var (path, lane) in Lanes(settings))
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

    private static IEnumerable<(string, string)> GroupsAreClear(GateSettings settings)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, group) in settings.Rules.CredentialGroups.Index())
        {
            var path = $"rules.credentialGroups[{index}]";
            if (!names.Add(group.Name))
                yield return ($"{path}.name", $"is the name of an earlier group: \"{group.Name}\".");
            if (group.Prefix is null == group.Facility is null)
                yield return (path, "needs one of prefix and facility.");
            if (group.From is null != group.To is null)
                yield return (path, "has only one of from and to: give both, or none for the whole day.");
            else if (group.From is not null && group.From == group.To)
                yield return ($"{path}.to", "must differ from \"from\"; leave both out for the whole day.");
        }
    }

    private static IEnumerable<(string, string)> ListsAreClear(GateSettings settings)
    {
        var (rules, persons) = (settings.Rules, settings.Registers.Persons);
        (string Path, IReadOnlyList<string> Words)[] words =
        [
            ("registers.persons", persons), ("registers.central", settings.Registers.Central), ("rules.register.statuses", rules.Register?.Statuses ?? []), ("rules.zoneRisk.exempt", rules.ZoneRisk?.Exempt ?? []),
            .. rules.CredentialGroups.Index().Select(group => ($"rules.credentialGroups[{group.Index}].gates", group.Item.Gates)),
        ];
        foreach (var (path, list) in words)
        {
            foreach (var (index, word) in list.Index().Where(word => !ListWord.IsValid(word.Item)))
                yield return ($"{path}[{index}]", "must be 1 to 32 lower-case letters, digits or hyphens.");
        }
        foreach (var (index, home) in rules.HomeRegions.Index())
        {
            foreach (var (at, region) in home.Regions.Index().Where(region => region.Item.Length is 0 or > 6 || !region.Item.All(char.IsAsciiDigit)))
                yield return ($"rules.homeRegions[{index}].regions[{at}]", $"must be 1 to 6 digits, the beginning of a region number, not \"{region}\".");
        }
        if (persons.Count == 0 && (rules.Register is not null || rules.Schedule is not null || rules.ZoneRisk is not null))
            yield return ("registers.persons", "is empty, but rules ask who is registered: name the lists that make a person known.");
        foreach (var twice in rules.WatchLists.Index().Where(watch => rules.WatchLists.Take(watch.Index).Any(before => before.List == watch.Item.List)))
            yield return ($"rules.watchLists[{twice.Index}].list", $"is that of an earlier one: \"{twice.Item.List}\".");
        foreach (var (index, age) in rules.ListAges.Index())
        {
            foreach (var (at, answer) in age.Answers.Index().Where(answer => age.Answers.Take(answer.Index).Any(before => before.Status == answer.Item.Status)))
                yield return ($"rules.listAges[{index}].answers[{at}].status", $"is that of an earlier one: \"{answer.Status}\".");
        }
    }

    private static IEnumerable<(string, string)> TemperaturesAreInOrder(GateSettings settings)
    {
        var rule = settings.Rules.Temperature;
        if (rule.MaxCelsius <= rule.PlausibleFrom || rule.MaxCelsius >= rule.PlausibleTo)
        {
            var (from, to) = (rule.PlausibleFrom, rule.PlausibleTo);
            yield return ("rules.temperature.maxCelsius", $"must lie between plausibleFrom ({from}) and plausibleTo ({to}), not at {rule.MaxCelsius}.");
        }
        if (rule.AmbientFrom >= rule.AmbientTo)
            yield return ("rules.temperature.ambientFrom", $"must be lower than ambientTo ({rule.AmbientTo}), not {rule.AmbientFrom}.");
    }

    private static IEnumerable<(string, string)> BrokerLoginIsWhole(GateSettings settings)
    {
        if (settings.Broker is not { } broker)
            yield break;
        if (broker.PasswordFile is not null && broker.User is null)
            yield return ("broker.passwordFile", "needs user beside it.");
        foreach (var (index, _) in broker.Nodes.Index().Where(node => !MqttEndpoint.TryParse(node.Item, out _)))
            yield return ($"broker.nodes[{index}]", "must be host:port, such as \"broker-2.example:8883\".");
        if (broker.Tls.ClientCertificateFile is null != broker.Tls.ClientKeyFile is null)
            yield return ("broker.tls", "has only one of clientCertificateFile and clientKeyFile: the gate needs both, or none.");
        if (!broker.Tls.Enabled && broker.Tls != new BrokerTlsSettings())
            yield return ("broker.tls", "names files but is not switched on: set enabled to true.");
    }

    private static IEnumerable<(string, string)> CommandKeysAreClear(GateSettings settings)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, key) in settings.Commands.Keys.Index())
        {
            if (!ids.Add(key.Id))
                yield return ($"commands.keys[{index}].id", $"is the id of an earlier key: \"{key.Id}\".");
            if (key.NotAfter < key.NotBefore)
                yield return ($"commands.keys[{index}].notAfter", $"must not be before notBefore ({key.NotBefore:yyyy-MM-dd}).");
        }
    }

    private static IEnumerable<(string, string)> PlacesDiffer(GateSettings settings)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, place) in settings.Rounds.Places.Index())
        {
            if (!ids.Add(place.Id))
                yield return ($"rounds.places[{index}].id", $"is the id of an earlier place: \"{place.Id}\".");
        }
    }

    private static IEnumerable<(string, string)> ShelvesDiffer(GateSettings settings)
    {
        var buildings = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, shelf) in (settings.Deliveries?.Shelves ?? []).Index())
        {
            if (!buildings.Add(shelf.Building))
                yield return ($"deliveries.shelves[{index}].building", $"has a shelf already: \"{shelf.Building}\".");
        }
    }

    private static IEnumerable<(string, string)> OwnPassesAreTaken(GateSettings settings)
    {
        if (settings.VisitorPasses is not null && settings.HealthCodes.PassKeyFiles.Count == 0)
            yield return ("healthCodes.passKeyFiles", "is empty, so this gate would not take the passes that visitorPasses makes: add the public half of visitorPasses.keyFile.");
    }

    private static IEnumerable<(string, string)> CentralListsCanCome(GateSettings settings)
    {
        if (settings.Registers.Central.Count > 0 && (settings.Commands.Keys.Count == 0 || settings.Broker is null))
            yield return ("registers.central", "names lists of the center, but there is no broker, or no key in commands.keys, to take them from.");
    }

    /// <summary>What is allowed, but worth a second look.</summary>
    public static IEnumerable<(string Path, string Text)> Notes(GateSettings settings)
    {
        foreach (var (path, device) in Devices(settings))
        {
            if (device is ISerialDevice { Port: { } port, Usb: null } && (port.StartsWith("/dev/ttyUSB", StringComparison.Ordinal) || port.StartsWith("/dev/ttyACM", StringComparison.Ordinal)))
                yield return ($"{path}.port", "may be another device after the next start: use its name under /dev/serial/by-id, or usb.");
        }
        foreach (var (path, _) in Devices(settings).Where(device => device.Device is IOsdpDevice { KeyFile: null }))
            yield return ($"{path}.keyFile", "is left out: whoever has the cable can read cards and show some that are not there.");
        foreach (var (path, _) in Lanes(settings).Where(lane => lane.Lane.Thermometer is not null && !lane.Lane.Asks(LaneEvidence.Temperature)))
            yield return ($"{path}.thermometer", "is not used: evidence does not ask for temperature.");
        foreach (var (path, _) in Lanes(settings).Where(lane => lane.Lane.Asks(LaneEvidence.Temperature) && lane.Lane.Thermometer is { Conversion: null }))
            yield return ($"{path}.thermometer.conversion", "is left out: what is measured on the skin, which is cooler than the body, is compared with maxCelsius as it is.");
        if (settings.Rules is { CredentialGroups.Count: 0, Register: null } && settings.HealthCodes.PassKeyFiles.Count == 0
            && settings.Lanes.Any(lane => !lane.Asks(LaneEvidence.HealthCode) && lane.Readers.Any(reader => reader is ICodeScanner)))
            yield return ("rules.credentialGroups", "is empty: every scanned pass is refused.");
        if (settings.Commands.Keys.Count > 0 && settings.Broker is null)
            yield return ("commands", "are never heard: there is no broker.");
        if (settings.Rules.AntiPassback is not null && settings.Broker is null)
            yield return ("rules.antiPassback", "hears of no other gate without a broker: whoever leaves elsewhere counts as inside until forgetAfter is over.");
        if (settings.Broker is not { } broker)
            yield return ("broker", "is left out: records are kept at the gate and sent nowhere.");
        else if (broker.PasswordFile is not null && !broker.Tls.Enabled && !IsLocal(broker.Host))
            yield return ("broker.passwordFile", "crosses the network in the clear: switch broker.tls on.");
    }

    private static IEnumerable<(string Path, LaneSettings Lane)> Lanes(GateSettings settings) =>
        settings.Lanes.Select((lane, index) => ($"lanes[{index}]", lane));

    private static IEnumerable<(string Path, DeviceSettings Device)> Devices(GateSettings settings)
    {
        foreach (var (path, lane) in Lanes(settings))
        {
            foreach (var (index, reader) in lane.Readers.Index())
                yield return ($"{path}.readers[{index}]", reader);
            if (lane.Thermometer is not null)
                yield return ($"{path}.thermometer", lane.Thermometer);
            yield return ($"{path}.portal", lane.Portal);
        }
    }

    private static bool IsLocal(string host) =>
        host is "localhost" || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));
}
