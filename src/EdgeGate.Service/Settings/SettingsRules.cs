using EdgeGate.Access.Registers;
using EdgeGate.HealthCodes.Routing;
using EdgeGate.Mqtt;
using static EdgeGate.Service.Settings.SettingsPaths;

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
        new([nameof(GateSettings.Lanes)], DeviceRules.LanesAndDevicesDiffer),
        new([nameof(GateSettings.Lanes)], DeviceRules.PortsAreFound),
        new([nameof(GateSettings.Lanes)], DeviceRules.OsdpLinesAreClear),
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
        new([nameof(GateSettings.Lanes)], DeviceRules.PortalTextsAreClear),
        new([nameof(GateSettings.Lanes)], DeviceRules.GpioLinesAreClear),
        new([nameof(GateSettings.Lanes), nameof(GateSettings.DoorContacts), nameof(GateSettings.Broker)], DeviceRules.DoorContactsAreClear),
        new([nameof(GateSettings.Lanes)], DeviceRules.OsdpInputsAreClear),
        new([nameof(GateSettings.Lanes)], DeviceRules.PassagesFit),
        new([nameof(GateSettings.Lanes)], DeviceRules.FreePortalsCanBeHeld),
        new([nameof(GateSettings.Lanes), nameof(GateSettings.Rules)], DeviceRules.ThermometersCanDecide),
    ];

    public static IEnumerable<(string Path, string Text)> Faults(GateSettings settings, IReadOnlySet<string> unsound) =>
        Rules.Where(rule => !unsound.Overlaps(rule.Sections)).SelectMany(rule => rule.Ask(settings));

    private static IEnumerable<(string, string)> EvidenceHasItsDevice(GateSettings settings)
    {
        foreach (var (path, lane) in LanesOf(settings))
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
        if (LanesOf(settings).FirstOrDefault(lane => lane.Lane.Asks(LaneEvidence.HealthCode)) is not { Lane: { } asking, Path: var path })
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

    private static IEnumerable<(string, string)> SomebodyCanPass(GateSettings settings)
    {
        // A code may also stand for a registered person.
        var idCards = settings.Rules.IdCard.Enabled;
        var codes = settings.Rules.CredentialGroups.Count > 0 || settings.Rules.Register is not null || settings.HealthCodes.PassKeyFiles.Count > 0;
        if (!idCards && !codes)
            yield return ("rules", "let nobody in: switch idCard on, add to credentialGroups, or name healthCodes.passKeyFiles.");
        else
        {
            foreach (var (path, lane) in LanesOf(settings).Where(lane => lane.Lane.Readers.Count > 0 && !lane.Lane.Readers.Any(reader => reader is HandheldReaderSettings || (reader is SamVReaderSettings ? idCards : codes))))
                yield return ($"{path}.readers", "read nothing that rules let in: resident ID cards need a sam-v, passes a line-scanner.");
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
}
