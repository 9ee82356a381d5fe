using System.Runtime.CompilerServices;
using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.I2c;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Thermometers;

/// <summary>What an AMG8833 sees at one instant.</summary>
/// <param name="Grid">Its pixels.</param>
/// <param name="Ambient">Temperature of the sensor itself.</param>
public sealed record ThermalPicture(ThermalGrid Grid, Celsius Ambient);

public static class Amg8833Register
{
    public const byte Power = 0x00, Reset = 0x01, FrameRate = 0x02, Thermistor = 0x0E, Pixels = 0x80;
    public const byte PowerOn = 0x00, InitialReset = 0x3F, TenFramesASecond = 0x00;
}

public sealed record Amg8833Options
{
    /// <summary>69 with the address pin high, as most boards have it; else 68.</summary>
    public const byte UsualAddress = 0x69;

    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Two frames after a reset what it shows means something.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>This long without a good picture and something is wrong.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>
/// Driver of an AMG8833 grid-eye on an I2C bus. It sees that somebody is there, and which spot is warmest; with steps of a
/// quarter degree and a maker's accuracy of ±2.5 °C it cannot tell a fever. hardware/amg8833/README.md
/// </summary>
public sealed class Amg8833 : IThermometer
{
    private readonly II2cDevice _sensor;
    private readonly Amg8833Options _options;
    private readonly TimeProvider _time;
    private readonly TroubleWatch _trouble;

    public Amg8833(II2cDevice sensor, Amg8833Options options, TimeProvider time) =>
        (_sensor, _options, _time, _trouble) = (sensor, options, time, new TroubleWatch(options.SilentAfter, time));

    public event Action<ThermometerTrouble?>? TroubleChanged
    {
        add => _trouble.Changed += value;
        remove => _trouble.Changed -= value;
    }

    public FrameFaultCounts Faults { get; } = new();

    /// <summary>The hottest spot of every picture.</summary>
    public async IAsyncEnumerable<TemperatureReading> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var picture in WatchAsync(cancellationToken))
            yield return new TemperatureReading(picture.Grid.HottestSpot(), picture.Ambient);
    }

    /// <summary>Pictures until cancelled, ten a second. One caller at a time.</summary>
    /// <exception cref="DeviceLineLostException">Nothing has answered for <see cref="Amg8833Options.SilentAfter"/>.</exception>
    public async IAsyncEnumerable<ThermalPicture> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var started = false;
        var startedAt = 0L;
        using var tick = new PeriodicTimer(_options.Interval, _time);
        while (await tick.WaitForNextTickAsync(cancellationToken))
        {
            if (!started)
            {
                started = IsDone(Start());
                startedAt = _time.GetTimestamp();
                continue;
            }
            if (!TryRead(out var picture))
            {
                started = false; // it may have been without power: its settings are gone then
                continue;
            }
            _trouble.Good();
            if (_time.GetElapsedTime(startedAt) >= _options.WarmUp)
                yield return picture;
        }
    }

    private I2cAnswer Start()
    {
        ReadOnlySpan<(byte Register, byte Value)> settings =
        [
            (Amg8833Register.Power, Amg8833Register.PowerOn),
            (Amg8833Register.Reset, Amg8833Register.InitialReset),
            (Amg8833Register.FrameRate, Amg8833Register.TenFramesASecond),
        ];
        foreach (var (register, value) in settings)
        {
            if (_sensor.Write(register, value) is not I2cAnswer.Done and var failed)
                return failed;
        }
        return I2cAnswer.Done;
    }

    private bool TryRead(out ThermalPicture picture)
    {
        Span<byte> thermistor = stackalloc byte[2], pixels = stackalloc byte[ThermalGrid.Length];
        var done = IsDone(_sensor.Read(Amg8833Register.Thermistor, thermistor)) && IsDone(_sensor.Read(Amg8833Register.Pixels, pixels));
        picture = new ThermalPicture(ThermalGrid.Decode(pixels), ThermalGrid.DecodeThermistor(thermistor));
        return done;
    }

    private bool IsDone(I2cAnswer answer)
    {
        if (answer is I2cAnswer.Done)
            return true;
        Faults.Add(FrameFault.Timeout);
        if (answer is I2cAnswer.NoAnswer && _trouble.Left <= TimeSpan.Zero)
            throw new DeviceLineLostException($"nothing answers at {_sensor.Name} any more: check its supply and wires");
        _trouble.Failed(new(DeviceState.Faulty, "the I2C bus is disturbed: check the pull-up resistors and what else hangs on it"));
        return false;
    }
}
