using System.Runtime.CompilerServices;
using System.Text;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Scanners;

public sealed record WedgeScannerOptions
{
    /// <summary>For a scanner that presses no Enter after a code: silence ends it.</summary>
    public bool EndsAtSilence { get; init; }

    /// <summary>Silence within a code after which it is over: ended or, where Enter should have come, given up.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>What is around each code.</summary>
    public CodeDecoration Decoration { get; init; } = new();

    /// <inheritdoc cref="LineScannerOptions.RepeatHoldOff"/>
    public TimeSpan RepeatHoldOff { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Driver of a scanner that is a keyboard ("wedge"): it types each code, US layout, and presses Enter. hardware/wedge/README.md</summary>
/// <param name="line">Of an <see cref="InputDevicePort"/>.</param>
public sealed class WedgeScanner(IDeviceLine line, WedgeScannerOptions options, TimeProvider time)
{
    /// <inheritdoc cref="LineScanner.Faults"/>
    public FrameFaultCounts Faults { get; } = new();

    /// <summary>Codes until cancelled. One caller at a time.</summary>
    /// <exception cref="DeviceLineLostException">The scanner was unplugged.</exception>
    public async IAsyncEnumerable<ScannedCode> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var keys = new FrameReader<KeyEvent>(line.Input, new FrameParser<KeyEvent>(KeyEvent.Decode), time);
        var text = new KeyboardText();
        var repeats = new RepeatFilter(options.RepeatHoldOff, time);
        while (true)
        {
            var key = await keys.NextAsync(text.IsEmpty ? null : options.Silence, cancellationToken);
            var code = key.Status == DecodeStatus.Complete ? text.Take(key.Frame) : FallSilent(text);
            if (code.Status == DecodeStatus.Corrupt)
                Faults.Add(code.Fault);
            if (code.Status != DecodeStatus.Complete)
                continue;
            var bare = options.Decoration.Strip(new ScannedCode(code.Frame, Encoding.ASCII));
            if (bare.Text.Length > 0 && !repeats.IsRepeat(bare.Text))
                yield return bare;
        }
    }

    private Decoded<string> FallSilent(KeyboardText text)
    {
        if (options.EndsAtSilence)
            return text.End();
        if (!text.IsEmpty)
            Faults.Add(FrameFault.Timeout);
        text.Drop(); // else it would grow together with the next code
        return Decoded.NeedMore<string>();
    }
}
