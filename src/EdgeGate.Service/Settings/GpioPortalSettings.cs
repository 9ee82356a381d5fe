using System.ComponentModel;
using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.Portals;

namespace EdgeGate.Service.Settings;

internal enum GpioLevel
{
    High,
    Low,
}

internal enum GpioInputLevel
{
    Usual,
    High,
    Low,
}

[Description("Relay on GPIO lines, with whatever sensors the portal has.")]
internal sealed record GpioPortalSettings : PortalSettings, IWatchedPortalSettings
{
    [Pattern(GpioNames.Expression, GpioNames.Words), Description("Label of the GPIO chip, as gpiodetect shows it in brackets: pinctrl-bcm2711 on a Raspberry Pi 4, pinctrl-rp1 on a 5.")]
    public required string Chip { get; init; }

    [Pattern(GpioNames.Expression, GpioNames.Words), Description("Line of the relay that unlocks: its name, such as GPIO17, or its number on the chip.")]
    public required string Unlock { get; init; }

    [Pattern(GpioNames.Expression, GpioNames.Words), Description("Line of a second relay that closes, for drives that are told to open and told to close.")]
    public string? Close { get; init; }

    [Description("At which level a relay is on.")]
    public GpioLevel RelayOn { get; init; } = GpioLevel.High;

    [Description("What the lock does without power: fail-secure stays locked (its relay is on to unlock), fail-safe lets go (its relay is on to lock).")]
    public LockKind Lock { get; init; } = LockKind.FailSecure;

    [Description("pulse unlocks for the whole pulse; level only until somebody goes through, which needs passageSensor.")]
    public PortalDrive Drive { get; init; } = PortalDrive.Pulse;

    [Id, Description("Portals with the same name here are linked: only one of them may be open.")]
    public string? Interlock { get; init; }

    [Description("Contact that tells an open door from a closed one; as usual the loop is closed when the door is.")]
    public GpioInputSettings? DoorContact { get; init; }

    [Description("Sensor that becomes active once for each body that goes through.")]
    public GpioInputSettings? PassageSensor { get; init; }

    [Description("Button that lets people out without a credential.")]
    public GpioInputSettings? ExitButton { get; init; }

    [Description("Loop of the fire alarm, closed when all is well; a cut wire is a fire. The release itself must work without this computer.")]
    public GpioInputSettings? FireInput { get; init; }

    [Duration("00:00:01", "00:01:00"), Description("How long a grant waits for somebody to go through.")]
    public TimeSpan PassageWait { get; init; } = TimeSpan.FromSeconds(8);

    [Duration("00:00:05", "00:30:00"), Description("How long the door may stay open before that is an alarm.")]
    public TimeSpan HeldOpenAfter { get; init; } = TimeSpan.FromSeconds(20);

    bool IWatchedPortalSettings.HasDoorContact => DoorContact is not null;
    bool IWatchedPortalSettings.HasPassageSensor => PassageSensor is not null;
    bool IWatchedPortalSettings.IsWatched => Inputs().Any();
    public override string? WhyNotFree() => Interlock is null ? null : "linked portals cannot be held open, for only one of them may be open: take interlock out";

    /// <summary>The sensors it has, by their keys.</summary>
    public IEnumerable<(string Key, GpioInputSettings Input)> Inputs() =>
        new[] { ("doorContact", DoorContact), ("passageSensor", PassageSensor), ("exitButton", ExitButton), ("fireInput", FireInput) }
            .Where(input => input.Item2 is not null).Select(input => (input.Item1, input.Item2!));
}

internal sealed record GpioInputSettings
{
    [Pattern(GpioNames.Expression, GpioNames.Words), Description("Its name, such as GPIO22, or its number on the chip.")]
    public required string Line { get; init; }

    [Description("At which level it is active. As usual: doors and fire loops high, for then a cut wire is an alarm; sensors and buttons low.")]
    public GpioInputLevel Active { get; init; } = GpioInputLevel.Usual;

    [Description("Resistor inside the chip.")]
    public GpioBias Bias { get; init; } = GpioBias.PullUp;

    [Duration("00:00:00", "00:00:01"), Description("How long it must stand still to count as moved.")]
    public TimeSpan Debounce { get; init; } = TimeSpan.FromMilliseconds(20);
}

internal static class GpioNames
{
    public const string Expression = "^[!-~]{1,31}$";
    public const string Words = "1 to 31 letters, digits or signs, without spaces";
}
