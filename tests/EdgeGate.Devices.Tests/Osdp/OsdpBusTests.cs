using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Tests.Ports;
using EdgeGate.Devices.Wiegand;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Osdp;

/// <summary>The loop that owns a line, against simulated readers at its other end.</summary>
public sealed class OsdpBusTests : IAsyncDisposable
{
    private readonly RunningTime _time = new();
    private readonly LoopbackPort _port = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<OsdpEvent> _events = [];
    private readonly List<Task> _running = [];

    [Fact]
    public async Task A_card_at_one_of_two_readers_is_that_readers_card()
    {
        var (first, second) = (NewReader(1), NewReader(2));
        var devices = NewDevices(1, 2);
        await StartAsync(devices, first, second);
        await OnlineAsync(first, second);
        devices[1].PresentCard(new WiegandCard(26, 12345).Encode());
        await Patience.Until(() => Cards.Any());
        Assert.Equal(2, Assert.Single(Cards).Reader);
    }

    [Fact]
    public async Task A_command_reaches_the_reader_and_its_answer_comes_back()
    {
        var reader = NewReader(1);
        var devices = NewDevices(1);
        await StartAsync(devices, reader);
        await OnlineAsync(reader);
        var portal = new OsdpPortal(new OsdpPortalOptions { Output = 1, Pulse = TimeSpan.FromSeconds(30) }, reader.SendAsync, _time.Clock);
        Assert.IsType<PortalResult.Moved>(await portal.OpenForPassageAsync("", CancellationToken.None).InTime());
        Assert.True(devices[0].IsOutputOn(1));
    }

    [Fact]
    public async Task A_dead_reader_leaves_the_other_working()
    {
        var (dead, alive) = (NewReader(1), NewReader(2));
        var devices = NewDevices(1, 2);
        devices[0].Silent = true;
        await StartAsync(devices, dead, alive);
        await OnlineAsync(alive);
        Assert.IsType<OsdpResult.Done>(await alive.SendAsync(OsdpCommand.LocalStatus, CancellationToken.None).InTime());
        Assert.NotEqual(OsdpState.Online, dead.Status.State);
    }

    [Fact]
    public async Task A_lost_line_is_said_and_the_reader_comes_back_with_it()
    {
        var reader = NewReader(1);
        var devices = NewDevices(1);
        var line = await StartAsync(devices, reader);
        await OnlineAsync(reader);
        line.Unplug();
        await Patience.Until(() => reader.Status.State == OsdpState.Offline);
        Assert.IsType<OsdpResult.Unreachable>(await reader.SendAsync(OsdpCommand.LocalStatus, CancellationToken.None).InTime());
        Serve(devices, await _port.NextDeviceEndAsync(_stop.Token).InTime());
        await OnlineAsync(reader);
    }

    [Fact]
    public async Task Before_the_line_is_open_commands_end_at_once() =>
        Assert.IsType<OsdpResult.Unreachable>(await NewReader(1).SendAsync(OsdpCommand.LocalStatus, CancellationToken.None).InTime());

    [Fact]
    public async Task A_new_reader_gets_its_key_over_the_line_and_then_talks_securely()
    {
        var reader = NewReader(1, OsdpTable.Key);
        var devices = NewDevices(1);
        reader.AllowInstall(TimeSpan.FromMinutes(10));
        await StartAsync(devices, reader);
        await OnlineAsync(reader);
        Assert.Equal(OsdpProtection.SecureChannel, reader.Status.Protection);
        Assert.True(devices[0].IsSecure);
    }

    [Fact]
    public async Task The_panels_own_echo_and_noise_do_no_harm()
    {
        var reader = NewReader(1);
        var bus = NewBus(reader);
        _running.Add(bus.RunAsync(_stop.Token));
        var line = await _port.NextDeviceEndAsync(_stop.Token).InTime();
        var device = new SimulatedOsdpPeripheral(1, _time.Clock);
        _running.Add(Task.Run(async () =>
        {
            while (await line.Input.ReadAsync(_stop.Token) is { IsCompleted: false } heard)
            {
                var wire = System.Buffers.BuffersExtensions.ToArray(heard.Buffer);
                line.Input.AdvanceTo(heard.Buffer.End);
                await line.WriteAsync(wire, _stop.Token);
                await line.WriteAsync("\u0000S\u0001noise"u8.ToArray(), _stop.Token);
                if (OsdpTable.Parse(wire) is { } command && device.Answer(command) is { } answer)
                    await line.WriteAsync(answer, _stop.Token);
            }
        }, _stop.Token));
        await OnlineAsync(reader);
        Assert.True(bus.Faults.Total > 0);
    }

    [Fact]
    public void Two_readers_with_one_address_are_refused() =>
        Assert.Throws<ArgumentException>(() => NewBus(NewReader(1), NewReader(1)));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var task in _running)
            await task.InTime().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        await _time.DisposeAsync();
    }

    /// <summary>Cards with the address of the reader they were shown to.</summary>
    private IEnumerable<OsdpCard> Cards
    {
        get { lock (_events) return [.. _events.OfType<OsdpEvent.CardRead>().Select(read => read.Card)]; }
    }

    private OsdpPeripheral NewReader(byte address, OsdpKey? key = null) =>
        new(new OsdpPeripheralOptions { Address = address, Key = key, PollInterval = TimeSpan.FromMilliseconds(20) }, _time.Clock, happened =>
        {
            lock (_events)
                _events.Add(happened is OsdpEvent.CardRead read ? new OsdpEvent.CardRead(read.Card with { Reader = address }) : happened);
        });

    private SimulatedOsdpPeripheral[] NewDevices(params byte[] addresses) =>
        [.. addresses.Select(address => new SimulatedOsdpPeripheral(address, _time.Clock))];

    private OsdpBus NewBus(params OsdpPeripheral[] readers) =>
        new(new DeviceConnection("line", _port, _time.Clock, _ => { }), 9600, readers, _time.Clock);

    private async Task<LoopbackLine> StartAsync(SimulatedOsdpPeripheral[] devices, params OsdpPeripheral[] readers)
    {
        _running.Add(NewBus(readers).RunAsync(_stop.Token));
        var line = await _port.NextDeviceEndAsync(_stop.Token).InTime();
        Serve(devices, line);
        return line;
    }

    private void Serve(SimulatedOsdpPeripheral[] devices, LoopbackLine line) =>
        _running.Add(new SimulatedOsdpLine(devices, _time.Clock).RunAsync(line, _stop.Token));

    private static Task OnlineAsync(params OsdpPeripheral[] readers) =>
        Patience.Until(() => readers.All(reader => reader.Status.State == OsdpState.Online));
}
