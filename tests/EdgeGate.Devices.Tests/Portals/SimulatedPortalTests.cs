using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Tests.Ports;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Portals;

public sealed class SimulatedPortalTests
{
    private readonly List<PortalOrder> _told = [];
    private readonly ManualTime _time = new();

    private async Task SendAsync(Func<LoopbackLine, Task> simulation, params byte[][] pieces)
    {
        var (host, device) = LoopbackLine.CreatePair();
        var running = simulation(device);
        foreach (var piece in pieces)
            await host.WriteAsync(piece, CancellationToken.None);
        await Patience.Until(() => _told.Count > 0);
        await device.DisposeAsync(); // its own end: what was heard is dealt with, then it is over
        await running.InTime();
    }

    private Task Relay(LoopbackLine line) => new SimulatedRelay(1, _time, _told.Add).RunAsync(line, CancellationToken.None);

    private Task Text(LoopbackLine line) =>
        new SimulatedTextPortal(TextTemplate.Parse(@"OPEN {credential}\n"), TextTemplate.Parse(@"CLOSE\n"), _time, _told.Add)
            .RunAsync(line, CancellationToken.None);

    [Fact]
    public async Task A_relay_passes_over_noise_wrong_sums_and_other_channels()
    {
        await SendAsync(Relay, [0xA0, 0xA0], [0x01, 0x01, 0xA3, 0xFF, 0xA0, 2, 1, 0xA3], [0xA0, 0x01], [0x01, 0xA2]);
        Assert.Equal([new PortalOrder(_time.GetUtcNow(), Open: true, Changed: true)], _told);
    }

    [Fact]
    public async Task A_text_portal_finds_its_orders_in_noise_and_in_pieces()
    {
        byte[][] pieces = ["\0OPE"u8.ToArray(), "OPEN  \xFF"u8.ToArray(), "7\nrubbish\nCLOSE"u8.ToArray(), "\nCLOSE\nOPEN 8\n"u8.ToArray()];
        await SendAsync(Text, pieces);
        await Patience.Until(() => _told.Count == 4);
        Assert.Equal([true, false, false, true], _told.Select(order => order.Open));
        Assert.Equal([true, true, false, true], _told.Select(order => order.Changed));
        Assert.Equal("8", _told[^1].Credential);
    }

    [Fact]
    public async Task A_text_portal_lets_a_line_without_end_go()
    {
        await SendAsync(Text, [.. "OPEN "u8, .. new byte[100_000]], "\nOPEN 9\n"u8.ToArray());
        Assert.Equal("9", Assert.Single(_told).Credential);
    }
}
