using System.ComponentModel.DataAnnotations;

namespace EdgeGate.Journal;

/// <summary>Where a journal lives and what its limits are. The defaults suit a gate with 5,000 passages a day.</summary>
public sealed record JournalOptions
{
    internal const int LargestPayload = 1024 * 1024;

    /// <summary>A directory of the journal's own. It is made when missing.</summary>
    [Required] public required string Directory { get; init; }

    /// <summary>Part of every record's chain hash, at most 200 characters; a store of another gate is refused.</summary>
    [Required, StringLength(200, MinimumLength = 1)] public required string GateId { get; init; }

    /// <summary>
    /// Numbers below this were certainly given before, whatever the disk says: one more than the highest number the center
    /// has confirmed. Guards against reuse when the whole disk was replaced.
    /// </summary>
    [Range(1, long.MaxValue)] public long MinimumNext { get; init; } = 1;

    /// <summary>How many appends may wait for the writer; more wait for room.</summary>
    [Range(1, 100_000)] public int QueueLength { get; init; } = 1024;

    /// <summary>A larger payload fails its append.</summary>
    [Range(1, LargestPayload)] public int MaxPayloadBytes { get; init; } = 64 * 1024;

    /// <summary>An acknowledged move of the outbox cursor that no record carried is flushed after this.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")] public TimeSpan CursorFlushAfter { get; init; } = TimeSpan.FromSeconds(5);
}
