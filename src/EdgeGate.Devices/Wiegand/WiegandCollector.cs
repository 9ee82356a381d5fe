using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Wiegand;

/// <summary>Bits between two silences.</summary>
/// <param name="Fault">Why they are not what the reader sent; null when nothing says so.</param>
public readonly record struct WiegandCode(WiegandBits Bits, FrameFault? Fault);

/// <summary>
/// Puts the pulses of a Wiegand reader's two wires together: one on D0 is a zero, on D1 a one, and a gap ends the code. Pulses count by
/// the kernel's stamps: this program may get to see them late, many at once, and one wire's before the other's.
/// </summary>
/// <remarks>No clock of its own, and one thread: who feeds it knows when nothing more has come for a while.</remarks>
public sealed class WiegandCollector
{
    /// <summary>Bits come 0.2 to 20 ms apart, codes at least 25 ms.</summary>
    public static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(25);

    /// <summary>More than any format has.</summary>
    private const int MostBits = 64;

    /// <summary>More than ten people can show while this program is held up. A line that never falls silent costs no more.</summary>
    private const int MostPulses = 512;

    private readonly List<(TimeSpan At, bool IsOne)> _pulses = [];

    /// <summary>In which edges were lost.</summary>
    private readonly List<(TimeSpan From, TimeSpan To)> _losses = [];

    private readonly TimeSpan?[] _lastOfWire = new TimeSpan?[2];
    private TimeSpan? _endedAt;
    private bool _isFlooded;

    /// <summary>Nothing is waiting for its end.</summary>
    public bool IsEmpty => _pulses.Count == 0 && !_isFlooded;

    /// <param name="isOne">On D1; else on D0.</param>
    /// <param name="at">By the kernel's stamp.</param>
    /// <param name="isAfterLoss">Pulses of the same wire between this one and the one before it never came.</param>
    public void Take(bool isOne, TimeSpan at, bool isAfterLoss = false)
    {
        if (_pulses.Count == MostPulses)
            Flood();
        if (isAfterLoss)
            _losses.Add((_lastOfWire[isOne ? 1 : 0] ?? TimeSpan.MinValue, at));
        _lastOfWire[isOne ? 1 : 0] = at;
        var place = _pulses.Count;
        while (place > 0 && _pulses[place - 1].At > at)
            place--;
        _pulses.Insert(place, (at, isOne));
    }

    /// <summary>Nothing more comes: what was taken, code by code.</summary>
    public IReadOnlyList<WiegandCode> End()
    {
        var codes = new List<WiegandCode>();
        if (_isFlooded)
            codes.Add(new(default, FrameFault.TooLong));
        for (var (start, end) = (0, 0); start < _pulses.Count && !_isFlooded; start = end)
        {
            for (end = start + 1; end < _pulses.Count && _pulses[end].At - _pulses[end - 1].At < Gap;)
                end++;
            codes.Add(CodeOf(start, end));
        }
        if (_pulses.Count > 0)
            _endedAt = _pulses[^1].At;
        _pulses.Clear();
        _losses.Clear();
        _isFlooded = false;
        return codes;
    }

    private WiegandCode CodeOf(int start, int end)
    {
        var (first, last) = (_pulses[start].At, _pulses[end - 1].At);
        FrameFault? fault = _losses.Any(loss => loss.From <= last && loss.To >= first) ? FrameFault.Lost
            : _endedAt is { } ended && first - ended < Gap ? FrameFault.Timeout // the rest of a code that was taken for ended
            : end - start > MostBits ? FrameFault.TooLong
            : null;
        return new(fault is null ? WiegandBits.Of([.. _pulses[start..end].Select(pulse => pulse.IsOne)]) : new WiegandBits(default, end - start), fault);
    }

    private void Flood()
    {
        _pulses.Clear();
        _losses.Clear();
        _isFlooded = true;
    }
}
