using System.Threading.Channels;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Tests.Ports;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Portals;

/// <summary>The driver against its simulated peer; the clock is the test's.</summary>
public sealed class PulsedPortalTests : IDisposable
{
    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(500);

    private readonly ManualTime _time = new();
    private readonly LoopbackPort _port = new();
    private readonly Channel<PortalOrder> _told = Channel.CreateUnbounded<PortalOrder>();
    private readonly CancellationTokenSource _stop = new();

    private volatile DeviceState _state;

    public void Dispose() => _stop.Dispose();

    private PulsedPortal NewPortal(IPortalCommands? commands = null, IDevicePort? port = null)
    {
        var connection = new DeviceConnection("portal", port ?? _port, _time, status => _state = status.State);
        return new PulsedPortal(connection, commands ?? new RelayCommands(1), Pulse, _time);
    }

    private Task SimulateRelayAsync(IDeviceLine line) =>
        new SimulatedRelay(1, _time, order => _told.Writer.TryWrite(order)).RunAsync(line, CancellationToken.None);

    private async Task<(PulsedPortal Portal, Task Running, LoopbackLine Device)> StartAsync()
    {
        var portal = NewPortal();
        var running = portal.RunAsync(_stop.Token);
        var device = await _port.NextDeviceEndAsync(_stop.Token).InTime();
        _ = SimulateRelayAsync(device);
        await ToldAsync(open: false, changed: false);
        return (portal, running, device);
    }

    private async Task ToldAsync(bool open, bool changed, string? credential = null) =>
        Assert.Equal(
            new PortalOrder(_time.GetUtcNow(), open, changed, credential), await _told.Reader.ReadAsync(CancellationToken.None).InTime());

    /// <summary>Lets the time pass once the portal waits for the end of its pulse.</summary>
    private async Task AdvanceAsync(TimeSpan by)
    {
        await Patience.Until(() => _time.WaitingTimers == 1);
        _time.Advance(by);
    }

    private static async Task AssertMovedAsync(PulsedPortal portal, string credential = "42") =>
        Assert.IsType<PortalResult.Moved>(await portal.OpenForPassageAsync(credential, CancellationToken.None).InTime());

    private static async Task<string> AssertUnreachableAsync(PulsedPortal portal) =>
        Assert.IsType<PortalResult.Unreachable>(await portal.OpenForPassageAsync("42", CancellationToken.None).InTime()).Cause;

    [Fact]
    public async Task A_new_line_begins_with_off_and_a_grant_is_one_pulse()
    {
        var (portal, _, _) = await StartAsync();

        await AssertMovedAsync(portal);
        await ToldAsync(open: true, changed: true);

        await AdvanceAsync(Pulse - TimeSpan.FromMilliseconds(1));
        Assert.False(_told.Reader.TryPeek(out _));
        await AdvanceAsync(TimeSpan.FromMilliseconds(1));
        await ToldAsync(open: false, changed: true);

        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(0, _time.WaitingTimers);
        Assert.False(_told.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task A_second_grant_within_the_pulse_prolongs_it()
    {
        var (portal, _, _) = await StartAsync();
        await AssertMovedAsync(portal);
        await ToldAsync(open: true, changed: true);
        await AdvanceAsync(Pulse * 0.6);

        await AssertMovedAsync(portal);
        await ToldAsync(open: true, changed: false);

        await AdvanceAsync(Pulse * 0.6); // past the end of the first
        await AdvanceAsync(Pulse * 0.4);
        await ToldAsync(open: false, changed: true);
    }

    [Fact]
    public async Task Grants_one_after_the_other_are_a_pulse_each()
    {
        var (portal, _, _) = await StartAsync();
        for (var passage = 0; passage < 20; passage++)
        {
            await AssertMovedAsync(portal);
            await ToldAsync(open: true, changed: true);
            await AdvanceAsync(Pulse);
            await ToldAsync(open: false, changed: true);
        }
    }

    [Fact]
    public async Task A_request_cancelled_after_it_moved_the_portal_still_gets_its_end()
    {
        var (portal, _, _) = await StartAsync();
        using var request = new CancellationTokenSource();
        Assert.IsType<PortalResult.Moved>(await portal.OpenForPassageAsync("42", request.Token).InTime());
        await ToldAsync(open: true, changed: true);

        await request.CancelAsync();
        await AdvanceAsync(Pulse);

        await ToldAsync(open: false, changed: true);
    }

    [Fact]
    public async Task A_request_cancelled_before_its_turn_moves_nothing()
    {
        var (portal, _, _) = await StartAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => portal.OpenForPassageAsync("42", new CancellationToken(canceled: true)).InTime());
        Assert.False(_told.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task Stopping_ends_the_pulse_at_once()
    {
        var (portal, running, _) = await StartAsync();
        await AssertMovedAsync(portal);
        await ToldAsync(open: true, changed: true);

        await _stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.InTime());
        await ToldAsync(open: false, changed: true);
        Assert.Equal("loopback was closed by the service", await AssertUnreachableAsync(portal));
    }

    [Fact]
    public async Task A_line_lost_within_a_pulse_is_told_off_when_it_is_back_and_the_old_grant_is_dead()
    {
        var (portal, _, device) = await StartAsync();
        await AssertMovedAsync(portal);
        await ToldAsync(open: true, changed: true);

        _port.Fault = new DevicePortException(DevicePortFault.Absent, "the relay is not there");
        device.Unplug();
        await Patience.Until(() => _state is DeviceState.Absent);
        await AdvanceAsync(TimeSpan.FromMilliseconds(500)); // the pause before the next try
        await Patience.Until(async () => await AssertUnreachableAsync(portal) is "the relay is not there");
        await Patience.Until(() => _time.WaitingTimers == 1);

        _port.Fault = null;
        _time.Advance(TimeSpan.FromMilliseconds(500));
        _ = SimulateRelayAsync(await _port.NextDeviceEndAsync(CancellationToken.None).InTime());
        await ToldAsync(open: false, changed: false);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(_told.Reader.TryPeek(out _));
        await AssertMovedAsync(portal);
    }

    [Fact]
    public async Task Before_its_line_is_open_a_portal_is_unreachable()
    {
        Assert.Equal("loopback is not opened yet", await AssertUnreachableAsync(NewPortal()));
    }

    [Theory, InlineData(99), InlineData(60_001)]
    public void A_pulse_that_is_none_is_refused(int milliseconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PulsedPortal(
            new DeviceConnection("portal", _port, _time, _ => { }), new RelayCommands(1), TimeSpan.FromMilliseconds(milliseconds), _time));

    [Fact]
    public async Task A_text_portal_is_told_who_passes_and_when_to_close()
    {
        TextTemplate open = TextTemplate.Parse(@"OPEN {credential}\n"), close = TextTemplate.Parse(@"CLOSE\n");
        var portal = NewPortal(new TextCommands(open, close));
        _ = portal.RunAsync(_stop.Token);
        var device = await _port.NextDeviceEndAsync(_stop.Token).InTime();
        _ = new SimulatedTextPortal(open, close, _time, order => _told.Writer.TryWrite(order)).RunAsync(device, _stop.Token);
        await ToldAsync(open: false, changed: false);

        await AssertMovedAsync(portal, "card-测试");
        await ToldAsync(open: true, changed: true, "card-测试");
        await AdvanceAsync(Pulse);
        await ToldAsync(open: false, changed: true);
    }

    [Fact]
    public async Task A_text_portal_without_closing_text_is_told_once_per_passage()
    {
        var open = TextTemplate.Parse(@"{credential}\r\n");
        var portal = NewPortal(new TextCommands(open, close: null));
        _ = portal.RunAsync(_stop.Token);
        var device = await _port.NextDeviceEndAsync(_stop.Token).InTime();
        _ = new SimulatedTextPortal(open, null, _time, order => _told.Writer.TryWrite(order)).RunAsync(device, _stop.Token);
        // Nothing is sent when the line is new, so nothing tells when it is.
        await Patience.Until(async () => await portal.OpenForPassageAsync("1", CancellationToken.None) is PortalResult.Moved);
        await ToldAsync(open: true, changed: true, "1");
        await AssertMovedAsync(portal, "2");
        await ToldAsync(open: true, changed: true, "2");
        Assert.Equal(0, _time.WaitingTimers);
    }

    [Fact]
    public async Task Held_open_it_stays_so_when_a_pulse_ends_and_locks_when_it_is_let_go()
    {
        var (portal, _, _) = await StartAsync();
        Assert.IsType<PortalResult.Moved>(await portal.HoldAsync(open: true, CancellationToken.None));
        await ToldAsync(open: true, changed: true);
        await AssertMovedAsync(portal);
        await ToldAsync(open: true, changed: false);
        await AdvanceAsync(Pulse);
        await Patience.Until(() => _time.WaitingTimers == 0);
        Assert.False(_told.Reader.TryPeek(out _));

        await portal.HoldAsync(open: false, CancellationToken.None);
        await ToldAsync(open: false, changed: true);
    }

    [Fact]
    public async Task A_line_that_comes_back_is_held_open_again_and_a_gate_that_stops_lets_go()
    {
        var (portal, running, device) = await StartAsync();
        await portal.HoldAsync(open: true, CancellationToken.None);
        await ToldAsync(open: true, changed: true);
        device.Unplug();
        await AdvanceAsync(TimeSpan.FromSeconds(1));
        _ = SimulateRelayAsync(await _port.NextDeviceEndAsync(_stop.Token).InTime());
        await ToldAsync(open: false, changed: false);
        await ToldAsync(open: true, changed: true);

        await _stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.InTime());
        await ToldAsync(open: false, changed: true);
    }

    [Fact]
    public async Task A_text_portal_is_held_open_by_a_text_of_its_own()
    {
        TextTemplate open = TextTemplate.Parse(@"STAY\n"), close = TextTemplate.Parse(@"END\n");
        var portal = NewPortal(new TextCommands(TextTemplate.Parse(@"OPEN {credential}\n"), close: null, hold: open, release: close));
        _ = portal.RunAsync(_stop.Token);
        var device = await _port.NextDeviceEndAsync(_stop.Token).InTime();
        _ = new SimulatedTextPortal(open, close, _time, order => _told.Writer.TryWrite(order)).RunAsync(device, _stop.Token);
        await ToldAsync(open: false, changed: false); // whatever was before

        await portal.HoldAsync(open: true, CancellationToken.None);
        await ToldAsync(open: true, changed: true);
        await portal.HoldAsync(open: false, CancellationToken.None);
        await ToldAsync(open: false, changed: true);
    }

    [Fact]
    public async Task A_text_portal_without_a_text_for_it_cannot_be_held_open()
    {
        var portal = NewPortal(new TextCommands(TextTemplate.Parse("OPEN"), close: null));
        Assert.Equal(portal.WhyNotHeld, Assert.IsType<PortalResult.Unreachable>(await portal.HoldAsync(open: true, CancellationToken.None)).Cause);
    }

    [Fact]
    public void What_is_held_by_a_text_must_be_ended_by_one() =>
        Assert.Throws<FormatException>(() => new TextCommands(TextTemplate.Parse("OPEN"), close: null, hold: TextTemplate.Parse("STAY")));

    [Fact]
    public async Task On_a_pseudo_terminal_too()
    {
        await using var device = PseudoTerminal.Open();
        var simulated = SimulateRelayAsync(device);
        var portal = NewPortal(port: new SerialPort(device.HostPath, 9600, TimeProvider.System));
        var running = portal.RunAsync(_stop.Token);
        await ToldAsync(open: false, changed: false);
        await AssertMovedAsync(portal);
        await ToldAsync(open: true, changed: true);

        await _stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.InTime());
        await ToldAsync(open: false, changed: true); // also handed to the kernel just before the line is closed
        await device.DisposeAsync();
        await simulated.InTime();
    }
}
