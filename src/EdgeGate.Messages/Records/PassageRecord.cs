namespace EdgeGate.Messages.Records;

/// <summary>What came of a grant: follows its <see cref="DecidedRecord"/>, or the <see cref="CommandRecord"/> that asked to open.</summary>
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
    /// <summary>The lane has no passage sensor: nobody knows.</summary>
    Unobserved,

    /// <summary>The portal did not open, so nobody went through.</summary>
    NotTaken,
}
