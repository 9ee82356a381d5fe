namespace EdgeGate.Devices.Osdp;

public sealed record OsdpPeripheralOptions
{
    /// <summary>0 to 7E, set on the peripheral.</summary>
    public required byte Address { get; init; }

    /// <summary>
    /// The peripheral's own key. With a key the peripheral is used in a secure session only; without one,
    /// in the clear only.
    /// </summary>
    public OsdpKey? Key { get; init; }

    /// <summary>How often it is asked whether it has something to say.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(100);
}
