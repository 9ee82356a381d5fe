namespace EdgeGate.Access;

/// <summary>Whom a portal is for at the moment, whatever else the rules say. The names go out in records, so they are never renamed.</summary>
public enum PortalMode
{
    Normal,
    EntryOnly,
    ExitOnly,
    Closed,

    /// <summary>Held open: nobody is asked for anything.</summary>
    Free,
}
