using System.Threading.Channels;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Tests.Ports;

public sealed class PseudoTerminalTests
{
    private static string NewLink() => Path.Combine(Path.GetTempPath(), $"edgegate-{Guid.NewGuid():N}");

    private static async Task<IDeviceLine> OpenAsync(string path) =>
        await new SerialPort(path, 115200, TimeProvider.System).OpenAsync(CancellationToken.None).InTime();

    [Fact]
    public async Task One_host_after_the_other_is_heard()
    {
        await using var device = PseudoTerminal.Open();
        foreach (var word in new[] { "first", "second", "third" })
        {
            await using var host = await OpenAsync(device.HostPath);
            var bytes = System.Text.Encoding.ASCII.GetBytes(word);
            await host.WriteAsync(bytes, CancellationToken.None).InTime();
            Assert.Equal(bytes, await device.ReadBytesAsync(bytes.Length));
        }
    }

    [Fact]
    public async Task What_a_host_wrote_just_before_closing_arrives()
    {
        await using var device = PseudoTerminal.Open();
        var host = await OpenAsync(device.HostPath);
        await host.WriteAsync("last words"u8.ToArray(), CancellationToken.None).InTime();
        await host.DisposeAsync().InTime();
        Assert.Equal("last words"u8.ToArray(), await device.ReadBytesAsync(10));
    }

    [Fact]
    public async Task Writing_with_no_host_there_neither_waits_nor_fails()
    {
        await using var device = PseudoTerminal.Open();
        await device.WriteAsync(new byte[1 << 20], CancellationToken.None).InTime();
        await (await OpenAsync(device.HostPath)).DisposeAsync();
        await device.WriteAsync(new byte[1 << 20], CancellationToken.None).InTime();
    }

    [Fact]
    public async Task A_write_that_waits_for_a_host_ends_when_that_host_goes()
    {
        await using var device = PseudoTerminal.Open();
        var host = await OpenAsync(device.HostPath);
        var writing = device.WriteAsync(new byte[1 << 20], CancellationToken.None).AsTask();
        await host.DisposeAsync().InTime();
        await writing.InTime();
    }

    [Fact]
    public async Task Without_a_host_its_thread_sleeps()
    {
        await using var device = PseudoTerminal.Open();
        await (await OpenAsync(device.HostPath)).DisposeAsync(); // the kernel now reports a hang-up for ever
        await Patience.UntilOftenInARow(50, () => StatesOfLineThreads(device.HostPath) is ["S"]);
    }

    /// <summary>proc(5), /proc/pid/stat, third field: S for sleeping, R for running.</summary>
    private static string[] StatesOfLineThreads(string hostPath) =>
    [
        .. Directory.GetDirectories("/proc/self/task")
            .Select(thread => StatOf(Path.Combine(thread, "stat")))
            .Where(stat => stat.Contains($"(line {Path.GetFileName(hostPath)})", StringComparison.Ordinal))
            .Select(stat => stat[(stat.LastIndexOf(')') + 2)..][..1]),
    ];

    private static string StatOf(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return ""; // another test's thread that has just ended
        }
    }

    [Fact]
    public async Task A_link_leads_to_the_newest_terminal_and_goes_with_it()
    {
        var link = NewLink();
        await using var first = PseudoTerminal.Open(link);
        await using var second = PseudoTerminal.Open(link);
        Assert.Equal(second.HostPath, new FileInfo(link).LinkTarget);

        await first.DisposeAsync();
        Assert.Equal(second.HostPath, new FileInfo(link).LinkTarget);

        await second.DisposeAsync();
        Assert.Null(new FileInfo(link).LinkTarget);
    }

    [Fact]
    public async Task A_device_pulled_and_plugged_in_again_under_the_same_name_is_found_again()
    {
        var link = NewLink();
        var heard = Channel.CreateUnbounded<byte>();
        var states = Channel.CreateUnbounded<DeviceStatus>();
        var connection = new DeviceConnection(
            "scanner", new SerialPort(link, 9600, TimeProvider.System), TimeProvider.System, status => states.Writer.TryWrite(status));

        await using var connected = PseudoTerminal.Open(link);
        using var stop = new CancellationTokenSource();
        var running = connection.RunAsync(
            async (line, stopping) =>
            {
                while (true)
                    await heard.Writer.WriteAsync((await line.ReadBytesAsync(1, stopping))[0], stopping);
            },
            stop.Token);
        Assert.Equal(DeviceState.Connected, (await states.Reader.ReadAsync(stop.Token).InTime()).State);
        await connected.WriteAsync(new byte[] { 1 }, stop.Token).InTime();
        Assert.Equal(1, await heard.Reader.ReadAsync(stop.Token).InTime());

        await connected.DisposeAsync();
        Assert.Equal(DeviceState.Absent, (await states.Reader.ReadAsync(stop.Token).InTime()).State);

        await using var again = PseudoTerminal.Open(link);
        Assert.Equal(DeviceState.Connected, (await states.Reader.ReadAsync(stop.Token).InTime()).State);
        await again.WriteAsync(new byte[] { 2 }, stop.Token).InTime();
        Assert.Equal(2, await heard.Reader.ReadAsync(stop.Token).InTime());

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.InTime());
    }
}
