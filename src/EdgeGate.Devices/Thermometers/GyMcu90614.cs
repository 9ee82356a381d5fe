using System.Runtime.CompilerServices;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Thermometers;

public sealed record GyMcu90614Options
{
    /// <summary>The board streams ten readings a second: this long without a good one and something is wrong.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Driver of a GY-MCU90614 infrared thermometer board. hardware/gy-mcu90614/README.md</summary>
public sealed class GyMcu90614(IDeviceLine line, GyMcu90614Options options, TimeProvider time)
{
    /// <summary>Raised on the reading loop with true when readings stop coming and with false when they come again.</summary>
    public event Action<bool>? SilentChanged;

    /// <summary>What was wrong on the line so far.</summary>
    public FrameFaultCounts Faults { get; } = new();

    /// <summary>No good reading has come for <see cref="GyMcu90614Options.SilentAfter"/>.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>Readings until cancelled, ten a second. One caller at a time.</summary>
    /// <exception cref="DeviceLineLostException">The line was lost.</exception>
    public async IAsyncEnumerable<TemperatureReading> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var frames = new FrameReader<TemperatureReading>(line.Input, new FrameParser<TemperatureReading>(GyMcu90614Frame.Decode), time);
        await line.WriteAsync(GyMcu90614Command.Stream, cancellationToken);
        var heard = time.GetTimestamp();
        while (true)
        {
            var next = await frames.NextAsync(options.SilentAfter - time.GetElapsedTime(heard), cancellationToken);
            if (next.Status == DecodeStatus.Complete)
            {
                SetSilent(false);
                yield return next.Frame;
                heard = time.GetTimestamp();
                continue;
            }
            if (next.Status == DecodeStatus.Corrupt)
                Faults.Add(next.Fault);
            if (time.GetElapsedTime(heard) >= options.SilentAfter)
            {
                SetSilent(true);
                // A board that lost its power for a moment waits to be told again.
                await line.WriteAsync(GyMcu90614Command.Stream, cancellationToken);
                heard = time.GetTimestamp();
            }
        }
    }

    private void SetSilent(bool silent)
    {
        if (IsSilent == silent)
            return;
        IsSilent = silent;
        SilentChanged?.Invoke(silent);
    }
}
