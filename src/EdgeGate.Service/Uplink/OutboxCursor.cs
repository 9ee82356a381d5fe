namespace EdgeGate.Service.Uplink;

/// <summary>
/// Which records are still to be sent, and up to where all have arrived without a gap. Answers may come in any order; those
/// that overtake are remembered here, never more than <see cref="Reach"/>.
/// </summary>
internal sealed class OutboxCursor(long acknowledgedUpTo)
{
    /// <summary>How far ahead of the first record without an answer others may be sent; more than any window holds.</summary>
    public const int Reach = 65_536;

    private readonly HashSet<long> _overtook = [];
    private readonly Dictionary<long, long> _gaps = []; // first to last number without a record

    /// <summary>Every record up to and including this one has arrived.</summary>
    public long AcknowledgedUpTo { get; private set; } = acknowledgedUpTo;

    /// <summary>The next record to send.</summary>
    public long Next { get; private set; } = acknowledgedUpTo + 1;

    /// <summary>False while one record that the broker will not take holds up <see cref="Reach"/> others.</summary>
    public bool MaySendNext => Next - AcknowledgedUpTo <= Reach;

    /// <summary>What is remembered, for a test of the bound.</summary>
    internal int Remembered => _overtook.Count + _gaps.Count;

    /// <summary>The journal has no record from <see cref="Next"/> up to this number: it lost them, or let them go.</summary>
    public void PassOver(long upTo)
    {
        if (upTo < Next)
            return;
        _gaps[Next] = upTo;
        Next = upTo + 1;
        Advance();
    }

    /// <summary><see cref="Next"/> is under way.</summary>
    public void Sent()
    {
        Next++;
        Advance();
    }

    public void Arrived(long sequence)
    {
        if (sequence <= AcknowledgedUpTo)
            return; // answered twice, after it was sent twice
        _overtook.Add(sequence);
        Advance();
    }

    /// <summary>Nothing is known about this one: it goes again, and what follows it after it.</summary>
    public void SendAgain(long sequence)
    {
        if (sequence > AcknowledgedUpTo && sequence < Next && !_overtook.Contains(sequence))
            Next = sequence;
    }

    private void Advance()
    {
        while (true)
        {
            if (_overtook.Remove(AcknowledgedUpTo + 1))
                AcknowledgedUpTo++;
            else if (_gaps.Remove(AcknowledgedUpTo + 1, out var last))
                AcknowledgedUpTo = last;
            else
                break;
        }
        Next = Math.Max(Next, AcknowledgedUpTo + 1);
        while (_overtook.Contains(Next))
            Next++;
    }
}
