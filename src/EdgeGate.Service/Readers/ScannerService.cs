using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Devices.Scanners;
using EdgeGate.Service.Health;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Readers;

/// <summary>Brings what one code scanner reads to the gate.</summary>
internal sealed class ScannerService(ReaderSettings settings, IDevicePort port, CodeIntake codes, DeviceBoard board, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan LookForNoiseEvery = TimeSpan.FromSeconds(2);

    private readonly DeviceConnection _connection = board.Connect(settings.Id, port);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _connection.RunAsync(ReadAsync, stoppingToken);

    private async Task ReadAsync(IDeviceLine line, CancellationToken stopping)
    {
        if (settings is WedgeScannerSettings && port is IdentifiedPort { Found.Answer: { } who })
            Say($"it is {who}");
        var scanner = Drivers.CodesOf((ICodeScanner)settings, line, time, result => Say(InWords(result)));
        var noise = new NoiseWatch(scanner.Faults);
        await using var looks = time.CreateTimer(_ => Look(noise), null, LookForNoiseEvery, LookForNoiseEvery);
        await foreach (var code in scanner.ReadAsync(stopping))
        {
            if (noise.Understood())
                _connection.Report(DeviceState.Connected, $"{port.Name} is open, and codes are read again");
            await codes.TakeAsync(settings.Id, code.Text, stopping);
        }
    }

    /// <summary>A scanner is not asked, so a wrong speed shows in nothing but what cannot be read.</summary>
    private void Look(NoiseWatch noise)
    {
        if (_connection.Status.State is DeviceState.Connected && noise.IsAllThereIs(out var damaged))
            _connection.Report(DeviceState.Doubtful, $"{port.Name} brings noise and no codes ({damaged} damaged pieces): {Remedy}");
    }

    private string Remedy => settings is ISerialDevice { Baud: var baud } ? $"is its speed {baud}? Else look at cable and plug" : "look at cable and plug";

    /// <summary>Words beside "connected"; a line that keeps breaking is not called that.</summary>
    private void Say(string words)
    {
        if (_connection.Status is { State: DeviceState.Connected, Reconnects: var reconnects })
            board.Tell(settings.Id, DeviceState.Connected, words, reconnects);
    }

    private static string InWords(Gm65SetUp result) => result switch
    {
        Gm65SetUp.NoAnswer => "codes are read, but the module takes no commands: is it a GM65, and is its speed right?",
        Gm65SetUp.NotTaken => "codes are read, but the module does not take its settings",
        _ => "the module is set up",
    };
}
