namespace EdgeGate.Journal;

/// <summary>One consistent view of the journal: numbers that belong together, for tally and health.</summary>
public sealed record JournalStatus
{
    /// <summary>The highest number ever given (or declared void); the next record gets the one after it.</summary>
    public required long LastSequence { get; init; }

    /// <summary>The newest record's number and hash.</summary>
    public required ChainHead Head { get; init; }

    /// <summary>Everything up to here was deleted from the old end; 0 when nothing was.</summary>
    public required long PurgedUpTo { get; init; }

    /// <summary>Numbers without a record that may still concern the far end, in order.</summary>
    public required IReadOnlyList<VoidRange> VoidRanges { get; init; }

    /// <summary>How many records lie in the store, counted by subtraction.</summary>
    public long Held => LastSequence - PurgedUpTo - VoidRanges.Sum(range => Math.Max(0, range.Last - Math.Max(range.First - 1, PurgedUpTo)));

    /// <summary>How many records were deleted undelivered since the store was made: unacknowledged, or dead letters.</summary>
    public required long Dropped { get; init; }

    /// <summary>Kept records that the far end refuses for good, in order.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters { get; init; } = [];

    public bool IsDeadLetter(long sequence) => DeadLetters.Any(letter => letter.Sequence == sequence);

    /// <summary>Commits since the store was opened: with group commit fewer than records.</summary>
    public long Commits { get; init; }

    /// <summary>Bytes handed to the file system since the store was opened, WAL and checkpoints together: what wears the flash.</summary>
    public long BytesWritten { get; init; }

    /// <summary>Why appends fail at the moment; null when the journal works.</summary>
    public JournalException? Failure { get; init; }

    /// <summary>The last heal since the journal was opened, also by a restart into a damaged store.</summary>
    public HealReport? LastHeal { get; init; }

    /// <summary>Counts the opened stores: a reader's connection belongs to one of them.</summary>
    internal int Generation { get; init; }

    internal static JournalStatus NotOpened { get; } = new() { LastSequence = 0, Head = default, PurgedUpTo = 0, VoidRanges = [], Dropped = 0 };
}
