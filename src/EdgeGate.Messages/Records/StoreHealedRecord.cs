namespace EdgeGate.Messages.Records;

/// <summary>The journal was found damaged at start and mended; what could not be saved is named, number by number.</summary>
public sealed record StoreHealedRecord
{
    public const string Type = "edgegate.store-healed.v1";

    public required string Cause { get; init; }
    public required long Salvaged { get; init; }

    /// <summary>Sequence numbers that will never be filled, as ranges from–to, both included.</summary>
    public required IReadOnlyList<SequenceRange> Lost { get; init; }
    public required ClockRecord Clock { get; init; }
}

public sealed record SequenceRange(long From, long To);
