namespace EdgeGate.Messages.Records;

/// <summary>A gate's account of its records. Every number from 1 to <see cref="Made"/> is held, purged after delivery, or void.</summary>
public sealed record TallyMessage
{
    /// <summary>The highest number given.</summary>
    public required long Made { get; init; }

    /// <summary>Everything up to here was delivered and has been deleted by its age.</summary>
    public required long PurgedUpTo { get; init; }

    /// <summary>The broker has everything up to here.</summary>
    public required long AcknowledgedUpTo { get; init; }

    /// <summary>The center has everything up to here; null where no center gives receipts.</summary>
    public long? ReceiptedUpTo { get; init; }

    /// <summary>Numbers that no reader will ever get, and why.</summary>
    public required IReadOnlyList<VoidNumbers> Void { get; init; }

    /// <summary>Deleted undelivered because the disk budget ran out.</summary>
    public required long Dropped { get; init; }

    /// <summary>Refused by the broker for good; still in the journal.</summary>
    public required long SetAside { get; init; }

    /// <summary>Newest record and its chain hash, hexadecimal: a journal cut off at its end no longer fits them.</summary>
    public required long Head { get; init; }
    public required string Chain { get; init; }
    public required ClockRecord Clock { get; init; }
}
