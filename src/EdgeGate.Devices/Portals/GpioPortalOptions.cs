using EdgeGate.Devices.Gpio;

namespace EdgeGate.Devices.Portals;

/// <summary>What a lock does when its relay, or the whole gate, is without power.</summary>
public enum LockKind
{
    /// <summary>Locked without power: unlocked while the relay is on.</summary>
    FailSecure,

    /// <summary>Unlocked without power, as ways of escape must be: locked while the relay is on.</summary>
    FailSafe,
}

public enum PortalDrive
{
    /// <summary>Unlocked for the whole pulse.</summary>
    Pulse,

    /// <summary>Unlocked until somebody goes through, and for the pulse at most.</summary>
    Level,
}

public sealed record PortalInputLine(string Line)
{
    /// <summary>Active is 0 V.</summary>
    public bool IsActiveLow { get; init; }
    public GpioBias Bias { get; init; } = GpioBias.PullUp;
    public TimeSpan Debounce { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>What to ask of the chip.</summary>
    public GpioLineRequest Request => new() { Line = Line, IsActiveLow = IsActiveLow, Bias = Bias, Debounce = Debounce };
}

public sealed record GpioPortalOptions
{
    /// <summary>The relay of the lock, or with two relays the one that opens.</summary>
    public required string UnlockLine { get; init; }

    /// <summary>The relay that closes, of a drive that is told to open and told to close; null for a lock.</summary>
    public string? CloseLine { get; init; }

    /// <summary>The relay is on at 0 V, as on most boards with optocouplers.</summary>
    public bool RelaysAreActiveLow { get; init; }

    /// <summary>Means nothing with two relays: a drive that is told to open and to close stays where it is.</summary>
    public LockKind Lock { get; init; }

    public PortalDrive Drive { get; init; }

    /// <summary>How long the portal is open for one passage.</summary>
    public TimeSpan Pulse { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long each of two relays is on to be heard.</summary>
    public TimeSpan RelayPulse { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Active while the door is open.</summary>
    public PortalInputLine? DoorContact { get; init; }

    /// <summary>Becomes active once for each body that goes through.</summary>
    public PortalInputLine? PassageSensor { get; init; }

    /// <summary>Active while somebody presses it.</summary>
    public PortalInputLine? ExitButton { get; init; }

    /// <summary>Active in a fire, and when its wire is cut.</summary>
    public PortalInputLine? FireInput { get; init; }

    internal const int Unlock = 0, Close = 1;

    /// <summary>What to ask of the chip: the relays, resting, then the inputs in the order of <see cref="Inputs"/>.</summary>
    public IReadOnlyList<GpioLineRequest> Lines =>
    [
        Relay(UnlockLine, CloseLine is null && IsOn(unlocked: false)),
        .. CloseLine is null ? (GpioLineRequest[])[] : [Relay(CloseLine, isOn: false)],
        .. Inputs.Select(input => input.Line.Request),
    ];

    /// <summary>The relays alone, all off: how they stand without power.</summary>
    public IReadOnlyList<GpioLineRequest> RelaysOff => [.. Lines.Take(RelayCount).Select(relay => relay with { IsActiveAtFirst = false })];

    internal int RelayCount => CloseLine is null ? 1 : 2;

    internal IReadOnlyList<(PortalSensor Sensor, PortalInputLine Line)> Inputs =>
    [
        .. new[]
        {
            (PortalSensor.DoorContact, DoorContact), (PortalSensor.PassageSensor, PassageSensor),
            (PortalSensor.ExitButton, ExitButton), (PortalSensor.FireInput, FireInput),
        }.Where(input => input.Item2 is not null).Select(input => (input.Item1, input.Item2!)),
    ];

    /// <summary>How the lock's relay stands.</summary>
    internal bool IsOn(bool unlocked) => unlocked == (Lock is LockKind.FailSecure);

    private GpioLineRequest Relay(string line, bool isOn) =>
        new() { Line = line, IsOutput = true, IsActiveLow = RelaysAreActiveLow, IsActiveAtFirst = isOn };
}
