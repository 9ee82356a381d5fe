namespace EdgeGate.Messages.Records;

/// <summary>
/// A gate's account of its records, signed by the gate (<see cref="SignedJson"/>). Every number from 1 to <see cref="Made"/> is held, purged
/// after delivery, or void.
/// </summary>
public sealed record TallyMessage
{
    /// <summary>The highest number given.</summary>
    public required long Made { get; init; }

    /// <summary>How many records lie at the gate.</summary>
    public required long Held { get; init; }

    /// <summary>Everything up to here was delivered and has been deleted by its age.</summary>
    public required long PurgedUpTo { get; init; }

    /// <summary>The broker has everything up to here.</summary>
    public required long AcknowledgedUpTo { get; init; }

    /// <summary>The center has everything up to here; null where no center gives receipts.</summary>
    public long? ReceiptedUpTo { get; init; }

    /// <summary>Numbers that no reader will ever get, and why.</summary>
    public required IReadOnlyList<VoidNumbers> Void { get; init; }

    /// <summary>Deleted undelivered: the disk budget ran out, or a dead letter came to the end of its retention.</summary>
    public required long Dropped { get; init; }

    /// <summary>Refused by the broker for good: still at the gate, not offered any more.</summary>
    public required IReadOnlyList<DeadLetterNumber> DeadLetters { get; init; }

    /// <summary>Receipts that were about other records than this gate's.</summary>
    public required long RefusedReceipts { get; init; }

    /// <summary>Newest record and its chain hash, hexadecimal: a journal cut off at its end no longer fits them.</summary>
    public required long Head { get; init; }
    public required string Chain { get; init; }
    public required ClockRecord Clock { get; init; }
}

/// <summary>A record that exists but will not come by itself; a <c>resend</c> command offers it again.</summary>
/// <param name="Reason">The broker's words.</param>
/// <param name="Chain">The record's own chain hash: what the next record builds on.</param>
public sealed record DeadLetterNumber(long Sequence, string Reason, DateTimeOffset At, string? Chain);
