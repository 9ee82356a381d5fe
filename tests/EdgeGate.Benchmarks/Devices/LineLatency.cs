using System.Text;
using EdgeGate.Access;
using EdgeGate.Benchmarks.Gate;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Devices.Thermometers;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.HealthCodes.Trust;
using EdgeGate.Service.Hardware;
using EdgeGate.Service.Health;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Readers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeGate.Benchmarks.Devices;

/// <summary>From the last byte on the line to the reading in the lane's inputs: terminal, port, decoder and driver, as the gate puts them together.</summary>
internal sealed class LineLatency(BenchSetting setting)
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(5);

    public async Task RunAsync(ReportSection report)
    {
        using var folder = new TemporaryFolder(setting.Directory);
        var clock = new GateClock(setting.Time, Guid.Empty, () => true);
        var lane = new LaneInputs(clock);
        var board = new DeviceBoard(setting.Time, NullLogger<DeviceBoard>.Instance);
        var ports = new DevicePorts(new UsbTree(), new DeviceIdentities(folder.Path, NullLogger<DeviceIdentities>.Instance), setting.Time);
        await using PseudoTerminal scanner = PseudoTerminal.Open(), thermometer = PseudoTerminal.Open();
        var scans = new LineScannerSettings { Id = "scanner", Port = scanner.HostPath };
        var measures = new GyMcu90614Settings { Id = "thermometer", Port = thermometer.HostPath, Samples = 1 };
        var codes = new CodeIntake(
            new CodeIntakeOptions { TakesHealthCodes = false, TakesPasses = false, Patterns = [], GateNames = [], Direction = PassDirections.Entry, Place = "bench/gate-1" },
            new HealthCodeVerifier(new TrustStore([])), new Dictionary<string, HttpHealthCodeProvider>(), lane, clock, setting.Time, NullLogger<CodeIntake>.Instance);
        using var scanning = new ScannerService(scans, ports.Of(scans), codes, board, setting.Time);
        using var measuring = new ThermometerService<IDeviceLine>(
            measures, ports.Of(measures), line => new GyMcu90614(line, new GyMcu90614Options(), setting.Time),
            new ThermometerCare(measures, folder.Sub("medians"), clock, NullLogger<ThermometerCare>.Instance), new TemperatureSettling(new SettlingOptions { Samples = 1 }), lane, board, clock);
        foreach (var service in new IHostedService[] { scanning, measuring })
            await service.StartAsync(setting.Stopping);
        while (board.Devices.Any(device => device.State is not DeviceState.Connected))
            await Task.Delay(Between, setting.Time, setting.Stopping);

        var shown = 0;
        await using var echo = new BareEcho();
        var rows = new List<string[]>
        {
            await RowAsync("code", () => scanner.WriteAsync(Encoding.ASCII.GetBytes($"04A2{++shown:X10}\r\n"), setting.Stopping), lane),
            await RowAsync("temperature", () => thermometer.WriteAsync(GyMcu90614Frame.Encode(new TemperatureReading(new Celsius(3650), new Celsius(2500))), setting.Stopping), lane),
            Cells("limit: echo of a bare thread over a terminal", await MeasureAsync(async () => await echo.MeasureAsync("04A20123456789\n"u8.ToArray(), setting.Time, setting.Stopping))),
        };
        report.Say($"From the last byte on the line to the reading in the lane, one at a time, {Between.TotalMilliseconds:0} ms apart, in milliseconds.");
        report.Table(["", "p50", "p99", "max"], rows);
        report.Say("Budget: p99 2 ms on an idle machine.");
        foreach (var service in new IHostedService[] { scanning, measuring })
            await service.StopAsync(setting.Stopping);
    }

    private async Task<string[]> RowAsync(string name, Func<ValueTask> send, LaneInputs lane) => Cells(name, await MeasureAsync(async () =>
    {
        var begun = setting.Time.GetTimestamp();
        await send();
        await lane.Reader.ReadAsync(setting.Stopping);
        return setting.Time.GetElapsedTime(begun);
    }));

    private async Task<List<double>> MeasureAsync(Func<Task<TimeSpan>> once)
    {
        var taken = new List<double>();
        var count = setting.Quick ? 300 : 3000;
        for (var i = -200; i < count; i++) // some to warm up
        {
            var took = await once();
            if (i >= 0)
                taken.Add(took.TotalMilliseconds);
            await Task.Delay(Between, setting.Time, setting.Stopping);
        }
        return taken;
    }

    private static string[] Cells(string name, List<double> milliseconds) => [name, milliseconds.Median().Figure(), milliseconds.Percentile(0.99).Figure(), milliseconds.Max().Figure()];
}
