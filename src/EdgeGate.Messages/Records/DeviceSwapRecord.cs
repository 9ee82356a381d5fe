namespace EdgeGate.Messages.Records;

/// <summary>Another device was found where one of the gate's belongs, and what came of it. It is not used before it was accepted.</summary>
public sealed record DeviceSwapRecord
{
    public const string Type = "edgegate.device-swap.v1";

    /// <summary>The id it has in the settings.</summary>
    public required string Device { get; init; }
    public required DeviceSwapEvent Event { get; init; }

    /// <summary>What was there and what is, as far as devices say it of themselves.</summary>
    public required string Words { get; init; }
    public required ClockRecord Clock { get; init; }
}

public enum DeviceSwapEvent
{
    Swapped,

    /// <summary>A person has accepted the other one.</summary>
    Accepted,

    /// <summary>The right one is back.</summary>
    Returned,
}
