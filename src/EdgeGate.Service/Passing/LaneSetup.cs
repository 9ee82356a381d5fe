using EdgeGate.Access;
using EdgeGate.Access.Rules;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.Service.Health;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Passing;

/// <summary>From what gate.json says to what a lane is made of.</summary>
internal static class LaneSetup
{
    public static LaneOptions OptionsOf(GateSettings settings) => new()
    {
        Id = settings.Lane.Id,
        OpenWhenJournalFails = settings.Portal.WhenJournalFails is Settings.JournalFailure.Open,
        ShowTemperature = settings.Lane.ShowTemperature,
        Encounter = new EncounterOptions
        {
            Direction = settings.Lane.Direction is LaneDirection.Entry ? Direction.Entry : Direction.Exit,
            HealthCodeRequired = settings.Lane.Evidence.Contains(LaneEvidence.HealthCode),
            PassesNeedNoHealthCode = settings.Rules.HealthCode.PassesAreExempt,
            TemperatureRequired = settings.Lane.Evidence.Contains(LaneEvidence.Temperature),
            Window = settings.Lane.Window,
            FreshFor = settings.Lane.FreshFor,
            ResultShownFor = settings.Lane.ResultShownFor,
            Limits = LimitsOf(settings.Rules.Temperature),
        },
    };

    public static AccessPolicy PolicyOf(GateSettings settings)
    {
        var rules = settings.Rules;
        List<IAccessRule> asked =
        [
            new EncounterRule(),
            new PortalModeRule(),
            new IdCardRule(rules.IdCard.Enabled),
            new CredentialGroupRule([.. rules.CredentialGroups.Select(GroupOf)], settings.Gate, registeredNeedsNone: rules.Register is not null),
            .. ListRules.Of(settings),
        ];
        if (settings.HealthCodes.PassKeyFiles.Count > 0)
            asked.Add(new PassRule());
        if (settings.Lane.Evidence.Contains(LaneEvidence.HealthCode))
            asked.Add(new HealthCodeRule(rules.HealthCode));
        if (settings.Lane.Evidence.Contains(LaneEvidence.Temperature))
            asked.Add(new TemperatureRule(LimitsOf(rules.Temperature), OutcomeOf(rules.Temperature.WhenMissing)));
        return new AccessPolicy(asked);
    }

    public static PulsedPortal PortalOf(PortalSettings settings, DeviceBoard board, TimeProvider time)
    {
        IPortalCommands commands = settings switch
        {
            LcusPortalSettings relay => new RelayCommands((byte)relay.Channel),
            TextPortalSettings text => new TextCommands(TextTemplate.Parse(text.Open), text.Close is null ? null : TextTemplate.Parse(text.Close)),
            _ => throw new NotSupportedException($"no driver for {settings.GetType().Name}"),
        };
        var connection = board.Connect(settings.Id, new SerialPort(settings.Port, settings.Baud, time));
        return new PulsedPortal(connection, commands, settings.Pulse, time);
    }

    public static SettlingOptions SettlingOf(ThermometerSettings settings, TemperatureRuleSettings limits) => new()
    {
        Samples = settings.Samples,
        AgreeWithin = Celsius.From(settings.AgreeWithin),
        SurfaceOffset = Celsius.From(settings.SurfaceOffset),
        PresenceFrom = Celsius.From(limits.PlausibleFrom),
    };

    private static CredentialGroup GroupOf(CredentialGroupSettings group) =>
        new(group.Name, group.Prefix ?? "", group.From, group.To, group.Facility) { Gates = group.Gates };

    private static TemperatureLimits LimitsOf(TemperatureRuleSettings settings) => new()
    {
        Fever = Celsius.From(settings.MaxCelsius),
        PlausibleFrom = Celsius.From(settings.PlausibleFrom),
        PlausibleTo = Celsius.From(settings.PlausibleTo),
        AmbientFrom = Celsius.From(settings.AmbientFrom),
        AmbientTo = Celsius.From(settings.AmbientTo),
    };

    private static Outcome OutcomeOf(MissingTemperature missing) => missing switch
    {
        MissingTemperature.Grant => Outcome.Granted,
        MissingTemperature.Guard => Outcome.Guard,
        _ => Outcome.Denied,
    };
}
