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
    public long Count => Last - First + 1;
}
