using System.Runtime.CompilerServices;
using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Thermometers;

/// <summary>Where one model keeps what: there is no common map, so this is settings and not code.</summary>
public sealed record ModbusRegisterMap
{
    public byte Slave { get; init; } = 1;
    public ModbusFunction Function { get; init; } = ModbusFunction.ReadHoldingRegisters;

    /// <summary>What is before the lens, as on the wire (from 0).</summary>
    public required ushort Surface { get; init; }

    /// <summary>Temperature of the sensor. Required: without it nobody could say whether a surface temperature means anything.</summary>
    public required ushort Ambient { get; init; }

    /// <summary>Degrees of one count: usually 0.1, sometimes 0.01.</summary>
    public decimal Scale { get; init; } = 0.1m;

    /// <summary>The model's status word; null when it has none.</summary>
    public ushort? Status { get; init; }

    /// <summary>Bits of it that mean that the reading is wrong: by default measurement error, sensor or object too cold or too hot.</summary>
    public ushort StatusFaults { get; init; } = 0b1_1111;
}

public sealed record ModbusThermometerOptions
{
    public required ModbusRegisterMap Map { get; init; }

    /// <summary>From one reading to the next. Each register is a request of its own, 40 ms at 9600 baud with a device that thinks for 20 ms.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>3.5 characters at 9600 baud and slower; faster lines use 1.75 ms anyway.</summary>
    public TimeSpan PauseBetween { get; init; } = TimeSpan.FromMilliseconds(4);

    /// <summary>This long without a good reading and something is wrong.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>Master of a line with one Modbus RTU thermometer. hardware/modbus-thermometer/README.md</summary>
public sealed class ModbusThermometer : IThermometer
{
    private readonly IDeviceLine _line;
    private readonly ModbusThermometerOptions _options;
    private readonly TimeProvider _time;
    private readonly TroubleWatch _trouble;

    public ModbusThermometer(IDeviceLine line, ModbusThermometerOptions options, TimeProvider time) =>
        (_line, _options, _time, _trouble) = (line, options, time, new TroubleWatch(options.SilentAfter, time));

    public event Action<ThermometerTrouble?>? TroubleChanged
    {
        add => _trouble.Changed += value;
        remove => _trouble.Changed -= value;
    }

    public FrameFaultCounts Faults { get; } = new();

    private ModbusRegisterMap Map => _options.Map;

    public async IAsyncEnumerable<TemperatureReading> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var began = _time.GetTimestamp();
            if (await MeasureAsync(cancellationToken) is { } reading)
            {
                _trouble.Good();
                yield return reading;
            }
            await Task.Delay(Longer(_options.Interval - _time.GetElapsedTime(began), _options.PauseBetween), _time, cancellationToken);
        }
    }

    private async ValueTask<TemperatureReading?> MeasureAsync(CancellationToken cancellationToken)
    {
        if (Map.Status is { } status)
        {
            if (await AskAsync(status, cancellationToken) is not { } word)
                return null;
            if ((word & Map.StatusFaults) is var faults && faults != 0)
            {
                Faults.Add(FrameFault.SensorError);
                _trouble.Failed(new(DeviceState.Faulty, $"the thermometer says that it cannot measure (status {faults:X4}): see its manual"));
                return null;
            }
        }
        return await AskAsync(Map.Surface, cancellationToken) is { } surface && await AskAsync(Map.Ambient, cancellationToken) is { } ambient
            ? new TemperatureReading(Degrees(surface), Degrees(ambient))
            : null;
    }

    /// <summary>One register; null when it did not come, which has been noted then.</summary>
    private async ValueTask<ushort?> AskAsync(ushort register, CancellationToken cancellationToken)
    {
        var request = new ModbusRequest(Map.Slave, Map.Function, register, 1);
        using var replies = new FrameReader<ModbusReply>(_line.Input, new ModbusFrame(request).Parser, _time);
        await Task.Delay(_options.PauseBetween, _time, cancellationToken); // the silence that ends the frame before
        replies.Discard();
        var asked = _time.GetTimestamp();
        await _line.WriteAsync(request.Encode(), cancellationToken);
        while (_options.ReplyTimeout - _time.GetElapsedTime(asked) is var left && left > TimeSpan.Zero)
        {
            var next = await replies.NextAsync(left, cancellationToken);
            if (next is { Status: DecodeStatus.Complete, Frame: var reply })
                return reply.Exception is { } code ? Refused(register, code) : reply.Registers[0];
            if (next.Status == DecodeStatus.Corrupt)
                Faults.Add(next.Fault);
        }
        _trouble.Failed(new(DeviceState.Silent, $"slave {Map.Slave} does not answer: are A and B crossed, are speed and slave number right?"));
        return null;
    }

    private ushort? Refused(ushort register, byte code)
    {
        Faults.Add(FrameFault.BadValue);
        _trouble.Failed(new(DeviceState.Faulty, code switch
        {
            1 => $"slave {Map.Slave} knows no function {(byte)Map.Function:00}: set the other one, 03 or 04",
            2 => $"slave {Map.Slave} has no register {register}: compare the register map with its manual, which may count from 1",
            _ => $"slave {Map.Slave} refuses to answer (exception {code}): see its manual",
        }));
        return null;
    }

    // Signed: a room can be below zero.
    private Celsius Degrees(ushort register) => Celsius.From((short)register * Map.Scale);

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
