using System.Runtime.CompilerServices;
using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.I2c;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Thermometers;

public sealed record Mlx90614Options
{
    public const byte UsualAddress = 0x5A;

    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Its filter needs this long after power-up before what it shows means anything.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>This long without a good reading and something is wrong.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Driver of an MLX90614 infrared thermometer on an I2C bus. hardware/mlx90614/README.md</summary>
public sealed class Mlx90614 : IThermometer
{
    private readonly II2cDevice _sensor;
    private readonly Mlx90614Options _options;
    private readonly TimeProvider _time;
    private readonly TroubleWatch _trouble;
    private long _poweredUp;

    public Mlx90614(II2cDevice sensor, Mlx90614Options options, TimeProvider time)
    {
        (_sensor, _options, _time, _trouble) = (sensor, options, time, new TroubleWatch(options.SilentAfter, time));
        _poweredUp = time.GetTimestamp();
    }

    public event Action<ThermometerTrouble?>? TroubleChanged
    {
        add => _trouble.Changed += value;
        remove => _trouble.Changed -= value;
    }

    public FrameFaultCounts Faults { get; } = new();

    /// <summary>The number the maker burnt in, which tells one sensor from another; null when it cannot be read.</summary>
    public ulong? ReadId()
    {
        ulong id = 0;
        for (var word = 3; word >= 0; word--)
        {
            if (_sensor.ReadWord((byte)(Mlx90614Register.Id + word), out var part) is not I2cAnswer.Done)
                return null;
            id = id << 16 | part;
        }
        return id;
    }

    /// <exception cref="DeviceLineLostException">Nothing has answered for <see cref="Mlx90614Options.SilentAfter"/>.</exception>
    public async IAsyncEnumerable<TemperatureReading> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var tick = new PeriodicTimer(_options.Interval, _time);
        while (await tick.WaitForNextTickAsync(cancellationToken))
        {
            if (!TryRead(Mlx90614Register.Surface, out var surface) || !TryRead(Mlx90614Register.Ambient, out var ambient))
                continue;
            _trouble.Good();
            if (_time.GetElapsedTime(_poweredUp) >= _options.WarmUp)
                yield return new TemperatureReading(surface, ambient);
        }
    }

    private bool TryRead(byte register, out Celsius temperature)
    {
        temperature = default;
        switch (_sensor.ReadWord(register, out var word))
        {
            case I2cAnswer.Done when Mlx90614Word.TryDecode(word, out temperature):
                return true;
            case I2cAnswer.Done:
                Faults.Add(FrameFault.SensorError);
                _trouble.Failed(new(DeviceState.Faulty, "the thermometer flags its own readings as wrong: switch its supply off and on; if it stays, replace it"));
                return false;
            case I2cAnswer.BadChecksum:
                Faults.Add(FrameFault.BadChecksum);
                _trouble.Failed(new(DeviceState.Faulty, "what the thermometer sends arrives damaged: shorten its wires, check the pull-up resistors, or slow the bus down"));
                return false;
            case I2cAnswer.NoAnswer:
                Faults.Add(FrameFault.Timeout);
                _poweredUp = _time.GetTimestamp(); // a sensor that was away may have been without power
                if (_trouble.Left <= TimeSpan.Zero)
                    throw new DeviceLineLostException($"nothing answers at {_sensor.Name} any more: check its supply and wires");
                return false;
            default:
                _trouble.Failed(new(DeviceState.Faulty, "the I2C bus is disturbed: check the pull-up resistors and what else hangs on it"));
                return false;
        }
    }
}
