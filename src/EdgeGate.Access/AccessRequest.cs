namespace EdgeGate.Access;

/// <summary>Which way through the portal the lane leads.</summary>
public enum Direction
{
    Entry,
    Exit,
}

/// <summary>The question put to the rules. Everything a rule needs is in here: rules have no clock, no list and no device.</summary>
/// <param name="At">When the evidence was complete, with the local offset, so that dates and times of day are the gate's.</param>
/// <param name="Temperature">Null when none was measured within the window.</param>
/// <param name="Superseded">Somebody else showed a credential before this person's evidence was complete.</param>
public sealed record AccessRequest(
    Presentation Presentation,
    Direction Direction,
    TemperatureEvidence? Temperature,
    ClockReading At,
    bool Superseded = false)
{
    /// <summary>Null when none was shown, or nothing was known about it in time.</summary>
    public HealthCodeEvidence? HealthCode { get; init; }
}
