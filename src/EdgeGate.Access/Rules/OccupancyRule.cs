namespace EdgeGate.Access.Rules;

/// <summary>At most so many people inside at a time. Leaving is always free.</summary>
/// <param name="severity">What the one too many gets.</param>
/// <param name="whenUnknown">What everybody who enters gets while nobody knows how many are inside.</param>
public sealed class OccupancyRule(int most, Outcome severity, Outcome whenUnknown) : IAccessRule
{
    public string Name => "occupancy";

    public Objection? Check(AccessRequest request) => (request.Direction, request.Occupancy) switch
    {
        (Direction.Exit, _) => null,
        (_, null) => whenUnknown is Outcome.Granted ? null : new Objection(DenyReason.OccupancyUnknown, whenUnknown),
        (_, { } inside) when inside >= most => severity is Outcome.Granted ? null : new Objection(DenyReason.MaxOccupancyReached, severity),
        _ => null,
    };

    public string? Flag(AccessRequest request) => request is { Direction: Direction.Entry, Occupancy: { } inside } && inside >= most ? "max-occupancy" : null;
}
