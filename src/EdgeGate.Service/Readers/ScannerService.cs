using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Scanners;
using EdgeGate.Service.Health;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Readers;

/// <summary>Brings what one code scanner reads to the gate.</summary>
internal sealed class ScannerService(ReaderSettings settings, IDevicePort port, CodeIntake codes, DeviceBoard board, TimeProvider time)
    : BackgroundService
{
    private readonly DeviceConnection _connection = board.Connect(settings.Id, port);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _connection.RunAsync(ReadAsync, stoppingToken);

    private async Task ReadAsync(IDeviceLine line, CancellationToken stopping)
    {
        await foreach (var code in Codes(line, stopping))
            await codes.TakeAsync(settings.Id, code.Text, stopping);
    }

    private IAsyncEnumerable<ScannedCode> Codes(IDeviceLine line, CancellationToken stopping)
    {
        switch (settings)
        {
            case LineScannerSettings text:
                return new LineScanner(line, new LineScannerOptions { Framing = text.Framing, Decoration = text.Decoration.ToDecoration() }, time).ReadAsync(stopping);
            case Gm65ScannerSettings module:
                var scanner = new Gm65Scanner(line, new Gm65Options { Mode = module.Mode, Decoration = module.Decoration.ToDecoration() }, time);
                scanner.WasSetUp += result => Say(InWords(result));
                return scanner.ReadAsync(stopping);
            case Gm67ScannerSettings module:
                return new Gm67Scanner(line, new Gm65Options { Decoration = module.Decoration.ToDecoration() }, time).ReadAsync(stopping);
            case WedgeScannerSettings wedge:
                if (port is InputDevicePort { Identity: { } who })
                    Say($"it is {Printable(who.Name)} {Printable(who.Serial)}".TrimEnd());
                return new WedgeScanner(line, new WedgeScannerOptions { EndsAtSilence = wedge.EndsAtSilence, Decoration = wedge.Decoration.ToDecoration() }, time).ReadAsync(stopping);
            default:
                throw new NotSupportedException($"no driver for {settings.GetType().Name}");
        }
    }

    /// <summary>Words beside "connected"; a line that keeps breaking is not called that.</summary>
    private void Say(string words)
    {
        if (_connection.Status is { State: DeviceState.Connected, Reconnects: var reconnects })
            board.Tell(settings.Id, DeviceState.Connected, words, reconnects);
    }

    private static string Printable(string text) => string.Concat(text.Where(c => c is >= ' ' and <= '~'));

    private static string InWords(Gm65SetUp result) => result switch
    {
        Gm65SetUp.NoAnswer => "codes are read, but the module takes no commands: is it a GM65, and is its speed right?",
        Gm65SetUp.NotTaken => "codes are read, but the module does not take its settings",
        _ => "the module is set up",
    };
}
