using System.Runtime.CompilerServices;

namespace EdgeGate.Journal;

/// <summary>Where a journal lives and what its limits are. The defaults suit a gate with 5,000 passages a day.</summary>
public sealed record JournalOptions
{
    internal const int LargestPayload = 1024 * 1024;

    /// <summary>A directory of the journal's own. It is made when missing.</summary>
    public required string Directory { get; init; }

    /// <summary>Part of every record's chain hash, at most 200 characters; a store of another gate is refused.</summary>
    public required string GateId { get; init; }

    /// <summary>How many appends may wait for the writer; more wait for room.</summary>
    public int QueueLength { get; init; } = 1024;

    /// <summary>A larger payload fails its append.</summary>
    public int MaxPayloadBytes { get; init; } = 64 * 1024;

    /// <summary>
    /// How many of the newest records (and at most 1 MiB) are kept in memory too, for those who follow the journal as it grows; 0 for none. More than
    /// one batch, so that whoever is woken by it finds the whole of it.
    /// </summary>
    public int TailRecords { get; init; } = 2 * JournalWriter.MaxBatch;

    /// <summary>An acknowledged move of the outbox cursor that no record carried is flushed after this.</summary>
    public TimeSpan CursorFlushAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Acknowledged records are deleted at this age. Records stamped by a clock that was not set (before 2020, or in the future) are as
    /// old as the next one with a believable stamp; a clock that jumped ahead is believed after a day.
    /// </summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>What the records may take up on disk. At the limit acknowledged ones are deleted before their time.</summary>
    public long DiskBudgetBytes { get; init; } = 1L << 30;

    /// <summary>
    /// When the budget or the disk is used up by unacknowledged records: true deletes the oldest and counts them
    /// (<see cref="JournalStatus.Dropped"/>, <see cref="VoidCause.Dropped"/>), false refuses new ones.
    /// </summary>
    public bool DropUnacknowledged { get; init; }

    /// <summary>Kept free in a file of its own for the work that makes room on a full disk; 0 for none.</summary>
    public long ReserveBytes { get; init; } = 4L << 20;

    /// <summary>How many damaged stores are kept for a person to look at; the oldest is deleted first.</summary>
    public int KeepDamagedStores { get; init; } = 2;

    /// <summary>Writes the record that tells of a heal; none is written when null. Called on the writer.</summary>
    public HealRecordWriter? WriteHealRecord { get; init; }

    /// <exception cref="ArgumentException">A value that cannot be meant; the message names it, and its limits.</exception>
    internal void Check()
    {
        Within(Directory.Length, 1, int.MaxValue);
        Within(GateId.Length, 1, 200);
        Within(QueueLength, 1, 100_000);
        Within(MaxPayloadBytes, 1, LargestPayload);
        Within(TailRecords, 0, 65_536);
        Within(CursorFlushAfter, TimeSpan.FromSeconds(0.1), TimeSpan.FromHours(1));
        Within(Retention, TimeSpan.Zero, TimeSpan.FromDays(36_500));
        Within(DiskBudgetBytes, 1024 * 1024, long.MaxValue);
        Within(ReserveBytes, 0, 1L << 30);
        Within(KeepDamagedStores, 0, 100);

        static void Within<T>(T value, T least, T most, [CallerArgumentExpression(nameof(value))] string name = "")
            where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
                throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {most}.");
        }
    }
}
