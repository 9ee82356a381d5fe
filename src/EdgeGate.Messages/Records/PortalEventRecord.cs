namespace EdgeGate.Messages.Records;

/// <summary>What happened at a portal beside the passages that were granted: alarms and their ends, and free passage. The stamp is that of the event.</summary>
public sealed record PortalEventRecord
{
    public const string Type = "edgegate.portal-event.v1";

    public required string Lane { get; init; }
    public required PortalEventKind Event { get; init; }

    /// <summary>Whose grant was used by more than one body: the sequence of its record. Null for every other event.</summary>
    public long? Decision { get; init; }
    public required ClockRecord Clock { get; init; }
}

public enum PortalEventKind
{
    /// <summary>More bodies went through than were granted a passage.</summary>
    Tailgated,

    /// <summary>Opened, or passed, without a grant.</summary>
    ForcedOpen,

    /// <summary>Left open for too long.</summary>
    HeldOpen,

    /// <summary>The door that was forced or held open is closed.</summary>
    ClosedAgain,

    /// <summary>The passage sensor has not let go for too long, and counts nobody until it does.</summary>
    SensorStuck,
    SensorFreed,

    /// <summary>The fire input has freed the portal.</summary>
    FireBegan,
    FireEnded,

    /// <summary>The lane's mode holds the portal open from now on, and nobody is asked for anything. No alarm.</summary>
    FreeBegan,
    FreeEnded,

    /// <summary>The sensor saw somebody go through a portal that is held open. No alarm.</summary>
    PassedFreely,
}
