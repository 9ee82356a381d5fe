namespace EdgeGate.Devices.Ports;

public enum DeviceState
{
    /// <summary>Not opened yet, or not any more: the service is starting or stopping.</summary>
    Closed,
    Connected,

    /// <summary>Works, and a person should look whether what it says is right.</summary>
    Doubtful,

    /// <summary>The line is open and the device says nothing although it should.</summary>
    Silent,

    /// <summary>Not plugged in, or just pulled.</summary>
    Absent,

    /// <summary>Another device is where this one was: it is not used until a person has accepted it, or the right one is back.</summary>
    Swapped,
    HeldByAnother,
    NotPermitted,

    /// <summary>There, and unusable: no serial line, settings refused, or what its driver found.</summary>
    Faulty,
}

/// <summary>How a device is doing, in words an installer can act on.</summary>
/// <param name="DeviceId">The id it has in the settings.</param>
/// <param name="State">What is the matter, for programs.</param>
/// <param name="Cause">What is the matter, for people.</param>
/// <param name="Since">Wall time of the last change of <paramref name="State"/>.</param>
/// <param name="Reconnects">How often the line was opened again since the service started.</param>
public sealed record DeviceStatus(string DeviceId, DeviceState State, string Cause, DateTimeOffset Since, int Reconnects);
