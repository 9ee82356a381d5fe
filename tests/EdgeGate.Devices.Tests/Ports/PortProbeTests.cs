using EdgeGate.Access;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Thermometers;

namespace EdgeGate.Devices.Tests.Ports;

/// <summary>Real pseudo-terminals with simulated devices at the other end, in real time: the probe is a person's tool.</summary>
public sealed class PortProbeTests
{
    private static readonly TimeProvider Time = TimeProvider.System;

    [Fact]
    public Task An_id_card_module_is_found() =>
        FindsAsync("sam-v", 115200, (line, stop) => new SimulatedSamV(line, SimulatedSamVTiming.Realistic, Time).RunAsync(stop));

    [Fact]
    public Task A_card_modules_own_number_is_told() => FindsAsync(
        "sam-v", 115200, (line, stop) => new SimulatedSamV(line, SimulatedSamVTiming.Realistic, Time).RunAsync(stop),
        words: "an ID card module, which says Done: card module 05.01-20200101-99999999-123456789");

    [Fact]
    public Task A_thermometer_is_found() =>
        FindsAsync("gy-mcu90614", 9600, (line, stop) => new SimulatedGyMcu90614(line, Time) { Person = new Celsius(3650) }.RunAsync(stop));

    [Fact]
    public Task A_scanner_with_registers_is_found() => FindsAsync("gm65", 9600, (line, stop) => new SimulatedGm65(line, Time).RunAsync(stop));

    [Fact]
    public async Task A_relay_is_not_moved_by_it()
    {
        var moved = 0;
        await FindsAsync(null, 0, (line, stop) => new SimulatedRelay(channel: 1, Time, _ => moved++).RunAsync(line, stop));

        Assert.Equal(0, moved);
    }

    private static async Task FindsAsync(string? kind, int baud, Func<IDeviceLine, CancellationToken, Task> device, string? words = null)
    {
        await using var terminal = PseudoTerminal.Open();
        using var stop = new CancellationTokenSource();
        var running = device(terminal, stop.Token);

        var found = await new PortProbe(speed => new SerialPort(terminal.HostPath, speed, Time), Time).FindAsync(CancellationToken.None).InTime();

        Assert.Equal((kind, baud), (found?.Kind, found?.Baud ?? 0));
        Assert.Equal(words ?? found?.Words, found?.Words);
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
