namespace EdgeGate.Devices.Wiegand;

/// <summary>
/// Puts the pulses of a Wiegand line's two wires together: a low pulse on D0 is a zero, on D1 a one, and silence ends the
/// card. Pulses may come from one thread, while silence shows on the clock's.
/// </summary>
public sealed class WiegandCollector : IDisposable
{
    /// <summary>Bits come 1 to 2 ms apart and cards at least 100 ms; edges may reach user space late.</summary>
    public static readonly TimeSpan UsualGap = TimeSpan.FromMilliseconds(50);

    /// <summary>More than any format has. What comes beyond is dropped until the line falls silent; the count tells.</summary>
    private const int MaxBits = 64;

    private readonly Action<WiegandBits> _complete;
    private readonly TimeSpan _gap;
    private readonly TimeProvider _time;
    private readonly ITimer _silence;
    private readonly Lock _lock = new();
    private readonly bool[] _bits = new bool[MaxBits];
    private int _count;
    private long _lastPulse;

    /// <param name="gap">How long the line is silent after a card.</param>
    /// <param name="time">Measures the silence.</param>
    /// <param name="complete">Called for each card, one at a time.</param>
    public WiegandCollector(TimeSpan gap, TimeProvider time, Action<WiegandBits> complete)
    {
        (_gap, _time, _complete) = (gap, time, complete);
        _silence = time.CreateTimer(_ => EndCard(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="one">A pulse on D1; else on D0.</param>
    public void Pulse(bool one)
    {
        lock (_lock)
        {
            if (_count < MaxBits)
                _bits[_count] = one;
            _count = Math.Min(_count + 1, MaxBits + 1);
            _lastPulse = _time.GetTimestamp();
            _silence.Change(_gap, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _silence.Dispose();

    private void EndCard()
    {
        lock (_lock)
        {
            // The timer may have been on its way while one more pulse came.
            if (_count == 0 || _time.GetElapsedTime(_lastPulse) < _gap)
                return;
            var card = _count <= MaxBits ? WiegandBits.Of(_bits.AsSpan(0, _count)) : new WiegandBits(default, _count);
            _count = 0;
            _complete(card);
        }
    }
}
