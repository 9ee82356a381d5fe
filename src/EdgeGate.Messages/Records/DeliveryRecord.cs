namespace EdgeGate.Messages.Records;

/// <summary>Where a delivery stands. The names go out in records, so they are never renamed.</summary>
public enum DeliveryState
{
    /// <summary>A household said that it will come.</summary>
    Announced,
    Arrived,

    /// <summary>Stands until <see cref="DeliveryRecord.ReadyAt"/>, and may be collected then.</summary>
    Disinfected,
    Collected,

    /// <summary>Did not come, or went back with the courier.</summary>
    Withdrawn,
}

/// <summary>A delivery at the hand-over area came into another state. Nothing in the open tells the household.</summary>
public sealed record DeliveryRecord
{
    public const string Type = "edgegate.delivery.v1";

    /// <summary>An account, not a name.</summary>
    public required string Guard { get; init; }
    public required GuardRole Role { get; init; }

    /// <summary>The same in all records of one delivery.</summary>
    public required Guid Delivery { get; init; }
    public required string Building { get; init; }

    /// <summary>Its place on the building's shelf, from 1; null while it is not there.</summary>
    public int? Slot { get; init; }
    public required DeliveryState State { get; init; }

    /// <summary>When it has stood long enough; null unless <see cref="State"/> is disinfected.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>Made by the phone, the same however often it had to send.</summary>
    public string? Form { get; init; }

    /// <summary>When it was entered, where a phone had no connection and told it later; by the phone's clock.</summary>
    public DateTimeOffset? EnteredAt { get; init; }
    public required ClockRecord Clock { get; init; }

    /// <summary>A JWE to the center's key holding a <see cref="SealedGuardWords"/> with unit and courier's phone; null where nothing was typed.</summary>
    public string? Sealed { get; init; }
}
