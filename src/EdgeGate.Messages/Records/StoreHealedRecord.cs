namespace EdgeGate.Messages.Records;

/// <summary>The journal was found damaged and mended. Accounts for every number that will never be filled.</summary>
public sealed record StoreHealedRecord
{
    public const string Type = "edgegate.store-healed.v1";

    /// <summary>What was noticed first, in words.</summary>
    public required string Cause { get; init; }

    /// <summary>Whole records carried over, also those that had already been delivered.</summary>
    public required long Salvaged { get; init; }

    public required IReadOnlyList<VoidNumbers> Void { get; init; }
    public required ClockRecord Clock { get; init; }
}

/// <summary>Sequence numbers from–to, both included, without a record.</summary>
/// <param name="Cause">damaged: there was a record; unknown: nobody can say; dropped: deleted undelivered at the disk budget.</param>
/// <param name="Chain">In a tally: the chain hash of the first record after them, behind other void numbers perhaps, where the chain can be taken up again; null while there is none.</param>
public sealed record VoidNumbers(long From, long To, string Cause, string? Chain = null);
