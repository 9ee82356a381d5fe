namespace EdgeGate.Devices.Gpio;

/// <summary>From the kernel's events to edges. It counts each line's, and drops the oldest when nobody takes them: a gap in the count tells.</summary>
/// <param name="offsets">Numbers on the chip, in the order of the request.</param>
internal sealed class GpioEvents(int[] offsets)
{
    /// <summary>For each line: the number of its last event, and what it was then.</summary>
    private readonly (uint Sequence, bool IsActive)[] _last = new (uint, bool)[offsets.Length];

    public GpioEdge Take(ReadOnlySpan<byte> happened)
    {
        var (at, rising, offset, sequence) = GpioStructs.ReadEvent(happened);
        var line = Array.IndexOf(offsets, offset);
        var isAfterLoss = sequence != _last[line].Sequence + 1;
        _last[line] = (sequence, rising);
        return new GpioEdge(line, rising, at, isAfterLoss);
    }

    /// <param name="active">How the line is now.</param>
    /// <returns>Whether that is another level than its last event told; asked again, it is not.</returns>
    public bool IsNews(int line, bool active)
    {
        if (_last[line].Sequence == 0 || _last[line].IsActive == active)
            return false;
        _last[line].IsActive = active;
        return true;
    }
}
