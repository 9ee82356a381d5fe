using EdgeGate.Access;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Thermometers;

namespace EdgeGate.Service.Demo;

/// <summary>The devices of one lane on pseudo-terminals: the gate opens them as it would real ones, by stable names.</summary>
internal sealed class SimulatedLane(string directory, bool portalTakesText, TimeProvider time) : IAsyncDisposable
{
    /// <summary>What a portal that takes text is told, so that it can say whom it was opened for.</summary>
    public const string OpenText = @"OPEN {credential}\n";

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<PortalOrder> _openings = [];
    private PluggedDevice<SimulatedSamV>? _cardReader;
    private PluggedDevice<SimulatedLineScanner>? _scanner;
    private PluggedDevice<SimulatedGyMcu90614>? _thermometer;
    private IAsyncDisposable? _portal;

    public string CardReaderPort => Path.Combine(directory, "id-card-reader");
    public string ScannerPort => Path.Combine(directory, "scanner");
    public string ThermometerPort => Path.Combine(directory, "thermometer");
    public string PortalPort => Path.Combine(directory, "portal");

    /// <summary>Every order to open.</summary>
    public IReadOnlyList<PortalOrder> Openings
    {
        get { lock (_lock) return [.. _openings]; }
    }

    public void PlugEverythingIn()
    {
        Directory.CreateDirectory(directory);
        PlugCardReaderIn();
        _scanner = Plug(ScannerPort, line => new SimulatedLineScanner(line, time), (_, line, stop) => DiscardAsync(line, stop));
        _thermometer = Plug(ThermometerPort, line => new SimulatedGyMcu90614(line, time), (device, _, stop) => device.RunAsync(stop));
        _portal = portalTakesText
            ? Plug(PortalPort, _ => new SimulatedTextPortal(TextTemplate.Parse(OpenText), close: null, time, Obeyed), (device, line, stop) => device.RunAsync(line, stop))
            : Plug(PortalPort, _ => new SimulatedRelay(channel: 1, time, Obeyed), (device, line, stop) => device.RunAsync(line, stop));
    }

    public void PlugCardReaderIn() => _cardReader = Plug(
        CardReaderPort, line => new SimulatedSamV(line, SimulatedSamVTiming.Realistic, time), (device, _, stop) => device.RunAsync(stop));

    /// <summary>Pulls the plug.</summary>
    public async Task UnplugCardReaderAsync()
    {
        await _cardReader!.DisposeAsync();
        _cardReader = null;
    }

    public async Task UnplugPortalAsync()
    {
        await _portal!.DisposeAsync();
        _portal = null;
    }

    public void PlaceCard(SimulatedCard card) => _cardReader?.Device.Place(card);

    public void LiftCard() => _cardReader?.Device.Lift();

    public ValueTask ScanAsync(string code, CancellationToken cancellationToken) => _scanner!.Device.ScanAsync(code, cancellationToken);

    /// <summary>Sends as fast as the line takes it, instead of at 9600 baud.</summary>
    public bool ScannerIsFast
    {
        set => _scanner!.Device.BitsPerSecond = value ? 0 : 9600;
    }

    /// <summary>Anything at all on the scanner's line.</summary>
    public ValueTask SendNoiseAsync(ReadOnlyMemory<byte> noise, CancellationToken cancellationToken) => _scanner!.Device.SendAsync(noise, cancellationToken);

    /// <summary>Null: nobody stands at the thermometer.</summary>
    public Celsius? AtThermometer
    {
        set => _thermometer!.Device.Person = value;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var device in new IAsyncDisposable?[] { _cardReader, _scanner, _thermometer, _portal })
        {
            if (device is not null)
                await device.DisposeAsync();
        }
        _stop.Dispose();
    }

    private void Obeyed(PortalOrder order)
    {
        if (!order.Open)
            return;
        lock (_lock)
            _openings.Add(order);
    }

    private PluggedDevice<T> Plug<T>(string port, Func<IDeviceLine, T> make, Func<T, IDeviceLine, CancellationToken, Task> run)
    {
        var terminal = PseudoTerminal.Open(port);
        var device = make(terminal);
        return new PluggedDevice<T>(terminal, device, run(device, terminal, _stop.Token));
    }

    /// <summary>A scanner that is told nothing: what the gate sends it is read and thrown away.</summary>
    private static async Task DiscardAsync(IDeviceLine line, CancellationToken stop)
    {
        while (await line.Input.ReadAsync(stop) is { IsCompleted: false } heard)
            line.Input.AdvanceTo(heard.Buffer.End);
    }

    private sealed record PluggedDevice<T>(PseudoTerminal Terminal, T Device, Task Running) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Terminal.DisposeAsync();
            await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // it ends because its line was taken away
        }
    }
}
