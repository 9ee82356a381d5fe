using System.Runtime.CompilerServices;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Scanners;

public enum ScannerFraming
{
    /// <summary>CR, LF or CR LF after each code; what scanners ship with.</summary>
    Line,

    /// <summary>STX before, ETX after.</summary>
    StxEtx,

    /// <summary>Nothing but silence after each code.</summary>
    Gap,
}

public sealed record LineScannerOptions
{
    public ScannerFraming Framing { get; init; } = ScannerFraming.Line;

    /// <summary>Silence that ends a code without terminator.</summary>
    public TimeSpan Gap { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Silence after which the beginning of a code is given up, so that it does not grow together with the next one.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What is around each code.</summary>
    public CodeDecoration Decoration { get; init; } = new();

    /// <summary>The same code again within this time of its last sighting is the same presentation: scanners repeat what is held before them.</summary>
    public TimeSpan RepeatHoldOff { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Driver of a QR or barcode scanner that sends its codes as text. hardware/line-scanner/README.md</summary>
public sealed class LineScanner(IDeviceLine line, LineScannerOptions options, TimeProvider time)
{
    /// <summary>What was wrong on the line so far.</summary>
    public FrameFaultCounts Faults { get; } = new();

    /// <summary>Codes until cancelled. One caller at a time.</summary>
    /// <exception cref="DeviceLineLostException">The line was lost.</exception>
    public async IAsyncEnumerable<ScannedCode> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var silence = options.Framing == ScannerFraming.Gap ? options.Gap : options.GiveUpAfter;
        var repeats = new RepeatFilter(options.RepeatHoldOff, time);
        await foreach (var code in line.Input.ReadFramesAsync(NewParser(), Faults, time, silence, cancellationToken))
        {
            var bare = options.Decoration.Strip(code);
            if (bare.Text.Length > 0 && !repeats.IsRepeat(bare.Text))
                yield return bare;
        }
    }

    private FrameParser<ScannedCode> NewParser()
    {
        switch (options.Framing)
        {
            case ScannerFraming.StxEtx:
                return new(new StxEtxFraming(ScannerText.Chinese).Decode);
            case ScannerFraming.Gap:
                var gap = new GapFraming(ScannerText.Chinese);
                return new(gap.Decode, atSilence: gap.DecodeAtSilence);
            default:
                return new(new LineFraming(ScannerText.Chinese).Decode);
        }
    }
}
