using EdgeGate.Access;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Service.Health;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Readers;

/// <summary>Brings what the thermometer measures to the lane, once readings agree.</summary>
internal sealed class ThermometerService(
    GyMcu90614Settings settings, IDevicePort port, TemperatureSettling settling, LaneInputs lane, DeviceBoard board, GateClock clock, TimeProvider time)
    : BackgroundService
{
    /// <summary>No place where people pass is colder or hotter, nor anything in it: beyond this it is the sensor that is wrong.</summary>
    private static readonly Celsius ColdestReading = new(-40_00), HottestReading = new(100_00);

    /// <summary>A second of readings. One alone may be line noise that fits the frame's eight-bit sum, or somebody's hot tea.</summary>
    private const int FaultyAfter = 10;

    private readonly DeviceConnection _connection = board.Connect(settings.Id, port);

    private int _impossibleInARow;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _connection.RunAsync(ReadAsync, stoppingToken);

    private async Task ReadAsync(IDeviceLine line, CancellationToken stopping)
    {
        var thermometer = new GyMcu90614(line, new GyMcu90614Options(), time);
        thermometer.SilentChanged += ReportSilence;
        await foreach (var reading in thermometer.ReadAsync(stopping))
        {
            if (!Judge(reading))
                continue; // and nobody's stay ends or begins with it
            if (settling.Add(reading.Surface, reading.Ambient, clock.SinceBoot) is { } measured)
                lane.Measure(measured);
        }
    }

    /// <returns>Whether the sensor can be believed at all; whether the person can be is a rule's business.</returns>
    private bool Judge(TemperatureReading reading)
    {
        var possible = IsPossible(reading);
        _impossibleInARow = possible ? 0 : _impossibleInARow + 1;
        if (_impossibleInARow >= FaultyAfter)
            _connection.Report(DeviceState.Faulty, "the thermometer reports temperatures that cannot be: check its wiring and supply, then replace it");
        else if (possible && _connection.Status.State is DeviceState.Faulty)
            _connection.Report(DeviceState.Connected, "the thermometer reports sensible temperatures again");
        return possible;
    }

    private static bool IsPossible(TemperatureReading reading) =>
        IsPossible(reading.Surface) && IsPossible(reading.Ambient)
        // A board that has lost its sensor sends only zeros or only ones.
        && (reading.Surface.Hundredths, reading.Ambient.Hundredths) is not ((0, 0) or (-1, -1));

    private static bool IsPossible(Celsius degrees) => degrees >= ColdestReading && degrees <= HottestReading;

    private void ReportSilence(bool silent) => _connection.Report(
        silent ? DeviceState.Silent : DeviceState.Connected,
        silent
            ? $"{settings.Port} is open but the thermometer sends nothing: is it powered, is the speed {settings.Baud} right?"
            : "the thermometer sends again");
}
