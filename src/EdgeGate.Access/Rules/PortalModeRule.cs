namespace EdgeGate.Access.Rules;

/// <summary>A closed portal lets nobody pass, one that is open one way only nobody the other way. Held free, it asks nobody.</summary>
public sealed class PortalModeRule : IAccessRule
{
    public string Name => "portal-mode";

    public Objection? Check(AccessRequest request) => ObjectionTo(request.Mode, request.Direction);

    /// <summary>Also asked of those who show nothing, by the exit button.</summary>
    public static Objection? ObjectionTo(PortalMode mode, Direction direction) => (mode, direction) switch
    {
        (PortalMode.Closed, _) => new Objection(DenyReason.PortalClosed, Outcome.Denied),
        (PortalMode.EntryOnly, Direction.Exit) or (PortalMode.ExitOnly, Direction.Entry) => new Objection(DenyReason.DirectionClosed, Outcome.Denied),
        _ => null,
    };
}
