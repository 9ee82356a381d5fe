using System.Runtime.CompilerServices;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Thermometers;

public sealed record Gy614Options
{
    /// <summary>From one query to the next; an answer takes 18 ms of line at 9600 baud.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>This long without a good reading and something is wrong.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Driver of a GY-614 or GY-615V3 infrared thermometer board, which speaks when it is asked. hardware/gy-614/README.md</summary>
public sealed class Gy614 : IThermometer
{
    private readonly IDeviceLine _line;
    private readonly Gy614Options _options;
    private readonly TimeProvider _time;
    private readonly TroubleWatch _trouble;

    public Gy614(IDeviceLine line, Gy614Options options, TimeProvider time) =>
        (_line, _options, _time, _trouble) = (line, options, time, new TroubleWatch(options.SilentAfter, time));

    public event Action<ThermometerTrouble?>? TroubleChanged
    {
        add => _trouble.Changed += value;
        remove => _trouble.Changed -= value;
    }

    public FrameFaultCounts Faults { get; } = new();

    public async IAsyncEnumerable<TemperatureReading> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var frames = new FrameReader<Gy614Reading>(_line.Input, new FrameParser<Gy614Reading>(Gy614Frame.Decode), _time);
        while (true)
        {
            var asked = _time.GetTimestamp();
            frames.Discard();
            await _line.WriteAsync(Gy614Frame.Query, cancellationToken);
            if (await AnswerAsync(frames, asked, cancellationToken) is { } reading)
            {
                _trouble.Good();
                yield return reading;
            }
            else
            {
                _trouble.Failed(new(DeviceState.Silent, "the thermometer does not answer: is it powered, are RX and TX crossed, is the line's speed right?"));
            }
            var rest = _options.Interval - _time.GetElapsedTime(asked);
            if (rest > TimeSpan.Zero)
                await Task.Delay(rest, _time, cancellationToken);
        }
    }

    private async ValueTask<TemperatureReading?> AnswerAsync(FrameReader<Gy614Reading> frames, long asked, CancellationToken cancellationToken)
    {
        while (_options.ReplyTimeout - _time.GetElapsedTime(asked) is var left && left > TimeSpan.Zero)
        {
            var next = await frames.NextAsync(left, cancellationToken);
            if (next.Status == DecodeStatus.Complete)
                return next.Frame.Temperature;
            if (next.Status != DecodeStatus.Corrupt)
                continue;
            Faults.Add(next.Fault);
            if (next.Fault is not FrameFault.Garbage)
                break; // that was the answer; waiting for another would only cost time
        }
        return null;
    }
}
