namespace EdgeGate.Messages.Records;

/// <summary>Something was done to a device, or it fails: an alarm, and later its end.</summary>
public sealed record DeviceEventRecord
{
    public const string Type = "edgegate.device-event.v1";

    /// <summary>The id it has in the settings.</summary>
    public required string Device { get; init; }
    public required DeviceEventKind Event { get; init; }
    public required ClockRecord Clock { get; init; }
}

/// <summary>The names go out in records, so they are never renamed.</summary>
public enum DeviceEventKind
{
    /// <summary>Its housing was opened, or it was taken off the wall.</summary>
    Tampered,
    TamperEnded,
    PowerFailed,
    PowerRestored,
    BatteryLow,
    BatteryGood,

    /// <summary>Nothing was heard of it for as long as its settings allow.</summary>
    Silent,
    HeardAgain,

    /// <summary>Another device answers in its place, and is refused.</summary>
    Swapped,

    /// <summary>A person has accepted the other device.</summary>
    Accepted,
}
