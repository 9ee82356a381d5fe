namespace EdgeGate.Service.Uplink;

/// <summary>
/// Which records are still to be sent, and up to where all have arrived without a gap. Answers may come in any order; the few
/// that overtake are remembered here, never more than the window.
/// </summary>
internal sealed class OutboxCursor(long acknowledgedUpTo)
{
    private readonly SortedSet<long> _overtook = [];

    /// <summary>Every record up to and including this one has arrived.</summary>
    public long AcknowledgedUpTo { get; private set; } = acknowledgedUpTo;

    /// <summary>The next record to send.</summary>
    public long Next { get; private set; } = acknowledgedUpTo + 1;

    public void Sent(long sequence)
    {
        Next = sequence + 1;
        SkipArrived();
    }

    public void Arrived(long sequence)
    {
        if (sequence <= AcknowledgedUpTo)
            return; // answered twice, after it was sent twice
        _overtook.Add(sequence);
        while (_overtook.Remove(AcknowledgedUpTo + 1))
            AcknowledgedUpTo++;
        SkipArrived();
    }

    /// <summary>Nothing is known about this one: it goes again, and what follows it after it.</summary>
    public void SendAgain(long sequence)
    {
        if (sequence > AcknowledgedUpTo && sequence < Next)
            Next = sequence;
    }

    private void SkipArrived()
    {
        Next = Math.Max(Next, AcknowledgedUpTo + 1);
        while (_overtook.Contains(Next))
            Next++;
    }
}
