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
public sealed class GyMcu90614 : IThermometer
{
    private static readonly ThermometerTrouble Silence = new(DeviceState.Silent, "the thermometer sends nothing: is it powered, is the line's speed right?");

    private readonly IDeviceLine _line;
    private readonly GyMcu90614Options _options;
    private readonly TimeProvider _time;
    private readonly TroubleWatch _trouble;

    public GyMcu90614(IDeviceLine line, GyMcu90614Options options, TimeProvider time) =>
        (_line, _options, _time, _trouble) = (line, options, time, new TroubleWatch(options.SilentAfter, time));

    public event Action<ThermometerTrouble?>? TroubleChanged
    {
        add => _trouble.Changed += value;
        remove => _trouble.Changed -= value;
    }

    public FrameFaultCounts Faults { get; } = new();

    public async IAsyncEnumerable<TemperatureReading> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var frames = new FrameReader<TemperatureReading>(_line.Input, new FrameParser<TemperatureReading>(GyMcu90614Frame.Decode), _time);
        await _line.WriteAsync(GyMcu90614Command.Stream, cancellationToken);
        var heard = _time.GetTimestamp();
        while (true)
        {
            var next = await frames.NextAsync(_options.SilentAfter - _time.GetElapsedTime(heard), cancellationToken);
            if (next.Status == DecodeStatus.Complete)
            {
                _trouble.Good();
                yield return next.Frame;
                heard = _time.GetTimestamp();
                continue;
            }
            if (next.Status == DecodeStatus.Corrupt)
                Faults.Add(next.Fault);
            if (_time.GetElapsedTime(heard) >= _options.SilentAfter)
            {
                _trouble.Failed(Silence);
                // A board that lost its power for a moment waits to be told again.
                await _line.WriteAsync(GyMcu90614Command.Stream, cancellationToken);
                heard = _time.GetTimestamp();
            }
        }
    }
}
