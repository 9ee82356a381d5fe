namespace EdgeGate.Devices.Framing;

/// <summary>How often each fault was seen on one line since it was opened. May be read from any thread.</summary>
public sealed class FrameFaultCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<FrameFault>().Length];

    public long this[FrameFault fault] => Interlocked.Read(ref _counts[(int)fault]);

    public long Total => Enum.GetValues<FrameFault>().Sum(fault => this[fault]);

    public void Add(FrameFault fault) => Interlocked.Increment(ref _counts[(int)fault]);
}
