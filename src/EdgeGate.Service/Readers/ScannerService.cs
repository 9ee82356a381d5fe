using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Scanners;
using EdgeGate.Service.Health;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Readers;

/// <summary>Brings what one code scanner reads to the gate.</summary>
internal sealed class ScannerService(LineScannerSettings settings, IDevicePort port, CodeIntake codes, DeviceBoard board, TimeProvider time)
    : BackgroundService
{
    private readonly DeviceConnection _connection = board.Connect(settings.Id, port);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _connection.RunAsync(ReadAsync, stoppingToken);

    private async Task ReadAsync(IDeviceLine line, CancellationToken stopping)
    {
        var scanner = new LineScanner(line, new LineScannerOptions { Framing = settings.Framing }, time);
        await foreach (var code in scanner.ReadAsync(stopping))
            await codes.TakeAsync(settings.Id, code.Text, stopping);
    }
}
