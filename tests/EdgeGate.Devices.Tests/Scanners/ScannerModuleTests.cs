using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Tests.Ports;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Scanners;

/// <summary>GM65 and GM67 modules: set up at the start, then codes.</summary>
public sealed class ScannerModuleTests : IAsyncDisposable
{
    private readonly LoopbackLine _host, _device;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Gm65SetUp> _setUp = [];
    private readonly SimulatedGm65 _module;
    private readonly Task _running;

    public ScannerModuleTests()
    {
        (_host, _device) = LoopbackLine.CreatePair();
        _module = new SimulatedGm65(_device, TimeProvider.System);
        _running = _module.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    [Fact]
    public async Task A_module_is_told_its_mode_once_and_keeps_it()
    {
        _module.Zones[0] = 0xD5; // light and sound bits, and command mode
        Assert.Equal("EDGE-1", await FirstAsync("EDGE-1"));
        Assert.Equal([Gm65SetUp.Changed], _setUp);
        Assert.Equal((0xD7, 1), (_module.Zones[0], _module.Saves));
    }

    [Fact]
    public async Task A_module_that_is_right_already_is_not_written_to()
    {
        _module.Zones[0] = 0x03;
        Assert.Equal("EDGE-1", await FirstAsync("EDGE-1"));
        Assert.Equal([Gm65SetUp.AlreadyRight], _setUp);
        Assert.Equal(0, _module.Saves);
    }

    [Fact]
    public async Task A_module_that_forgets_what_it_was_told_is_found_out()
    {
        _module.Forgetful = true;
        Assert.Equal("EDGE-1", await FirstAsync("EDGE-1"));
        Assert.Equal([Gm65SetUp.NotTaken], _setUp);
    }

    [Fact]
    public async Task A_module_that_takes_no_commands_is_read_all_the_same()
    {
        _module.Deaf = true;
        Assert.Equal("EDGE-1", await FirstAsync("EDGE-1", replyWithin: TimeSpan.FromMilliseconds(100)));
        Assert.Equal([Gm65SetUp.NoAnswer], _setUp);
    }

    [Fact]
    public async Task A_damaged_answer_is_asked_for_again()
    {
        _module.WrongCrcs = 1;
        Assert.Equal("EDGE-1", await FirstAsync("EDGE-1", replyWithin: TimeSpan.FromSeconds(1)));
        Assert.Equal([Gm65SetUp.Changed], _setUp);
    }

    [Fact]
    public async Task A_code_that_is_shown_while_the_module_is_set_up_is_not_lost()
    {
        _module.ScannedMeanwhile = "EDGE-EARLY";
        Assert.Equal("EDGE-EARLY", await FirstAsync(scanned: null));
    }

    [Fact]
    public async Task A_GM67_packet_is_acknowledged_and_a_damaged_one_asked_for_again()
    {
        var (host, module) = LoopbackLine.CreatePair();
        var scanner = new Gm67Scanner(host, new Gm65Options(), TimeProvider.System);
        await using var read = scanner.ReadAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);
        var first = read.MoveNextAsync();
        var setUp = Gm67Frame.SetParameter(0xEE, 1, permanent: false);
        Assert.Equal([0, .. setUp], await module.ReadBytesAsync(1 + setUp.Length, _stop.Token));

        var packet = Gm67Frame.Scanned(0xF1, "EDGE-测"u8);
        await module.WriteAsync((byte[])[.. packet[..^1], (byte)(packet[^1] + 1)], _stop.Token);
        Assert.Equal(Gm67Frame.Resend(), await module.ReadBytesAsync(Gm67Frame.Resend().Length, _stop.Token));
        await module.WriteAsync(packet, _stop.Token);
        Assert.Equal(Gm67Frame.Ack(), await module.ReadBytesAsync(Gm67Frame.Ack().Length, _stop.Token));
        Assert.True(await first.InTime());
        Assert.Equal("EDGE-测", read.Current.Text);
        Assert.Equal(1, scanner.Faults[FrameFault.BadChecksum]);
    }

    [Fact]
    public async Task A_simulated_GM67_sends_packets_once_it_is_told_to_and_a_damaged_one_again()
    {
        var (host, end) = LoopbackLine.CreatePair();
        var bad = new FaultyLine(end, TimeProvider.System);
        var module = new SimulatedGm67(bad, TimeProvider.System);
        var running = module.RunAsync(_stop.Token);
        var scanner = new Gm67Scanner(host, new Gm65Options(), TimeProvider.System);
        await using var read = scanner.ReadAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);
        var first = read.MoveNextAsync();
        await Patience.Until(() => module.SendsPackets);

        await module.ScanAsync("EDGE-PASS-0001", _stop.Token);
        Assert.True(await first.InTime());
        Assert.Equal("EDGE-PASS-0001", read.Current.Text);
        await Patience.Until(() => module.Acknowledged == 1); // nothing else is on the line any more
        bad.Faults = LineFault.WrongChecksum; // of every third message from now on
        string[] codes = [new string('9', 400), "EDGE-PASS-0002", "EDGE-PASS-0003"]; // the first in a long packet
        foreach (var code in codes)
        {
            var next = read.MoveNextAsync();
            await module.ScanAsync(code, _stop.Token);
            Assert.True(await next.InTime());
            Assert.Equal(code, read.Current.Text);
        }
        await Patience.Until(() => module.Acknowledged == 4);
        Assert.Equal(1, scanner.Faults[FrameFault.BadChecksum]);
        await _stop.CancelAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    /// <param name="replyWithin">How long the driver waits for an answer that does not come; where each comes, long enough for any machine.</param>
    private async Task<string> FirstAsync(string? scanned, TimeSpan? replyWithin = null)
    {
        var scanner = new Gm65Scanner(_host, new Gm65Options { ReplyWithin = replyWithin ?? TimeSpan.FromMinutes(1) }, TimeProvider.System);
        scanner.WasSetUp += result =>
        {
            _setUp.Add(result);
            if (scanned is not null)
                _ = _module.ScanAsync(scanned, _stop.Token).AsTask();
        };
        await using var codes = scanner.ReadAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);
        Assert.True(await codes.MoveNextAsync().InTime());
        return codes.Current.Text;
    }
}
