namespace EdgeGate.Messages.Records;

/// <summary>
/// A door that a wireless contact watches was opened or closed, stamped when the gate heard of it. Of a home under quarantine it is an
/// alarm. Whose door it is stands nowhere here: who is responsible knows the contact by its id.
/// </summary>
public sealed record DoorContactRecord
{
    public const string Type = "edgegate.door-contact.v1";

    /// <summary>The id it has in the gate's settings.</summary>
    public required string Contact { get; init; }
    public required bool Open { get; init; }

    /// <summary>Left out for any other door.</summary>
    public bool? QuarantineHome { get; init; }

    /// <summary>0 to 100, as last told; null when it never was.</summary>
    public int? BatteryPercent { get; init; }

    /// <summary>Taken off the wall, or opened, as last told; null when it never was.</summary>
    public bool? Tamper { get; init; }
    public required ClockRecord Clock { get; init; }
}
