using System.Text.Json;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Ports;
using EdgeGate.Journal;
using EdgeGate.Service.Health;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Tests.Cli;
using EdgeGate.Service.Tests.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Service.Tests.Hardware;

/// <summary>A whole gate whose ID card reader is taken away and another put in its place.</summary>
public sealed class SwappedReaderTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly CancellationTokenSource _stop = new();
    private PseudoTerminal? _terminal;
    private Task _module = Task.CompletedTask;
    private WebApplication _gate = null!;

    public async Task InitializeAsync()
    {
        var file = _directory.Write("gate.json", SmallSettings.With("/dev/serial/by-id/a", _directory["reader"])
            .Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal)
            .Replace("\"broker\": { \"host\": \"localhost\" },", "\"web\": { \"address\": \"http://127.0.0.1:0\" },", StringComparison.Ordinal));
        var settings = SmallSettings.IsValid(SmallSettings.Parse(await File.ReadAllTextAsync(file, _stop.Token))).Settings;
        _gate = await GateHost.BuildAsync(settings, GateKeys.LoadOrMake(settings.Privacy, settings.DataDirectory), TimeProvider.System, CancellationToken.None);
        PlugIn(serial: 1);
        await _gate.StartAsync(CancellationToken.None).InTime();
    }

    public async Task DisposeAsync()
    {
        await _gate.StopAsync(CancellationToken.None).InTime();
        await _gate.DisposeAsync();
        await PullAsync();
    }

    public void Dispose()
    {
        _stop.Dispose();
        _directory.Dispose();
    }

    private void PlugIn(uint serial)
    {
        _terminal = PseudoTerminal.Open(_directory["reader"]);
        _module = new SimulatedSamV(_terminal, SimulatedSamVTiming.Instant, TimeProvider.System) { ModuleId = new(5, 1, 20200101, 99999999, serial) }.RunAsync(_stop.Token);
    }

    private async Task PullAsync()
    {
        await _terminal!.DisposeAsync();
        await _module.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private DeviceStatus Reader => _gate.Services.GetRequiredService<DeviceBoard>().Devices.Single(device => device.DeviceId == "id-card");

    private async Task SwapAsync(uint serial)
    {
        await PullAsync();
        await Patience.Until(() => Reader.State is not (DeviceState.Connected or DeviceState.Swapped));
        PlugIn(serial);
    }

    private (string Event, string? Alarm)[] Records()
    {
        using var reader = JournalReader.Open(_directory["data", "journal"]);
        return [.. reader.Read(from: 1, max: 100).Select(record => JsonDocument.Parse(record.Payload).RootElement)
            .Where(record => record.GetProperty("type").GetString() == "edgegate.device-swap.v1")
            .Select(record => (record.GetProperty("data").GetProperty("event").GetString()!, record.TryGetProperty("alarm", out var alarm) ? alarm.GetString() : null))];
    }

    [Fact]
    public async Task Another_module_is_refused_named_and_recorded_until_a_person_accepts_it()
    {
        await Patience.Until(() => Reader.State is DeviceState.Connected);
        await SwapAsync(serial: 2);
        await Patience.Until(() => Reader.State is DeviceState.Swapped);
        Assert.Contains("it was card module 05.01-20200101-99999999-1, and now there is card module 05.01-20200101-99999999-2", Reader.Cause, StringComparison.Ordinal);
        using (var watcher = _gate.Services.GetRequiredService<Lanes>().All[0].Kiosk.TryWatch()!)
            Assert.Contains("id-card swapped since", await NoticeAsync(watcher).InTime(), StringComparison.Ordinal);
        await Patience.Until(() => Records() is [("swapped", "device-swapped")]);

        var accepted = await CommandLine.RunAsync("devices", "accept", "id-card", "--settings", _directory["gate.json"]);

        Assert.Equal(0, accepted.ExitCode);
        Assert.Contains("from now on it is card module 05.01-20200101-99999999-2", accepted.Output, StringComparison.Ordinal);
        await Patience.Until(() => Reader.State is DeviceState.Connected);
        await Patience.Until(() => Records() is [("swapped", _), ("accepted", null)]);
    }

    [Fact]
    public async Task Which_module_it_is_stands_beside_its_state()
    {
        await Patience.Until(() => Reader is { State: DeviceState.Connected, Cause: var words } && words.EndsWith("is open, it is card module 05.01-20200101-99999999-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_right_one_that_comes_back_is_taken_without_a_word_from_anybody()
    {
        await Patience.Until(() => Reader.State is DeviceState.Connected);
        await SwapAsync(serial: 2);
        await Patience.Until(() => Reader.State is DeviceState.Swapped);
        await SwapAsync(serial: 1);
        await Patience.Until(() => Records() is [("swapped", _), ("returned", null)]);
    }

    [Fact]
    public async Task Nothing_refused_is_nothing_to_accept_and_a_device_that_is_not_set_is_named()
    {
        var nothing = await CommandLine.RunAsync("devices", "accept", "door", "--settings", _directory["gate.json"]);
        Assert.Equal((1, "Nothing is refused in the place of door."), (nothing.ExitCode, nothing.Errors.Trim()));
        var unknown = await CommandLine.RunAsync("devices", "accept", "dor", "--settings", _directory["gate.json"]);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("there are door, forehead, id-card", unknown.Errors, StringComparison.Ordinal);
    }

    /// <summary>At the foot of the lane's screen, once there is one of a swap.</summary>
    private async Task<string> NoticeAsync(KioskBoard.Watcher watcher)
    {
        await foreach (var view in watcher.ViewsAsync(TimeSpan.FromMilliseconds(10), TimeProvider.System, _stop.Token))
        {
            if (view.Notice?.Words.En is { } words && words.Contains("swapped", StringComparison.Ordinal))
                return words;
        }
        return "";
    }
}
