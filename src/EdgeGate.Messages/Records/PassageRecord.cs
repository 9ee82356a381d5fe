namespace EdgeGate.Messages.Records;

/// <summary>
/// What came of a grant: follows its <see cref="DecidedRecord"/>, the <see cref="CommandRecord"/> that asked to open, or the
/// <see cref="ExitRequestedRecord"/>. Where sensors watch the portal it is made, and stamped, when they know.
/// </summary>
public sealed record PassageRecord
{
    public const string Type = "edgegate.passage.v1";

    public required string Lane { get; init; }

    /// <summary>Sequence of the decision or command this is about.</summary>
    public required long Decision { get; init; }
    public required PortalMovement Portal { get; init; }

    /// <summary>Why the portal did not move, in words; null when it did.</summary>
    public string? Cause { get; init; }
    public required PassageOutcome Passage { get; init; }
    public required ClockRecord Clock { get; init; }
}

public enum PortalMovement
{
    Opened,
    Unreachable,
}

public enum PassageOutcome
{
    /// <summary>Nobody knows: the lane has no sensor, it failed, or the portal was free.</summary>
    Unobserved,

    /// <summary>Nobody went through: the portal did not open, or nobody was sensed in time.</summary>
    NotTaken,

    /// <summary>Somebody went through. That others followed is told by a <see cref="PortalEventRecord"/>.</summary>
    Taken,
}
