using System.Globalization;
using System.Threading.Channels;
using EdgeGate.Devices.Captures;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Tests.Ports;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Devices.Wiegand;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Captures;

/// <summary>
/// What <c>edgegate devices record</c> wrote down, played to the driver: it reads what the lines that begin with = say. Whoever has a device that
/// behaves otherwise sends a capture, and it becomes a test by lying here. hardware/captures.md
/// </summary>
public sealed class CapturedDevicesTests
{
    private const string Recorded = "recorded.capture";
    private static readonly TimeProvider Time = TimeProvider.System;

    [Fact]
    public Task Sam_v() => CheckAsync("sam-v", Cards);

    [Fact]
    public Task Line_scanner() => CheckAsync("line-scanner", line => Codes(new LineScanner(line, new LineScannerOptions(), Time).ReadAsync()));

    /// <summary>Patient, for a machine that is busy: it asks three times and no more.</summary>
    [Fact]
    public Task Gm65() => CheckAsync("gm65", line => Codes(new Gm65Scanner(line, new Gm65Options { ReplyWithin = TimeSpan.FromSeconds(20) }, Time).ReadAsync()));

    [Fact]
    public Task Gm67() => CheckAsync("gm65", line => Codes(new Gm67Scanner(line, new Gm65Options(), Time).ReadAsync()), file: "gm67.capture");

    [SkippableFact]
    public Task Wedge()
    {
        Skip.IfNot(IntPtr.Size == 8, "the kernel's input events of this capture are those of a 64 bit machine");
        return CheckAsync("wedge", line => Codes(new WedgeScanner(line, new WedgeScannerOptions(), Time).ReadAsync()));
    }

    [Fact]
    public Task Gy_mcu90614() => CheckAsync("gy-mcu90614", line => Temperatures(new GyMcu90614(line, new GyMcu90614Options(), Time)));

    [Fact]
    public Task Gy_614() => CheckAsync("gy-614", line => Temperatures(new Gy614(line, new Gy614Options(), Time)));

    [Fact]
    public Task Modbus_thermometer() => CheckAsync("modbus-thermometer", line => Temperatures(new ModbusThermometer(
        line, new ModbusThermometerOptions { Map = new ModbusRegisterMap { Slave = 1, Surface = 0, Ambient = 1 } }, Time)));

    [Fact]
    public Task Osdp() => CheckAsync("osdp", OsdpCards);

    /// <summary>Two that are only told: what they were told is played to the pretend device instead.</summary>
    [Fact]
    public Task Lcus_1() => CheckOrdersAsync("lcus-1", (line, told, stop) => new SimulatedRelay(channel: 1, Time, told).RunAsync(line, stop));

    [Fact]
    public Task Text_portal() => CheckOrdersAsync("text-portal", (line, told, stop) =>
        new SimulatedTextPortal(TextTemplate.Parse("OPEN {credential}\\n"), TextTemplate.Parse("CLOSE\\n"), Time, told).RunAsync(line, stop));

    private static async Task CheckAsync(string model, Func<IDeviceLine, IAsyncEnumerable<string>> driver, string file = Recorded)
    {
        var (traffic, meanings) = Read(model, file);
        var (host, device) = LoopbackLine.CreatePair();
        using var stop = new CancellationTokenSource();
        var playing = CapturePlayer.PlayAsync(traffic, device, CapturePlayer.Fast, Time, stop.Token);
        var read = new List<string>();
        try
        {
            await ReadAsync(driver(host), meanings.Length, read).InTime();
        }
        catch (TimeoutException)
        {
            // what is missing is said below
        }
        Assert.Equal(meanings, read);
        await stop.CancelAsync();
        await playing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the driver left before its end
    }

    private static async Task ReadAsync(IAsyncEnumerable<string> readings, int count, List<string> read)
    {
        await foreach (var words in readings)
        {
            if (read.LastOrDefault() != words) // a temperature comes ten times a second
                read.Add(words);
            if (read.Count == count)
                break;
        }
    }

    private static async Task CheckOrdersAsync(string model, Func<IDeviceLine, Action<PortalOrder>, CancellationToken, Task> device)
    {
        var (traffic, meanings) = Read(model);
        var (host, end) = LoopbackLine.CreatePair();
        var orders = Channel.CreateUnbounded<PortalOrder>();
        using var stop = new CancellationTokenSource();
        var running = device(end, order => orders.Writer.TryWrite(order), stop.Token);
        foreach (var piece in traffic)
            await host.WriteAsync(piece.Bytes, stop.Token);
        foreach (var meaning in meanings)
        {
            var order = await orders.Reader.ReadAsync(stop.Token).InTime();
            Assert.Equal(meaning, $"{(order.Open ? "open" : "close")} {order.Credential}".TrimEnd());
        }
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async IAsyncEnumerable<string> Cards(IDeviceLine line)
    {
        await foreach (var happened in new SamVReader(line, new SamVOptions(), Time).ReadAsync())
        {
            if (happened is CardRead(var card, _, _))
                yield return $"{card.HolderName} {card.Number}";
        }
    }

    private static async IAsyncEnumerable<string> Codes(IAsyncEnumerable<ScannedCode> codes)
    {
        await foreach (var code in codes)
            yield return code.Text;
    }

    private static async IAsyncEnumerable<string> Temperatures(IThermometer thermometer)
    {
        await foreach (var reading in thermometer.ReadAsync())
            yield return string.Create(CultureInfo.InvariantCulture, $"{reading.Surface.Degrees:0.00} {reading.Ambient.Degrees:0.00}");
    }

    private static async IAsyncEnumerable<string> OsdpCards(IDeviceLine line)
    {
        var cards = Channel.CreateUnbounded<string>();
        using var stop = new CancellationTokenSource();
        var reader = new OsdpPeripheral(new OsdpPeripheralOptions { Address = 1 }, Time, happened =>
        {
            if (happened is OsdpEvent.CardRead(var card) && WiegandCard.TryDecode(card.Bits, out var number, out _))
                cards.Writer.TryWrite($"{number.Facility:000},{number.Card:00000}");
        });
        var running = new OsdpBus(new DeviceConnection("reader", new OneLine(line), Time, _ => { }), baud: 9600, [reader], Time).RunAsync(stop.Token);
        try
        {
            await foreach (var card in cards.Reader.ReadAllAsync(CancellationToken.None))
                yield return card;
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static (IReadOnlyList<Traffic> Traffic, string[] Meanings) Read(string model, string file = Recorded)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "EdgeGate.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("hardware/ lies beside EdgeGate.sln");
        var lines = File.ReadAllLines(Path.Combine(folder, "hardware", model, "captures", file));
        return (Traffic.Parse(lines), [.. lines.Where(line => line.StartsWith('=')).Select(line => line[1..].Trim())]);
    }

    private sealed class OneLine(IDeviceLine line) : IDevicePort
    {
        public string Name => "a capture";

        public ValueTask<IDeviceLine> OpenAsync(CancellationToken cancellationToken) => ValueTask.FromResult(line);
    }
}
