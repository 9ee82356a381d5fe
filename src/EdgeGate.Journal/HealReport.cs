namespace EdgeGate.Journal;

/// <summary>What was found broken and what became of it.</summary>
public sealed record HealReport
{
    public required DateTimeOffset At { get; init; }

    /// <summary>What was noticed first, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>Where the damaged files were put; null when there was nothing left to put anywhere.</summary>
    public required string? SetAsideIn { get; init; }

    /// <summary>Whole records carried over into the new store, acknowledged ones included.</summary>
    public required long Salvaged { get; init; }

    /// <summary>The numbers that became void by this damage, in order.</summary>
    public required IReadOnlyList<VoidRange> NewlyVoid { get; init; }

    /// <summary>Records that certainly existed and are gone.</summary>
    public long Lost => NewlyVoid.Where(range => range.Cause == VoidCause.Damaged).Sum(range => range.Count);

    /// <summary>Numbers skipped because nobody can say whether they were used.</summary>
    public long Unknown => NewlyVoid.Where(range => range.Cause == VoidCause.Unknown).Sum(range => range.Count);
}

/// <summary>
/// Writes the payload of the record that tells of a heal. It becomes the healed store's first new record in the same commit that brings the
/// salvaged ones, so that no heal goes unreported.
/// </summary>
public delegate void HealRecordWriter(HealReport report, long sequence, System.Buffers.IBufferWriter<byte> payload);
