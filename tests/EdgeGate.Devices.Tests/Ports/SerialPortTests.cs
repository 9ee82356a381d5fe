using System.Security.Cryptography;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Tests.Ports;

/// <summary>On real pseudo-terminals: the kernel's line discipline, locks and hang-ups are the kernel's own.</summary>
public sealed class SerialPortTests : IAsyncDisposable
{
    private readonly PseudoTerminal _device = PseudoTerminal.Open();

    public ValueTask DisposeAsync() => _device.DisposeAsync();

    private static SerialPort PortAt(string path) => new(path, 9600, TimeProvider.System);

    private async Task<IDeviceLine> OpenAsync() => await PortAt(_device.HostPath).OpenAsync(CancellationToken.None).InTime();

    [Fact]
    public async Task Every_byte_value_passes_both_ways_untouched()
    {
        await using var host = await OpenAsync();
        var all = Enumerable.Range(0, 256).Select(value => (byte)value).ToArray();

        await host.WriteAsync(all, CancellationToken.None).InTime();
        await _device.WriteAsync(all, CancellationToken.None).InTime();

        Assert.Equal(all, await _device.ReadBytesAsync(all.Length));
        Assert.Equal(all, await host.ReadBytesAsync(all.Length));
    }

    [Fact]
    public async Task Nothing_is_echoed_not_even_before_a_host_is_there()
    {
        await _device.WriteAsync("early"u8.ToArray(), CancellationToken.None).InTime();
        await using var host = await OpenAsync();
        await _device.WriteAsync("ping"u8.ToArray(), CancellationToken.None).InTime();
        Assert.Equal("ping"u8.ToArray(), await host.ReadBytesAsync(4));

        await host.WriteAsync("pong"u8.ToArray(), CancellationToken.None).InTime();
        Assert.Equal("pong"u8.ToArray(), await _device.ReadBytesAsync(4));
    }

    [Fact]
    public async Task A_port_that_is_open_is_refused_to_the_next_and_free_again_after_closing()
    {
        var first = await OpenAsync();

        var refused = await Assert.ThrowsAsync<DevicePortException>(OpenAsync);
        Assert.Equal(DevicePortFault.HeldByAnother, refused.Fault);
        Assert.Contains("already open in this service", refused.Message, StringComparison.Ordinal);

        await first.DisposeAsync().InTime();
        await using var second = await OpenAsync();
        await _device.WriteAsync("hello"u8.ToArray(), CancellationToken.None).InTime();
        Assert.Equal("hello"u8.ToArray(), await second.ReadBytesAsync(5));
    }

    [Fact]
    public async Task Pulling_the_plug_fails_the_waiting_read_and_later_writes()
    {
        await using var host = await OpenAsync();
        var reading = host.Input.ReadAsync().AsTask();

        await _device.DisposeAsync().InTime();

        await Assert.ThrowsAsync<DeviceLineLostException>(() => reading.InTime());
        await Assert.ThrowsAsync<DeviceLineLostException>(() => host.WriteAsync(new byte[1], CancellationToken.None).InTime());
    }

    [Fact]
    public async Task Pulling_the_plug_is_noticed_even_while_nobody_reads()
    {
        await using var host = await OpenAsync();
        var writing = _device.WriteAsync(new byte[1 << 20], CancellationToken.None).AsTask();
        Assert.NotEmpty(await host.ReadBytesAsync(1)); // the flood is running into the pipe, and then stands still

        await _device.DisposeAsync().InTime();

        await Assert.ThrowsAsync<DeviceLineLostException>(() => writing.InTime());
        await Assert.ThrowsAsync<DeviceLineLostException>(() => host.Input.ReadToTheEndAsync().InTime());
    }

    [Fact]
    public async Task Disposing_the_line_ends_a_waiting_read()
    {
        var host = await OpenAsync();
        var reading = host.Input.ReadAsync().AsTask();

        await host.DisposeAsync().InTime();

        Assert.True((await reading.InTime()).IsCompleted);
    }

    [Fact]
    public async Task Disposing_the_line_ends_a_waiting_write()
    {
        var port = new SerialPort(_device.HostPath, 9600, TimeProvider.System) { WriteTimeout = Timeout.InfiniteTimeSpan };
        var host = await port.OpenAsync(CancellationToken.None).InTime();
        var writing = host.WriteAsync(new byte[1 << 20], CancellationToken.None).AsTask();

        await host.DisposeAsync().InTime();

        await Assert.ThrowsAsync<DeviceLineLostException>(() => writing.InTime());
    }

    [Fact]
    public async Task A_device_that_takes_no_bytes_is_lost_after_the_write_timeout()
    {
        var time = new Testing.ManualTime();
        await using var host = await new SerialPort(_device.HostPath, 9600, time).OpenAsync(CancellationToken.None).InTime();
        var writing = host.WriteAsync(new byte[1 << 20], CancellationToken.None).AsTask();
        await Patience.Until(() => time.WaitingTimers > 0 || writing.IsCompleted);
        // The device's own thread may still be making room; once it stands still, so does the write.
        while (!writing.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }

        await Assert.ThrowsAsync<DeviceLineLostException>(() => writing);
        await Assert.ThrowsAsync<DeviceLineLostException>(() => host.Input.ReadToTheEndAsync().InTime());
    }

    [Fact]
    public async Task Ten_megabytes_nobody_reads_stop_at_the_sender_and_all_arrive_once_somebody_does()
    {
        await using var host = await OpenAsync();
        var sent = RandomNumberGenerator.GetBytes(10_000_000);
        var accepted = 0;
        var sending = Task.Run(async () =>
        {
            foreach (var piece in sent.Chunk(1000))
            {
                await _device.WriteAsync(piece, CancellationToken.None);
                Interlocked.Add(ref accepted, piece.Length);
            }
        });
        var before = -1;
        await Patience.UntilOftenInARow(200, () => before == (before = accepted)); // the sender has come to rest
        Assert.False(sending.IsCompleted);
        Assert.InRange(accepted, 1, 512 * 1024);

        var received = await host.ReadBytesAsync(sent.Length).InTime();

        await sending.InTime();
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task A_port_that_does_not_exist_is_absent()
    {
        var refused = await Assert.ThrowsAsync<DevicePortException>(
            () => PortAt("/dev/serial/by-id/usb-nobody").OpenAsync(CancellationToken.None).InTime());
        Assert.Equal(DevicePortFault.Absent, refused.Fault);
        Assert.Contains("/dev/serial/by-id/usb-nobody is not there: is it plugged in?", refused.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("/dev/null"), InlineData("/tmp")]
    public async Task What_is_no_terminal_is_no_serial_line(string path)
    {
        var refused = await Assert.ThrowsAsync<DevicePortException>(() => PortAt(path).OpenAsync(CancellationToken.None).InTime());
        Assert.Equal(DevicePortFault.NotASerialLine, refused.Fault);
    }

    [Fact]
    public async Task A_regular_file_is_no_serial_line()
    {
        var file = Path.GetTempFileName();
        try
        {
            var refused = await Assert.ThrowsAsync<DevicePortException>(() => PortAt(file).OpenAsync(CancellationToken.None).InTime());
            Assert.Equal(DevicePortFault.NotASerialLine, refused.Fault);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task An_odd_speed_is_refused_with_the_list_of_good_ones()
    {
        var refused = await Assert.ThrowsAsync<DevicePortException>(
            () => new SerialPort(_device.HostPath, 11520, TimeProvider.System).OpenAsync(CancellationToken.None).InTime());
        Assert.Equal(DevicePortFault.SettingsRefused, refused.Fault);
        Assert.Contains("9600, 19200, 38400, 57600, 115200", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_listed_speed_can_be_set()
    {
        foreach (var baud in SerialPort.SupportedBauds)
        {
            var port = new SerialPort(_device.HostPath, baud, TimeProvider.System);
            await using var host = await port.OpenAsync(CancellationToken.None).InTime();
        }
    }

    [SkippableFact]
    public async Task A_port_of_another_group_is_not_permitted_and_the_group_is_named()
    {
        Skip.If(Environment.IsPrivilegedProcess, "root may open everything");
        if (!OperatingSystem.IsWindows()) // for the analyzer: this project runs on Linux only
            File.SetUnixFileMode(_device.HostPath, UnixFileMode.None);
        var refused = await Assert.ThrowsAsync<DevicePortException>(OpenAsync);
        Assert.Equal(DevicePortFault.NotPermitted, refused.Fault);
        Assert.Contains("usermod -aG", refused.Message, StringComparison.Ordinal);
    }
}
