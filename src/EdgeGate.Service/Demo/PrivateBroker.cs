using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Service.Demo;

/// <summary>A mosquitto of our own on a free loopback port. Keeps its port, and what it saved, over <see cref="StopAsync"/> and <see cref="StartAsync"/>.</summary>
internal sealed class PrivateBroker(string directory, TimeProvider time) : IAsyncDisposable
{
    private const string Mosquitto = "/usr/sbin/mosquitto";
    private Process? _process;

    public int Port { get; } = FreeTcpPort.Take();

    /// <summary>Taken at the next start.</summary>
    public bool RefusesLogins { get; set; }

    /// <exception cref="FileNotFoundException">mosquitto is not installed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Mosquitto))
            throw new FileNotFoundException("mosquitto is not installed; install it with: apt-get install mosquitto mosquitto-clients");
        Directory.CreateDirectory(directory);
        var settings = Path.Combine(directory, "mosquitto.conf");
        // Few log lines, for nobody empties the pipe they go to. As root it would otherwise become the user mosquitto, who may not write here.
        var user = Environment.UserName == "root" ? "user root\n" : "";
        await File.WriteAllTextAsync(
            settings,
            $"""
            listener {Port} 127.0.0.1
            allow_anonymous {(RefusesLogins ? "false" : "true")}
            max_queued_messages 0
            max_inflight_messages 1000
            log_type error
            log_type warning
            persistence true
            persistence_location {directory}/
            {user}
            """,
            cancellationToken);
        _process = Children.Start(Mosquitto, "-c", settings);
        while (!await AnswersAsync(cancellationToken))
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
    }

    public async Task StopAsync()
    {
        if (_process is null)
            return;
        await Children.StopAsync(_process, patience: TimeSpan.FromSeconds(30), time);
        _process.Dispose();
        _process = null;
    }

    /// <summary>kill -9, and everything it saved is lost: sessions, and messages it had acknowledged.</summary>
    public async Task LoseMemoryAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
        File.Delete(Path.Combine(directory, "mosquitto.db"));
    }

    /// <summary>Takes connections and bytes and answers nothing, as a machine that swaps itself to death.</summary>
    public Task FreezeAsync() => Children.SignalAsync(_process!, "STOP");

    public Task ThawAsync() => Children.SignalAsync(_process!, "CONT");

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        if (_process is { HasExited: true } ended)
            throw new InvalidOperationException("mosquitto ended: " + await ended.StandardError.ReadToEndAsync(cancellationToken));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
