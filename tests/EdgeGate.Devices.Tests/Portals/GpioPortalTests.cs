using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Portals;

/// <summary>The portal on a simulated chip, whose pins the test drives and reads.</summary>
public sealed class GpioPortalTests : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly GpioPortalOptions Options = new()
    {
        UnlockLine = "relay",
        DoorContact = new("door"),
        PassageSensor = new("beam") { IsActiveLow = true },
        ExitButton = new("button") { IsActiveLow = true },
        FireInput = new("fire"),
    };

    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60), TimeProvider.System);
    private readonly SimulatedGpio _chip;
    private readonly List<PortalSignal> _signals = [];
    private readonly List<Task> _running = [];
    private bool _sensorsLost;

    public GpioPortalTests()
    {
        _chip = new SimulatedGpio(["relay", "close", "door", "beam", "button", "fire"], _time);
        _chip.Drive("beam", high: true);
        _chip.Drive("button", high: true);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_grant_switches_the_relay_on_for_the_pulse()
    {
        var portal = await StartAsync(Options);
        Assert.False(_chip["relay"]);
        Assert.IsType<PortalResult.Moved>(await OpenAsync(portal));
        Assert.True(_chip["relay"]);
        _time.Advance(Second - TimeSpan.FromMilliseconds(1));
        Assert.True(_chip["relay"]);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(_chip["relay"]);
    }

    [Fact]
    public async Task A_grant_within_the_pulse_prolongs_it()
    {
        var portal = await StartAsync(Options);
        await OpenAsync(portal);
        _time.Advance(Second / 2);
        await OpenAsync(portal);
        _time.Advance(Second * 0.9);
        Assert.True(_chip["relay"]);
        _time.Advance(Second * 0.1);
        Assert.False(_chip["relay"]);
    }

    [Fact]
    public async Task A_fail_safe_lock_is_locked_while_the_relay_is_on_and_free_when_the_gate_has_stopped()
    {
        var portal = await StartAsync(Options with { Lock = LockKind.FailSafe });
        Assert.True(_chip["relay"]);
        await OpenAsync(portal);
        Assert.False(_chip["relay"]);
        _time.Advance(Second);
        Assert.True(_chip["relay"]);
        await StopAsync();
        Assert.False(_chip["relay"]);
    }

    [Fact]
    public async Task A_board_whose_relays_are_on_at_zero_volts_starts_with_its_relay_off()
    {
        var changes = new List<bool>();
        _chip.OutputChanged += (_, high) => changes.Add(high);
        await StartAsync(Options with { RelaysAreActiveLow = true });
        Assert.True(_chip["relay"]);
        Assert.Equal([true], changes);
    }

    [Fact]
    public async Task At_level_the_portal_locks_as_soon_as_the_last_who_was_granted_goes_through()
    {
        var portal = await StartAsync(Options with { Drive = PortalDrive.Level, Pulse = 5 * Second });
        await OpenAsync(portal);
        await OpenAsync(portal);
        await BeamAsync();
        Assert.True(_chip["relay"]);
        await BeamAsync();
        Assert.False(_chip["relay"]);
    }

    [Fact]
    public async Task At_level_nobody_going_through_locks_it_after_the_pulse()
    {
        var portal = await StartAsync(Options with { Drive = PortalDrive.Level, Pulse = 5 * Second });
        await OpenAsync(portal);
        _time.Advance(5 * Second);
        Assert.False(_chip["relay"]);
    }

    [Fact]
    public async Task Of_two_relays_one_opens_and_the_other_closes_each_for_a_moment()
    {
        var portal = await StartAsync(Options with { CloseLine = "close", Pulse = 5 * Second });
        Assert.Equal((false, true), (_chip["relay"], _chip["close"])); // whatever was before
        _time.Advance(Second / 2);
        Assert.Equal((false, false), (_chip["relay"], _chip["close"]));
        await OpenAsync(portal);
        Assert.Equal((true, false), (_chip["relay"], _chip["close"]));
        _time.Advance(Second / 2);
        Assert.Equal((false, false), (_chip["relay"], _chip["close"]));
        _time.Advance(4.5 * Second);
        Assert.Equal((false, true), (_chip["relay"], _chip["close"]));
        _time.Advance(Second / 2);
        Assert.Equal((false, false), (_chip["relay"], _chip["close"]));
    }

    [Fact]
    public async Task Fire_frees_the_portal_until_it_is_over()
    {
        var portal = await StartAsync(Options);
        _chip.Drive("fire", high: true);
        await UntilAsync(() => _chip["relay"]);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.IsType<PortalResult.Moved>(await OpenAsync(portal));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(_chip["relay"]);
        _chip.Drive("fire", high: false);
        await UntilAsync(() => !_chip["relay"]);
    }

    [Fact]
    public async Task A_fire_that_burns_when_the_gate_starts_frees_the_portal()
    {
        _chip.Drive("fire", high: true);
        await StartAsync(Options);
        Assert.True(_chip["relay"]);
    }

    [Fact]
    public async Task An_exit_button_that_hangs_when_the_gate_starts_was_not_pressed()
    {
        _chip.Drive("button", high: false);
        await StartAsync(Options);
        Assert.All(_signals, signal => Assert.False(signal.IsActive));
    }

    [Fact]
    public async Task Sensors_are_told_with_the_time_at_which_they_moved()
    {
        await StartAsync(Options);
        Assert.Equal(
            [PortalSensor.DoorContact, PortalSensor.PassageSensor, PortalSensor.ExitButton, PortalSensor.FireInput],
            _signals.Select(signal => signal.Sensor));
        Assert.All(_signals, signal => Assert.False(signal.IsActive));
        _time.Advance(Second);
        _chip.Drive("door", high: true);
        _time.Advance(Second);
        _chip.Drive("button", high: false);
        await UntilAsync(() => _signals.Count == 6);
        Assert.Equal([new(PortalSensor.DoorContact, true, Second), new(PortalSensor.ExitButton, true, 2 * Second)], _signals[4..]);
    }

    [Theory, InlineData(LockKind.FailSecure), InlineData(LockKind.FailSafe)]
    public async Task Held_open_it_stays_so_whatever_pulses_end_meanwhile_until_it_is_let_go(LockKind kind)
    {
        var portal = await StartAsync(Options with { Lock = kind });
        var open = kind is LockKind.FailSecure;
        Assert.IsType<PortalResult.Moved>(await portal.HoldAsync(open: true, CancellationToken.None));
        await OpenAsync(portal);
        _time.Advance(TimeSpan.FromHours(8));
        Assert.Equal(open, _chip["relay"]);
        await portal.HoldAsync(open: false, CancellationToken.None);
        Assert.Equal(!open, _chip["relay"]);
    }

    [Fact]
    public async Task A_drive_with_two_relays_is_told_once_to_open_and_once_to_close()
    {
        var portal = await StartAsync(Options with { CloseLine = "close" });
        _time.Advance(Second);
        var changes = new List<(string, bool)>();
        _chip.OutputChanged += (line, high) => changes.Add((line, high));
        await portal.HoldAsync(open: true, CancellationToken.None);
        _time.Advance(TimeSpan.FromHours(8));
        await portal.HoldAsync(open: false, CancellationToken.None);
        _time.Advance(Second);
        Assert.Equal([("relay", true), ("relay", false), ("close", true), ("close", false)], changes);
    }

    [Fact]
    public async Task A_chip_that_comes_back_is_held_open_again_and_a_gate_that_stops_lets_go()
    {
        var portal = await StartAsync(Options);
        await portal.HoldAsync(open: true, CancellationToken.None);
        _chip.Unplug(true);
        await UntilAsync(() => _sensorsLost);
        _chip.Unplug(false);
        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return _signals.Count == 8;
        });
        Assert.True(_chip["relay"]);
        await StopAsync();
        Assert.False(_chip["relay"]);
    }

    [Fact]
    public async Task A_fire_outlasts_the_holding()
    {
        var portal = await StartAsync(Options);
        await portal.HoldAsync(open: true, CancellationToken.None);
        _chip.Drive("fire", high: true);
        await UntilAsync(() => _signals.Any(signal => signal is { Sensor: PortalSensor.FireInput, IsActive: true }));
        await portal.HoldAsync(open: false, CancellationToken.None);
        Assert.True(_chip["relay"]);
    }

    [Fact]
    public async Task A_linked_portal_cannot_be_held_open()
    {
        var portal = await StartAsync(Options, new Interlock());
        Assert.Equal(portal.WhyNotHeld, Assert.IsType<PortalResult.Unreachable>(await portal.HoldAsync(open: true, CancellationToken.None)).Cause);
        Assert.False(_chip["relay"]);
    }

    [Fact]
    public async Task A_chip_that_is_pulled_out_makes_the_portal_unreachable_until_it_is_back()
    {
        var portal = await StartAsync(Options);
        _chip.Unplug(true);
        await UntilAsync(() => _sensorsLost);
        Assert.IsType<PortalResult.Unreachable>(await OpenAsync(portal));
        _chip.Unplug(false);
        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return _signals.Count == 8;
        });
        Assert.IsType<PortalResult.Moved>(await OpenAsync(portal));
    }

    [Fact]
    public async Task Stopping_ends_the_pulse_and_lets_the_lines_go()
    {
        var portal = await StartAsync(Options);
        await OpenAsync(portal);
        await StopAsync();
        Assert.False(_chip["relay"]);
        Assert.False(_chip.IsInUse);
    }

    [Fact]
    public async Task A_gate_that_stops_in_a_fire_leaves_the_door_open()
    {
        await StartAsync(Options);
        _chip.Drive("fire", high: true);
        await UntilAsync(() => _chip["relay"]);
        await StopAsync();
        Assert.True(_chip["relay"]);
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task Of_two_linked_portals_only_one_is_open_until_it_is_locked_and_its_door_closed()
    {
        var interlock = new Interlock();
        var outer = await StartAsync(Options, interlock, "outer");
        var other = new SimulatedGpio(["relay", "door"], _time);
        var inner = await StartAsync(new() { UnlockLine = "relay", DoorContact = new("door") }, interlock, "inner", other);

        await OpenAsync(outer);
        Assert.Contains("outer", Assert.IsType<PortalResult.Unreachable>(await OpenAsync(inner)).Cause, StringComparison.Ordinal);
        _chip.Drive("door", high: true);
        await UntilAsync(() => _signals.Any(signal => signal is { Sensor: PortalSensor.DoorContact, IsActive: true }));
        _time.Advance(Second);
        Assert.False(_chip["relay"]);
        Assert.IsType<PortalResult.Unreachable>(await OpenAsync(inner));
        _chip.Drive("door", high: false);
        await UntilAsync(() => _signals.Count(signal => signal is { Sensor: PortalSensor.DoorContact, IsActive: false }) == 3);
        Assert.IsType<PortalResult.Moved>(await OpenAsync(inner));
        Assert.IsType<PortalResult.Unreachable>(await OpenAsync(outer));
    }

    private static ValueTask<PortalResult> OpenAsync(GpioPortal portal) => portal.OpenForPassageAsync("", CancellationToken.None);

    private async Task BeamAsync()
    {
        var before = _signals.Count;
        _chip.Drive("beam", high: false);
        _chip.Drive("beam", high: true);
        await UntilAsync(() => _signals.Count == before + 2);
    }

    private async Task<GpioPortal> StartAsync(GpioPortalOptions options, Interlock? interlock = null, string id = "portal", SimulatedGpio? chip = null)
    {
        var connection = new DeviceConnection<IGpioLines>(id, (chip ?? _chip).Port(options.Lines), _time, _ => { });
        var portal = new GpioPortal(id, connection, options, interlock, _time);
        var before = _signals.Count;
        portal.Signalled += signal =>
        {
            lock (_signals) _signals.Add(signal);
        };
        portal.SensorsLost += () => _sensorsLost = true;
        _running.Add(portal.RunAsync(_stop.Token));
        await UntilAsync(() => _signals.Count == before + options.Lines.Count(line => !line.IsOutput));
        return portal;
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            _stop.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
