using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Tests.Ports;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Osdp;

/// <summary>A portal on an output and the inputs of a peripheral; what it sends is caught, what the peripheral reports is told.</summary>
public sealed class OsdpPortalTests : IAsyncDisposable
{
    private static readonly OsdpPortalOptions Options = new()
    {
        Output = 1,
        DoorContact = new(0, IsActiveWhenOff: true),
        ExitButton = new(1, IsActiveWhenOff: false),
    };

    private static readonly OsdpEvent.SessionBegan Began = new();

    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _sent = [];
    private readonly List<PortalSignal> _signals = [];
    private readonly OsdpPortal _portal;
    private readonly Task _running;
    private OsdpResult _answer = new OsdpResult.Done();

    /// <summary>Given before <see cref="_answer"/>.</summary>
    private readonly Queue<OsdpResult> _answers = [];

    public OsdpPortalTests()
    {
        _portal = new OsdpPortal(Options, Send, _time);
        _portal.Signalled += _signals.Add;
        _running = _portal.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Each_conversation_begins_with_the_output_off_and_a_look_at_the_inputs()
    {
        _portal.Hear(Began);
        await SentAsync("68 01010000", "65 ");
    }

    [Fact]
    public async Task A_pulse_that_runs_is_not_cut_short_by_a_new_conversation()
    {
        await _portal.OpenForPassageAsync("", CancellationToken.None);
        _portal.Hear(Began);
        await SentAsync("68 01050A00", "65 ");
    }

    [Fact]
    public async Task Held_open_the_output_is_on_for_good_and_again_after_the_peripheral_was_reset()
    {
        Assert.IsType<PortalResult.Moved>(await _portal.HoldAsync(open: true, CancellationToken.None));
        _portal.Hear(Began);
        await SentAsync("68 01020000", "68 01020000", "65 ");
    }

    [Fact]
    public async Task A_grant_meanwhile_does_not_end_the_holding()
    {
        await _portal.HoldAsync(open: true, CancellationToken.None);
        Assert.IsType<PortalResult.Moved>(await _portal.OpenForPassageAsync("", CancellationToken.None));
        await SentAsync("68 01020000");
    }

    [Fact]
    public async Task A_grant_at_a_portal_that_refuses_to_be_held_open_opens_it_for_a_while_or_is_no_opening()
    {
        _answer = new OsdpResult.Refused(OsdpNak.CannotProcess);
        await _portal.HoldAsync(open: true, CancellationToken.None);

        Assert.IsType<PortalResult.Unreachable>(await _portal.OpenForPassageAsync("", CancellationToken.None));
        _answers.Enqueue(_answer);
        _answers.Enqueue(new OsdpResult.Done());
        Assert.IsType<PortalResult.Moved>(await _portal.OpenForPassageAsync("", CancellationToken.None));

        await SentAsync("68 01020000", "68 01020000", "68 01050A00", "68 01020000", "68 01050A00");
    }

    [Fact]
    public async Task A_grant_at_a_portal_that_could_not_be_told_to_be_held_open_holds_it_open()
    {
        _answer = new OsdpResult.Unreachable("gone");
        await _portal.HoldAsync(open: true, CancellationToken.None);
        Assert.IsType<PortalResult.Unreachable>(await _portal.OpenForPassageAsync("", CancellationToken.None));

        _answer = new OsdpResult.Done();
        Assert.IsType<PortalResult.Moved>(await _portal.OpenForPassageAsync("", CancellationToken.None));
        Assert.IsType<PortalResult.Moved>(await _portal.OpenForPassageAsync("", CancellationToken.None)); // it stands open by now

        await SentAsync("68 01020000", "68 01020000", "68 01020000");
    }

    [Fact]
    public async Task What_could_not_be_told_is_told_as_soon_as_the_peripheral_answers()
    {
        _answer = new OsdpResult.Unreachable("gone");
        Assert.IsType<PortalResult.Unreachable>(await _portal.HoldAsync(open: true, CancellationToken.None));
        _answer = new OsdpResult.Done();
        _portal.Hear(Began);
        await SentAsync("68 01020000", "68 01020000", "65 ");
    }

    public static TheoryData<OsdpResult> NotObeyed => [new OsdpResult.Refused(OsdpNak.CannotProcess), new OsdpResult.Unreachable("too many commands wait for the reader")];

    [Theory, MemberData(nameof(NotObeyed))]
    public async Task An_output_that_was_not_released_is_told_again(OsdpResult answer)
    {
        _answer = answer; // while the session stays online: no other conversation begins
        _portal.Hear(Began);
        await SentAsync("68 01010000", "65 ");
        await PassASecondAsync();
        await SentAsync("68 01010000", "65 ", "68 01010000");
        await Patience.Until(() => _time.WaitingTimers == 1);
        _answer = new OsdpResult.Done();
        await PassASecondAsync();
        await SentAsync("68 01010000", "65 ", "68 01010000", "68 01010000");
        await Patience.Until(() => _time.WaitingTimers == 0); // and no more
    }

    [Theory, MemberData(nameof(NotObeyed))]
    public async Task An_output_that_keeps_refusing_says_so_and_no_longer_when_it_obeys(OsdpResult answer)
    {
        var told = new List<string?>();
        _portal.ObedienceChanged += () => told.Add(_portal.WhyNotObeyed);
        _answer = answer;
        _portal.Hear(Began);
        await PassASecondAsync();
        await SentAsync("68 01010000", "65 ", "68 01010000");
        await Patience.Until(() => _time.WaitingTimers == 1);
        Assert.Null(_portal.WhyNotObeyed); // two tries: it may have been busy

        await PassASecondAsync();
        await Patience.Until(() => told.Count == 1);
        Assert.Contains("output 1 does not obey when it is told to switch off, and may be on", told[0], StringComparison.Ordinal);
        await PassASecondAsync();
        await Patience.Until(() => _sent.Count == 5 && _time.WaitingTimers == 1);
        _answer = new OsdpResult.Done();
        await PassASecondAsync();

        await Patience.Until(() => told.Count == 2); // each once
        Assert.Null(told[1]);
    }

    [Fact]
    public async Task A_grant_meanwhile_is_not_cut_short_by_the_repeated_release_and_does_not_end_it_either()
    {
        _answer = new OsdpResult.Refused(OsdpNak.CannotProcess);
        _portal.Hear(Began);
        await SentAsync("68 01010000", "65 ");
        await Patience.Until(() => _time.WaitingTimers == 1);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.IsType<PortalResult.Unreachable>(await _portal.OpenForPassageAsync("", CancellationToken.None)); // refused too: what was open stays open
        _time.Advance(TimeSpan.FromSeconds(0.5));
        await Patience.Until(() => _time.UntilNextTimer == TimeSpan.FromSeconds(1)); // looked, in the middle of the pulse
        await SentAsync("68 01010000", "65 ", "68 01050A00");
        await PassASecondAsync();
        await SentAsync("68 01010000", "65 ", "68 01050A00", "68 01010000");
    }

    [Fact]
    public async Task A_gate_that_stops_lets_go()
    {
        await _portal.HoldAsync(open: true, CancellationToken.None);
        await StopAsync();
        await SentAsync("68 01020000", "68 01010000");
    }

    [Fact]
    public void Inputs_are_told_when_they_change_and_a_hanging_button_was_not_pressed()
    {
        Inputs(door: true, button: true);
        Assert.Equal([(PortalSensor.DoorContact, false), (PortalSensor.ExitButton, false)], Signals);
        _time.Advance(TimeSpan.FromSeconds(1));
        Inputs(door: false, button: true);
        Inputs(door: false, button: false);
        Inputs(door: false, button: true);
        Assert.Equal([(PortalSensor.DoorContact, true), (PortalSensor.ExitButton, false), (PortalSensor.ExitButton, true)], Signals.Skip(2));
        Assert.Equal(TimeSpan.FromSeconds(1), _signals[^1].At);
    }

    [Fact]
    public void A_peripheral_that_is_gone_takes_what_was_known_with_it()
    {
        var lost = 0;
        _portal.SensorsLost += () => lost++;
        var gone = new OsdpEvent.StatusChanged(new OsdpStatus(OsdpState.Offline, "gone", null, OsdpProtection.None));
        _portal.Hear(gone);
        Inputs(door: true, button: false);
        _portal.Hear(gone);
        Inputs(door: true, button: false);
        Assert.Equal((1, 4), (lost, _signals.Count));
    }

    [Fact]
    public void A_peripheral_with_fewer_inputs_than_the_settings_say_tells_what_it_has()
    {
        _portal.Hear(new OsdpEvent.Inputs([false]));
        Assert.Equal([(PortalSensor.DoorContact, true)], Signals);
    }

    private async Task PassASecondAsync()
    {
        await Patience.Until(() => _time.WaitingTimers == 1);
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    private IEnumerable<(PortalSensor, bool)> Signals => _signals.Select(signal => (signal.Sensor, signal.IsActive));

    private void Inputs(bool door, bool button) => _portal.Hear(new OsdpEvent.Inputs([door, button]));

    private async Task SentAsync(params string[] commands)
    {
        await Patience.Until(() => _sent.Count >= commands.Length);
        Assert.Equal(commands, _sent);
    }

    private ValueTask<OsdpResult> Send(OsdpCommand command, CancellationToken cancellationToken)
    {
        lock (_sent)
            _sent.Add($"{(byte)command.Code:X2} {Convert.ToHexString(command.Data.Span)}");
        return ValueTask.FromResult(_answers.TryDequeue(out var next) ? next : _answer);
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
