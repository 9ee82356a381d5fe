using System.Runtime.CompilerServices;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Gpio;

namespace EdgeGate.Devices.Wiegand;

public enum WiegandFormat
{
    /// <summary>26 bits and 34: a code that lost eight pulses at its end may pass for another.</summary>
    Any,

    /// <summary>26 bits.</summary>
    H10301,

    /// <summary>34 bits.</summary>
    H10306,
}

public sealed record WiegandOptions
{
    /// <summary>The line of D0, by its name or its number on the chip.</summary>
    public required string Data0 { get; init; }

    public required string Data1 { get; init; }

    /// <summary>A pulse is 0 V, as the reader sends it; not behind an inverting opto-coupler.</summary>
    public bool IsActiveLow { get; init; } = true;

    public GpioBias Bias { get; init; } = GpioBias.PullUp;

    public WiegandFormat Format { get; init; }

    public WiegandOrder Order { get; init; }

    /// <summary>What to ask of the chip: D0, D1.</summary>
    public IReadOnlyList<GpioLineRequest> Lines => [Request(Data0), Request(Data1)];

    private GpioLineRequest Request(string line) => new() { Line = line, IsActiveLow = IsActiveLow, Bias = Bias, IsEdgeOnlyWhenActive = true };
}

/// <summary>Something was shown at a Wiegand reader.</summary>
/// <param name="Card">Null when it cannot be told which.</param>
/// <param name="Fault">Why not.</param>
/// <param name="Bits">How many came.</param>
public readonly record struct WiegandRead(WiegandCard? Card, FrameFault Fault, int Bits);

/// <summary>Driver of a card reader whose two Wiegand wires hang on GPIO lines. hardware/wiegand/README.md</summary>
/// <param name="lines">Opened with <see cref="WiegandOptions.Lines"/>.</param>
public sealed class WiegandReader(IGpioLines lines, WiegandOptions options, TimeProvider time)
{
    /// <summary>
    /// So long after the last pulse was seen it is not waited for another. Longer than <see cref="WiegandCollector.Gap"/>, for pulses may be
    /// under way between kernel and here; what ends a code is their stamps.
    /// </summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(50);

    /// <summary>What was wrong on the wires so far.</summary>
    public FrameFaultCounts Faults { get; } = new();

    /// <summary>Reads cards until cancelled. One caller at a time.</summary>
    /// <exception cref="Ports.DeviceLineLostException">The chip is gone.</exception>
    public async IAsyncEnumerable<WiegandRead> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var collector = new WiegandCollector();
        while (true)
        {
            var more = lines.Edges.WaitToReadAsync(cancellationToken).AsTask();
            if (!collector.IsEmpty && !more.IsCompleted)
                await ((Task)more.WaitAsync(Silence, time, cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!collector.IsEmpty && !more.IsCompleted)
            {
                foreach (var code in collector.End())
                {
                    if (Decode(code) is { } read)
                        yield return read;
                }
            }
            if (!await more)
                yield break; // closed by us
            while (lines.Edges.TryRead(out var edge))
            {
                if (edge.IsActive)
                    collector.Take(edge.Line == 1, edge.At, edge.IsAfterLoss);
            }
        }
    }

    /// <summary>Null for a key of a keypad, which sends 4 or 8 bits.</summary>
    private WiegandRead? Decode(WiegandCode code)
    {
        var (fault, count) = (code.Fault ?? FrameFault.BadLength, code.Bits.Count);
        if (code.Fault is null && count is 4 or 8)
            return null;
        if (code.Fault is null && IsOfFormat(count) && WiegandCard.TryDecode(code.Bits, out var card, out fault))
            return new(card.SentAs(options.Order), default, count);
        Faults.Add(fault);
        return new(null, fault, count);
    }

    private bool IsOfFormat(int bits) => options.Format switch
    {
        WiegandFormat.H10301 => bits == 26,
        WiegandFormat.H10306 => bits == 34,
        _ => true,
    };
}
