using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Service.Health;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Readers;

/// <summary>Brings what a lane's thermometer measures to the lane, once readings agree.</summary>
/// <typeparam name="TLine">What the thermometer hangs on.</typeparam>
internal sealed class ThermometerService<TLine>(
    ThermometerSettings settings, IDevicePort<TLine> port, Func<TLine, IThermometer> driver,
    ThermometerCare care, TemperatureSettling settling, LaneInputs lane, DeviceBoard board, GateClock clock)
    : BackgroundService
    where TLine : IAsyncDisposable
{
    private readonly DeviceConnection<TLine> _connection = board.Connect(settings.Id, port);

    private static readonly (DeviceState State, string Cause) AllIsWell = (DeviceState.Connected, "the thermometer measures");

    private ThermometerTrouble? _trouble;
    private (DeviceState State, string Cause) _told;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _connection.RunAsync(ReadAsync, stoppingToken);

    private async Task ReadAsync(TLine line, CancellationToken stopping)
    {
        (_trouble, _told) = (null, AllIsWell); // as the connection says of every line that was opened
        var thermometer = driver(line);
        thermometer.TroubleChanged += trouble =>
        {
            var damaged = thermometer.Faults.Total;
            _trouble = trouble is { State: DeviceState.Silent } && damaged > 0 ? trouble with { Cause = $"{trouble.Cause} Noise came: {damaged} damaged pieces" } : trouble;
            Report();
        };
        await foreach (var reading in thermometer.ReadAsync(stopping))
        {
            var believed = care.Believes(reading);
            if (believed && settling.Add(reading.Surface, reading.Ambient, clock.SinceBoot) is { } measured)
            {
                lane.Measure(measured);
                care.Measured(measured);
            }
            Report();
        }
    }

    private string Place => settings is ISerialDevice serial ? $"{port.Name} at {serial.Baud} baud" : port.Name;

    private void Report()
    {
        (DeviceState State, string Cause) now = _trouble is not null ? (_trouble.State, $"{Place}: {_trouble.Cause}")
            : care.Finding is { } finding ? (finding.State, finding.Cause)
            : AllIsWell;
        if (now != _told)
            _connection.Report(now.State, now.Cause);
        _told = now;
    }
}
