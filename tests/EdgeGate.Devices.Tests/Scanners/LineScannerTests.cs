using System.Text;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Scanners;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Scanners;

public sealed class LineScannerTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly LoopbackLine _host;
    private readonly SimulatedLineScanner _scanner;
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60), TimeProvider.System);
    private LineScanner? _driver;
    private IAsyncEnumerator<ScannedCode>? _codes;

    public LineScannerTests()
    {
        (_host, var device) = LoopbackLine.CreatePair();
        _scanner = new SimulatedLineScanner(device, _time) { BitsPerSecond = 0 };
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    [Theory]
    [InlineData("\r", 64), InlineData("\n", 64), InlineData("\r\n", 64), InlineData("\r\n", 1), InlineData("\r\n\r\n", 3)]
    public async Task Every_code_comes_once_whatever_ends_it_and_however_it_is_cut(string suffix, int chunk)
    {
        _scanner.Suffix = suffix;
        _scanner.ChunkLength = chunk;
        await _scanner.ScanAsync("EDGE-PASS-1", _stop.Token);
        await _scanner.ScanAsync("测试访客一", _stop.Token);

        Assert.Equal("EDGE-PASS-1", await NextAsync());
        Assert.Equal("测试访客一", await NextAsync());
        Assert.Equal(0, _driver!.Faults.Total);
    }

    [Fact]
    public async Task A_code_in_GBK_is_read_as_well()
    {
        _scanner.Encoding = CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!;
        await _scanner.ScanAsync("测试访客二", _stop.Token);

        Assert.Equal("测试访客二", await NextAsync());
    }

    [Fact]
    public async Task Ten_megabytes_without_an_end_are_one_fault_and_the_next_code_is_read()
    {
        _scanner.ChunkLength = 4096;
        var scanned = Task.Run(async () =>
        {
            await _scanner.SendAsync(Enumerable.Repeat((byte)'x', 10_000_000).ToArray(), _stop.Token);
            await _scanner.ScanAsync("", _stop.Token);
            await _scanner.ScanAsync("EDGE-PASS-2", _stop.Token);
        }, _stop.Token);

        Assert.Equal("EDGE-PASS-2", await NextAsync()); // the loopback line takes 64 KB at most, so nothing was held
        await scanned;
        Assert.Equal(1, _driver!.Faults.Total);
        Assert.Equal(1, _driver.Faults[FrameFault.TooLong]);
    }

    [Fact]
    public async Task The_same_code_held_before_the_scanner_is_one_presentation()
    {
        await _scanner.ScanAsync("EDGE-PASS-3", _stop.Token);
        await _scanner.ScanAsync("EDGE-PASS-3", _stop.Token);
        await _scanner.ScanAsync("EDGE-PASS-4", _stop.Token);
        Assert.Equal("EDGE-PASS-3", await NextAsync());
        Assert.Equal("EDGE-PASS-4", await NextAsync());

        await _scanner.ScanAsync("EDGE-PASS-5", _stop.Token);
        Assert.Equal("EDGE-PASS-5", await NextAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        await _scanner.ScanAsync("EDGE-PASS-5", _stop.Token);
        Assert.Equal("EDGE-PASS-5", await NextAsync());
    }

    [Fact]
    public async Task Half_a_code_does_not_grow_together_with_the_next_one()
    {
        var next = NextAsync();
        await _scanner.SendAsync("EDGE-PA"u8.ToArray(), _stop.Token);
        await SilenceAsync(TimeSpan.FromSeconds(1));
        while (_driver!.Faults.Total == 0)
            await Task.Yield();
        await _scanner.ScanAsync("EDGE-PASS-6", _stop.Token);

        Assert.Equal("EDGE-PASS-6", await next);
        Assert.Equal(1, _driver.Faults[FrameFault.Timeout]);
        Assert.Equal(1, _driver.Faults.Total);
    }

    [Fact]
    public async Task Silence_ends_a_code_that_has_no_other_end()
    {
        _scanner.Suffix = "";
        var next = NextAsync(new LineScannerOptions { Framing = ScannerFraming.Gap });
        await _scanner.ScanAsync("EDGE-PASS-7", _stop.Token);
        await SilenceAsync(TimeSpan.FromMilliseconds(50));

        Assert.Equal("EDGE-PASS-7", await next);
    }

    [Fact]
    public async Task A_code_between_STX_and_ETX_may_hold_line_ends()
    {
        (_scanner.Prefix, _scanner.Suffix) = ("\x02", "\x03");
        await _scanner.ScanAsync("LINE1\r\nLINE2", _stop.Token);

        Assert.Equal("LINE1\r\nLINE2", await NextAsync(new LineScannerOptions { Framing = ScannerFraming.StxEtx }));
    }

    /// <summary>Lets time pass once the driver has begun to wait for silence.</summary>
    private async Task SilenceAsync(TimeSpan silence)
    {
        while (_time.WaitingTimers == 0)
            await Task.Yield();
        _time.Advance(silence);
    }

    private async Task<string> NextAsync(LineScannerOptions? options = null)
    {
        _driver ??= new LineScanner(_host, options ?? new LineScannerOptions(), _time);
        _codes ??= _driver.ReadAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);
        Assert.True(await _codes.MoveNextAsync());
        return _codes.Current.Text;
    }
}
