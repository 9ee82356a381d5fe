using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Tests.Ports;
using EdgeGate.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Devices.Tests.Scanners;

/// <summary>Scanners that are keyboards, by the structs the kernel would hand out: no input devices are needed.</summary>
public sealed class WedgeScannerTests : IDisposable
{
    private const string Typeable = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !@#$%^&*()_+-=[]{};:'\"\\|,.<>/?`~";

    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly LoopbackLine _host, _device;
    private readonly SimulatedWedge _keyboard;

    public WedgeScannerTests()
    {
        (_host, _device) = LoopbackLine.CreatePair();
        _keyboard = new SimulatedWedge(_device);
    }

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task A_code_is_what_is_typed_until_Enter()
    {
        await _keyboard.ScanAsync("EDGE-pass_0001 {\"a\":~1}", _stop.Token);
        Assert.Equal("EDGE-pass_0001 {\"a\":~1}", await NextAsync(Start()));
    }

    [Fact]
    public void Every_text_of_a_US_keyboard_comes_back_from_its_keys() =>
        Prop.ForAll(Gen.Elements(Typeable.ToCharArray()).NonEmptyListOf().Select(typed => string.Concat(typed)).ToArbitrary(), text =>
        {
            var keys = new KeyboardText();
            foreach (var typed in text)
            {
                var (code, shift) = UsKeyboard.KeyFor(typed);
                keys.Take(new(KeyEvent.Key, UsKeyboard.RightShift, shift ? KeyEvent.Pressed : KeyEvent.Released));
                keys.Take(new(KeyEvent.Key, code, KeyEvent.Pressed));
            }
            return string.Equals(keys.Take(new(KeyEvent.Key, UsKeyboard.KeypadEnter, KeyEvent.Pressed)).Frame, text, StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_keys_are_pressed_codes_stay_bounded() =>
        Prop.ForAll<(ushort Type, ushort Code, int Value)[]>(events =>
        {
            var keys = new KeyboardText();
            return events.All(happened => keys.Take(new((ushort)(happened.Type % 5), (ushort)(happened.Code % 200), happened.Value % 3)).Frame is null or { Length: <= ScannedCode.MaxBytes });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task The_longest_code_is_read_whole_and_a_longer_one_not_at_all()
    {
        var (scanner, codes) = Start();
        var typing = Task.Run(async () =>
        {
            await _keyboard.ScanAsync(new string('7', ScannedCode.MaxBytes + 1), _stop.Token);
            await _keyboard.ScanAsync(new string('8', ScannedCode.MaxBytes), _stop.Token);
        }, _stop.Token);
        Assert.Equal(new string('8', ScannedCode.MaxBytes), await NextAsync((scanner, codes)));
        Assert.Equal(1, scanner.Faults[FrameFault.TooLong]);
        await typing.InTime();
    }

    [Fact]
    public async Task A_code_of_which_the_kernel_lost_keys_is_no_code()
    {
        var run = Start();
        await _keyboard.TypeAsync(UsKeyboard.KeyFor('A').Code, _stop.Token);
        await _keyboard.DropAsync(_stop.Token);
        await _keyboard.ScanAsync("BC", _stop.Token);
        await _keyboard.ScanAsync("EDGE-2", _stop.Token);
        Assert.Equal("EDGE-2", await NextAsync(run));
        Assert.Equal(1, run.Scanner.Faults[FrameFault.Truncated]);
    }

    [Fact]
    public async Task A_key_that_types_nothing_we_know_makes_it_no_code()
    {
        const ushort VolumeUp = 115;
        var run = Start();
        await _keyboard.TypeAsync(VolumeUp, _stop.Token);
        await _keyboard.ScanAsync("BC", _stop.Token);
        await _keyboard.ScanAsync("EDGE-2", _stop.Token);
        Assert.Equal("EDGE-2", await NextAsync(run));
        Assert.Equal(1, run.Scanner.Faults[FrameFault.BadEncoding]);
    }

    [Fact]
    public async Task A_key_that_is_stuck_types_once()
    {
        var run = Start();
        await _keyboard.ReportAsync(UsKeyboard.KeyFor('a').Code, KeyEvent.Pressed, _stop.Token);
        for (var i = 0; i < 100; i++)
            await _keyboard.ReportAsync(UsKeyboard.KeyFor('a').Code, value: 2, _stop.Token);
        await _keyboard.ScanAsync("b", _stop.Token);
        Assert.Equal("ab", await NextAsync(run));
    }

    [Fact]
    public async Task Control_with_a_key_is_the_separator_of_GS1_codes()
    {
        var run = Start();
        await _keyboard.TypeAsync(UsKeyboard.KeyFor('1').Code, _stop.Token);
        await _keyboard.ReportAsync(UsKeyboard.LeftControl, KeyEvent.Pressed, _stop.Token);
        await _keyboard.TypeAsync(UsKeyboard.KeyFor(']').Code, _stop.Token);
        await _keyboard.ReportAsync(UsKeyboard.LeftControl, KeyEvent.Released, _stop.Token);
        await _keyboard.ScanAsync("2", _stop.Token);
        Assert.Equal("1\u001D2", await NextAsync(run));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Without_Enter_silence_ends_the_code_or_gives_it_up(bool endsAtSilence)
    {
        var run = Start(new WedgeScannerOptions { EndsAtSilence = endsAtSilence });
        var first = NextAsync(run);
        _keyboard.PressesEnter = false;
        await _keyboard.ScanAsync("half", _stop.Token);
        await Patience.UntilOftenInARow(20, () => _time.WaitingTimers > 0);
        _time.Advance(TimeSpan.FromSeconds(1));
        if (!endsAtSilence)
        {
            await Patience.Until(() => run.Scanner.Faults[FrameFault.Timeout] == 1);
            _keyboard.PressesEnter = true;
            await _keyboard.ScanAsync("whole", _stop.Token);
        }
        Assert.Equal(endsAtSilence ? "half" : "whole", await first);
    }

    [Fact]
    public async Task A_port_that_is_no_keyboard_is_refused_with_a_remedy()
    {
        await using var terminal = PseudoTerminal.Open();
        var refused = await Assert.ThrowsAsync<DevicePortException>(async () => await new InputDevicePort(terminal.HostPath, _time).OpenAsync(_stop.Token));
        Assert.Equal(DevicePortFault.NotASerialLine, refused.Fault);
        Assert.Contains("/dev/input/by-id", refused.Message, StringComparison.Ordinal);
        var absent = await Assert.ThrowsAsync<DevicePortException>(async () => await new InputDevicePort("/dev/input/by-id/none", _time).OpenAsync(_stop.Token));
        Assert.Equal(DevicePortFault.Absent, absent.Fault);
    }

    private (WedgeScanner Scanner, IAsyncEnumerator<ScannedCode> Codes) Start(WedgeScannerOptions? options = null)
    {
        var scanner = new WedgeScanner(_host, options ?? new(), _time);
        return (scanner, scanner.ReadAsync(_stop.Token).GetAsyncEnumerator(_stop.Token));
    }

    private static async Task<string> NextAsync((WedgeScanner Scanner, IAsyncEnumerator<ScannedCode> Codes) run)
    {
        Assert.True(await run.Codes.MoveNextAsync().InTime());
        return run.Codes.Current.Text;
    }
}
