using System.Text.Json.Serialization;

namespace EdgeGate.Journal;

/// <summary>Why numbers stand for no record.</summary>
public enum VoidCause
{
    /// <summary>The records existed; damage to the store destroyed them.</summary>
    Damaged = 1,

    /// <summary>
    /// Nobody can say whether records had these numbers: the store lost its end, and they lie between the last whole record and the
    /// high-water mark. Never given again.
    /// </summary>
    Unknown = 2,

    /// <summary>Unacknowledged records deleted because the disk budget ran out and the settings prefer new records.</summary>
    Dropped = 3,
}

/// <summary>Numbers from <paramref name="First"/> to <paramref name="Last"/>, both included, that no reader will ever get.</summary>
public readonly record struct VoidRange(long First, long Last, VoidCause Cause)
{
    [JsonIgnore] public long Count => Last - First + 1;

    /// <summary>Puts one more number into the ordered list, into a range of its cause where it touches one.</summary>
    internal static void Add(List<VoidRange> ranges, long sequence, VoidCause cause)
    {
        var at = ranges.FindIndex(range => range.First > sequence);
        at = at < 0 ? ranges.Count : at;
        if (at > 0 && ranges[at - 1].Cause == cause && ranges[at - 1].Last == sequence - 1)
            ranges[at - 1] = ranges[at - 1] with { Last = sequence };
        else
            ranges.Insert(at, new VoidRange(sequence, sequence, cause));
    }

    /// <summary>The first number from <paramref name="sequence"/> on that no range covers; the ranges are in order.</summary>
    public static long NextReal(IReadOnlyList<VoidRange> ranges, long sequence)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        foreach (var range in ranges)
            if (range.First <= sequence && sequence <= range.Last)
                sequence = range.Last + 1;
        return sequence;
    }
}
