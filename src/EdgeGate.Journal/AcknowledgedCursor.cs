namespace EdgeGate.Journal;

/// <summary>Up to where the far end has the records. Moved in memory, from any thread; the store follows with a commit, at most once a second, or by itself after a while.</summary>
internal sealed class AcknowledgedCursor(TimeProvider time)
{
    /// <summary>A commit that carries the cursor writes a seventh more (bench wear) and parses a statement; not carried, it costs a second's records sent again after a power cut.</summary>
    private static readonly TimeSpan CarriedEvery = TimeSpan.FromSeconds(1);

    private long _position;
    private long? _carried;

    public long Position => Interlocked.Read(ref _position);

    /// <summary>Never backward. Returns where it was, or null when it is there already.</summary>
    public long? MoveTo(long upTo)
    {
        while (Position is var before && upTo > before)
            if (Interlocked.CompareExchange(ref _position, upTo, before) == before)
                return before;
        return null;
    }

    /// <summary>What the next commit says of it: as the store has it, <paramref name="onDisk"/>, or, when it is time, where it is. For whoever writes.</summary>
    public long ToCarry(long onDisk)
    {
        if (Position == onDisk || (_carried is { } last && time.GetElapsedTime(last) < CarriedEvery))
            return onDisk;
        _carried = time.GetTimestamp();
        return Position;
    }
}
