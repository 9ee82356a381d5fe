using System.Collections.Concurrent;
using System.Globalization;
using EdgeGate.Access;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;
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
using EdgeGate.Testing;
using Xunit.Abstractions;

namespace EdgeGate.Service.Tests.Hardware;

/// <summary>
/// Eight equal scanners on pseudo-terminals, six known by where they are plugged in and two by their serial numbers, pulled and plugged in again in
/// any order, so that each gets another's name. DEVICE_REPLUGS says how often. How long each was away is printed and not asserted: other work on the
/// machine is in it.
/// </summary>
public sealed class ReplugTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const int Scanners = 8, ByPlace = 6;

    /// <summary>A line that breaks sooner is taken for a loose plug and not called connected at once.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2.1);

    private readonly FakeUsbTree _tree = new();
    private readonly TemporaryDirectory _directory = new();
    private readonly Random _random = new(1);
    private readonly PseudoTerminal?[] _plugged = new PseudoTerminal?[Scanners];
    private readonly string?[] _names = new string?[Scanners];
    private readonly ConcurrentDictionary<string, long> _connectedAt = new();
    private readonly List<ScannerService> _services = [];
    private readonly CancellationTokenSource _stop = new();
    private LaneInputs _lane = null!;
    private DeviceBoard _board = null!;

    private static int Replugs => int.TryParse(Environment.GetEnvironmentVariable("DEVICE_REPLUGS"), CultureInfo.InvariantCulture, out var replugs) ? replugs : 20;

    public async Task InitializeAsync()
    {
        var time = TimeProvider.System;
        var clock = new GateClock(time, Guid.Empty, () => true);
        _lane = new LaneInputs(clock);
        var board = _board = new DeviceBoard(time, new ListLogger<DeviceBoard>());
        board.Changed += status =>
        {
            if (status.State is DeviceState.Connected)
                _connectedAt[status.DeviceId] = time.GetTimestamp();
        };
        var codes = new CodeIntake(
            new CodeIntakeOptions { TakesHealthCodes = false, TakesPasses = false, Patterns = [], GateNames = [], Direction = PassDirections.Entry, Place = "estate/gate-1" },
            new HealthCodeVerifier(new TrustStore([])), new Dictionary<string, HttpHealthCodeProvider>(), _lane, clock, time, new ListLogger<CodeIntake>());
        var ports = new DevicePorts(new UsbTree(_tree.Root), new DeviceIdentities(_directory.Root, new ListLogger<DeviceIdentities>()), time);
        for (var scanner = 0; scanner < Scanners; scanner++)
        {
            var settings = new LineScannerSettings { Id = IdOf(scanner), Usb = scanner < ByPlace ? new() { Path = $"{FakeUsbTree.Controller}/{PortOf(scanner)}" } : new() { SerialNumber = SerialOf(scanner) } };
            _services.Add(new ScannerService(settings, ports.Of(settings), codes, board, time));
        }
        foreach (var service in _services)
            await service.StartAsync(_stop.Token);
    }

    public async Task DisposeAsync()
    {
        foreach (var service in _services)
            await service.StopAsync(CancellationToken.None).InTime();
        foreach (var terminal in _plugged)
            await (terminal?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    public void Dispose()
    {
        foreach (var service in _services)
            service.Dispose();
        _stop.Dispose();
        _tree.Dispose();
        _directory.Dispose();
    }

    private static string IdOf(int scanner) => $"scanner-{scanner}";

    private static string PortOf(int scanner) => $"{1 + scanner}";

    private static string? SerialOf(int scanner) => scanner < ByPlace ? null : $"S{scanner}";

    [Fact]
    public async Task Scanners_pulled_and_plugged_in_any_order_are_back_and_no_code_is_anothers()
    {
        await PlugInAsync([.. Enumerable.Range(0, Scanners)]);
        var returns = new List<double>();
        for (var round = 1; returns.Count < Replugs; round++)
        {
            await Task.Delay(Settled, TimeProvider.System, _stop.Token);
            var pulled = Enumerable.Range(0, Scanners).ToArray();
            _random.Shuffle(pulled);
            pulled = pulled[.._random.Next(2, Scanners + 1)];
            foreach (var scanner in pulled)
                await PullAsync(scanner);
            returns.AddRange(await PlugInAsync(pulled));
            foreach (var scanner in Enumerable.Range(0, Scanners))
                await _plugged[scanner]!.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{IdOf(scanner)} {round}\n"), _stop.Token);
            for (var seen = 0; seen < Scanners; seen++)
            {
                var presentation = Assert.IsType<EncounterInput.Presented>(await _lane.Reader.ReadAsync(_stop.Token).InTime()).Presentation;
                Assert.Equal(new Credential.Code($"{presentation.ReaderId} {round}"), presentation.Credential);
            }
        }
        returns.Sort();
        var worst = returns[(int)Math.Ceiling(0.99 * returns.Count) - 1];
        output.WriteLine($"{returns.Count} replugs: back after {returns[returns.Count / 2]:0} ms (median), {worst:0} ms (p99), {returns[^1]:0} ms (most); no code was another scanner's");
    }

    private async Task PullAsync(int scanner)
    {
        _tree.Unplug(_names[scanner]!);
        await _plugged[scanner]!.DisposeAsync();
        _connectedAt.TryRemove(IdOf(scanner), out _);
    }

    /// <returns>After how many milliseconds each was in service.</returns>
    private async Task<IReadOnlyList<double>> PlugInAsync(int[] scanners)
    {
        var names = scanners.Select(scanner => _names[scanner] ?? $"ttyUSB{scanner}").ToArray(); // those that were given back
        _random.Shuffle(names);
        var since = new long[scanners.Length];
        foreach (var (index, scanner) in scanners.Index())
        {
            var terminal = _plugged[scanner] = PseudoTerminal.Open();
            _names[scanner] = names[index];
            // The two that have serial numbers change places with each other too.
            var port = scanner < ByPlace ? PortOf(scanner) : $"9.{names[index]["ttyUSB".Length..]}";
            since[index] = TimeProvider.System.GetTimestamp();
            _tree.Plug(names[index], port, SerialOf(scanner), terminal.HostPath);
        }
        try
        {
            await Patience.Until(() => scanners.All(scanner => _connectedAt.ContainsKey(IdOf(scanner))));
        }
        catch (OperationCanceledException)
        {
            Assert.Fail("not back: " + string.Join("; ", scanners.Where(scanner => !_connectedAt.ContainsKey(IdOf(scanner))).Select(scanner =>
                $"{_board.Devices.Single(device => device.DeviceId == IdOf(scanner))}, as {_names[scanner]}, its loop {_services[scanner].ExecuteTask!.Status} {_services[scanner].ExecuteTask!.Exception}")));
        }
        return [.. scanners.Index().Select(scanner => TimeProvider.System.GetElapsedTime(since[scanner.Index], _connectedAt[IdOf(scanner.Item)]).TotalMilliseconds)];
    }
}
