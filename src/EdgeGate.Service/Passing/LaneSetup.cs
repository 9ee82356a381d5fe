using EdgeGate.Access;
using EdgeGate.Access.Rules;
using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Journal;
using EdgeGate.Service.Hardware;
using EdgeGate.Service.Health;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Readers.Osdp;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Passing;

/// <summary>From what gate.json says to what a lane is made of.</summary>
internal static class LaneSetup
{
    public static Lane LaneOf(GateSettings settings, LaneSettings lane, IServiceProvider services)
    {
        var options = OptionsOf(settings, lane);
        var (board, time) = (services.GetRequiredService<DeviceBoard>(), services.GetRequiredService<TimeProvider>());
        var portal = lane.Portal is OsdpPortalSettings osdp
            ? services.GetRequiredService<OsdpLines>().Find(osdp).Portal(osdp)
            : PortalOf(lane.Portal, services.GetRequiredService<DevicePorts>(), services.GetRequiredService<Interlocks>(), board, time);
        return new Lane(
            options,
            new LaneInputs(services.GetRequiredService<GateClock>()),
            new LaneMode(Path.Combine(settings.DataDirectory, $"lane-mode-{lane.Id}"), services.GetRequiredService<ILogger<LaneMode>>(), HoursOf(settings, lane, services)),
            new LaneHealth(
                board, services.GetRequiredService<GateJournal>(), [.. lane.Readers.Where(reader => reader is not HandheldReaderSettings).Select(reader => reader.Id)],
                lane.Portal is NoPortalSettings ? null : lane.Portal.Id, options.OpenWhenJournalFails),
            portal,
            new KioskBoard())
        {
            Passages = portal is IWatchedPortal { IsWatched: true } watched ? new PassageInputs(watched, services.GetRequiredService<GateClock>()) : null,
        };
    }

    /// <summary>The mode of the first schedule that holds now. A clock that is not set, or a plan that is missing, closes nobody in or out.</summary>
    internal static Func<PortalMode> HoursOf(GateSettings settings, LaneSettings lane, IServiceProvider services)
    {
        var (shelf, clock) = (services.GetRequiredService<RegisterShelf>(), services.GetRequiredService<GateClock>());
        return () =>
        {
            if (lane.Modes.Count == 0 || clock.Read() is not { Grade: not ClockGrade.Unset, Wall: var now } || shelf.Find(settings.Registers.Plan)?.Plan is not { } plan)
                return PortalMode.Normal;
            foreach (var hours in lane.Modes)
            {
                if (plan.IsOpen(hours.Schedule, now.DateTime) is true)
                    return hours.Mode;
            }
            return PortalMode.Normal;
        };
    }

    public static LaneOptions OptionsOf(GateSettings settings, LaneSettings lane) => new()
    {
        Id = lane.Id,
        OpenWhenJournalFails = lane.Portal.WhenJournalFails is PortalWithoutJournal.Open,
        ShowTemperature = lane.ShowTemperature,
        MeasuredFrom = lane.Thermometer?.Distance,
        Encounter = new EncounterOptions
        {
            Direction = lane.Direction is LaneDirection.Entry ? Direction.Entry : Direction.Exit,
            HealthCodeRequired = lane.Asks(LaneEvidence.HealthCode),
            PassesNeedNoHealthCode = settings.Rules.HealthCode.PassesAreExempt,
            TemperatureRequired = lane.Asks(LaneEvidence.Temperature),
            Window = lane.Window,
            FreshFor = lane.FreshFor,
            ResultShownFor = lane.ResultShownFor,
            WaitsForGuardUpTo = lane.WaitsForGuard,
            Limits = LimitsOf(settings.Rules.Temperature, lane.Thermometer),
        },
    };

    public static AccessPolicy PolicyOf(GateSettings settings, LaneSettings lane)
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
        if (lane.Asks(LaneEvidence.HealthCode))
            asked.Add(new HealthCodeRule(rules.HealthCode));
        if (lane.Asks(LaneEvidence.Temperature))
            asked.Add(new TemperatureRule(LimitsOf(rules.Temperature, lane.Thermometer), OutcomeOf(rules.Temperature.WhenMissing)));
        return new AccessPolicy(asked);
    }

    public static IPortal PortalOf(PortalSettings settings, DevicePorts ports, Interlocks interlocks, DeviceBoard board, TimeProvider time)
    {
        return settings switch
        {
            LcusPortalSettings relay => Pulsed(relay, new RelayCommands((byte)relay.Channel)),
            TextPortalSettings text => Pulsed(text, new TextCommands(TextTemplate.Parse(text.Open), Template(text.Close), Template(text.Hold), Template(text.Release))),
            GpioPortalSettings gpio => Gpio(gpio, OptionsOf(gpio)),
            NoPortalSettings => new GuardedPassage(),
            _ => throw new NotSupportedException($"no driver for {settings.GetType().Name}"),
        };

        GpioPortal Gpio(GpioPortalSettings gpio, GpioPortalOptions options) =>
            new(gpio.Id, board.Connect(gpio.Id, new GpioPort(gpio.Chip, options.Lines, time)), options, interlocks.Of(gpio.Interlock), time);

        static TextTemplate? Template(string? text) => text is null ? null : TextTemplate.Parse(text);

        PulsedPortal Pulsed(SerialPortalSettings serial, IPortalCommands commands) =>
            new(board.Connect(serial.Id, ports.Of(serial)), commands, serial.Pulse, time);
    }

    public static GpioPortalOptions OptionsOf(GpioPortalSettings settings)
    {
        return new GpioPortalOptions
        {
            UnlockLine = settings.Unlock,
            CloseLine = settings.Close,
            RelaysAreActiveLow = settings.RelayOn is GpioLevel.Low,
            Lock = settings.Lock,
            Drive = settings.Drive,
            Pulse = settings.Pulse,
            DoorContact = Input(settings.DoorContact, usually: GpioInputLevel.High),
            PassageSensor = Input(settings.PassageSensor, usually: GpioInputLevel.Low),
            ExitButton = Input(settings.ExitButton, usually: GpioInputLevel.Low),
            FireInput = Input(settings.FireInput, usually: GpioInputLevel.High),
        };

        static PortalInputLine? Input(GpioInputSettings? input, GpioInputLevel usually) => input is null ? null : new PortalInputLine(input.Line)
        {
            IsActiveLow = (input.Active is GpioInputLevel.Usual ? usually : input.Active) is GpioInputLevel.Low,
            Bias = input.Bias,
            Debounce = input.Debounce,
        };
    }

    public static ModbusThermometerOptions OptionsOf(ModbusThermometerSettings settings) => new()
    {
        Map = new ModbusRegisterMap
        {
            Slave = (byte)settings.Slave,
            Function = settings.Registers is ModbusRegisters.Holding ? ModbusFunction.ReadHoldingRegisters : ModbusFunction.ReadInputRegisters,
            Surface = (ushort)settings.Surface,
            Ambient = (ushort)settings.Ambient,
            Scale = settings.Scale,
            Status = (ushort?)settings.Status,
            StatusFaults = (ushort)settings.StatusFaults,
        },
    };

    public static OsdpPortalOptions OptionsOf(OsdpPortalSettings settings)
    {
        return new OsdpPortalOptions
        {
            Output = (byte)settings.Output,
            Pulse = settings.Pulse,
            DoorContact = Input(settings.DoorContact, usually: OsdpInputLevel.Off),
            PassageSensor = Input(settings.PassageSensor, usually: OsdpInputLevel.On),
            ExitButton = Input(settings.ExitButton, usually: OsdpInputLevel.On),
        };

        static OsdpInputLine? Input(OsdpInputSettings? input, OsdpInputLevel usually) => input is null ? null : new OsdpInputLine(
            input.Input, IsActiveWhenOff: (input.Active is OsdpInputLevel.Usual ? usually : input.Active) is OsdpInputLevel.Off);
    }

    public static PassageWatchOptions WatchOf(IWatchedPortalSettings settings) => new()
    {
        Pulse = settings.Pulse,
        Supervision = new SupervisionOptions
        {
            HasDoorContact = settings.HasDoorContact,
            HasPassageSensor = settings.HasPassageSensor,
            PassageWait = settings.PassageWait,
            HeldOpenAfter = settings.HeldOpenAfter,
        },
    };

    public static SettlingOptions SettlingOf(ThermometerSettings settings, TemperatureRuleSettings limits) => new()
    {
        Samples = settings.Samples,
        AgreeWithin = Celsius.From(settings.AgreeWithin),
        SurfaceOffset = Celsius.From(settings.SurfaceOffset),
        Gain = settings.Conversion?.Gain ?? 0,
        PresenceFrom = Celsius.From(limits.PlausibleFrom),
    };

    private static CredentialGroup GroupOf(CredentialGroupSettings group) =>
        new(group.Name, group.Prefix ?? "", group.From, group.To, group.Facility) { Gates = group.Gates };

    /// <summary>The rule's, and within them where the lane's thermometer and its conversion mean anything.</summary>
    private static TemperatureLimits LimitsOf(TemperatureRuleSettings settings, ThermometerSettings? thermometer) => new()
    {
        Fever = Celsius.From(settings.MaxCelsius),
        PlausibleFrom = Celsius.From(settings.PlausibleFrom),
        PlausibleTo = Celsius.From(settings.PlausibleTo),
        AmbientFrom = Celsius.From(Math.Max(settings.AmbientFrom, thermometer?.Conversion?.AmbientFrom ?? decimal.MinValue)),
        AmbientTo = Celsius.From(Math.Min(settings.AmbientTo, thermometer?.Conversion?.AmbientTo ?? decimal.MaxValue)),
    };

    private static Outcome OutcomeOf(MissingTemperature missing) => missing switch
    {
        MissingTemperature.Grant => Outcome.Granted,
        MissingTemperature.Guard => Outcome.Guard,
        _ => Outcome.Denied,
    };
}
