namespace EdgeGate.Devices.Portals;

public enum PortalSensor
{
    DoorContact,
    PassageSensor,
    ExitButton,
    FireInput,
}

/// <summary>What a sensor of a portal says.</summary>
/// <param name="IsActive">Door open, somebody in the beam, button pressed, fire.</param>
/// <param name="At">Time since boot of what was seen, as near to it as the portal knows.</param>
public readonly record struct PortalSignal(PortalSensor Sensor, bool IsActive, TimeSpan At);

/// <summary>A portal that can have sensors.</summary>
public interface IWatchedPortal : IPortal
{
    /// <summary>It has sensors at all.</summary>
    bool IsWatched { get; }

    /// <summary>Raised in order, one at a time; must be quick. How the sensors stand is said anew each time the portal was connected.</summary>
    event Action<PortalSignal>? Signalled;

    /// <summary>Raised when the portal is gone, and with it all that was known.</summary>
    event Action? SensorsLost;
}
