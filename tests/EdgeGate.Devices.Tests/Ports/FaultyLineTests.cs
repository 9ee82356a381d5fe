using EdgeGate.Devices.Ports;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Ports;

public sealed class FaultyLineTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly LoopbackLine _host;
    private readonly FaultyLine _device;

    public FaultyLineTests()
    {
        (_host, var end) = LoopbackLine.CreatePair();
        _device = new FaultyLine(end, TimeProvider.System);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    public ValueTask DisposeAsync() => _device.DisposeAsync();

    private async Task<byte[]> HearAsync(int count) => await _host.ReadBytesAsync(count);

    private async Task SendAsync(params byte[] message) => await _device.WriteAsync(message, CancellationToken.None).InTime();

    [Fact]
    public async Task Without_a_fault_it_is_a_line()
    {
        await SendAsync(1, 2, 3);
        Assert.Equal([1, 2, 3], await HearAsync(3));
    }

    [Fact]
    public async Task A_split_message_comes_byte_by_byte()
    {
        _device.Faults = LineFault.Split;
        var sending = SendAsync(1, 2, 3);
        Assert.Equal([1], await HearAsync(1));
        Assert.Equal([2, 3], await HearAsync(2));
        await sending;
    }

    [Fact]
    public async Task A_glued_message_waits_for_the_next()
    {
        _device.Faults = LineFault.Glued;
        await SendAsync(1, 2);
        Assert.False(_host.Input.TryRead(out _));
        await SendAsync(3);
        Assert.Equal([1, 2, 3], await HearAsync(3));
    }

    [Fact]
    public async Task Every_third_check_value_is_wrong()
    {
        _device.Faults = LineFault.WrongChecksum;
        for (var i = 0; i < 3; i++)
            await SendAsync(0x10, 0x20);
        Assert.Equal([0x10, 0x20, 0x10, 0x20, 0x10, 0x21], await HearAsync(6));
    }

    [Fact]
    public async Task Silence_swallows_and_noise_goes_before()
    {
        _device.Faults = LineFault.Silence;
        await SendAsync(1);
        _device.Faults = LineFault.Noise;
        await SendAsync(7, 7, 7, 7);
        var read = await _host.Input.ReadAtLeastAsync(5).InTime();
        Assert.Equal([7, 7, 7, 7], System.Buffers.BuffersExtensions.ToArray(read.Buffer)[^4..]);
    }
}
