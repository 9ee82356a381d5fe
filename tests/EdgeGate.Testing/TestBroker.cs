using System.Diagnostics;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Testing;

/// <summary>
/// A real mosquitto of the test's own: a free loopback port, a temporary folder, its own process. It keeps port and folder over
/// <see cref="Kill"/> and <see cref="RestartAsync"/>; disposing ends it and removes the folder.
/// </summary>
public sealed class TestBroker : IAsyncDisposable
{
    private static readonly string[] KnownPlaces = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"];
    private static readonly string? Executable = Array.Find(KnownPlaces, File.Exists);

    private readonly string[] _settings;
    private Process? _process;

    private TestBroker(string[] settings) => _settings = settings;

    public static bool IsInstalled => Executable is not null;

    public const string NotInstalled = "mosquitto is not installed (apt-get install mosquitto)";

    public int Port { get; private set; }

    /// <summary>Where mosquitto may keep files; settings can point into it.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("edgegate-broker-").FullName;

    /// <summary>Process number while it runs.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("the broker is not running");

    /// <param name="settings">Lines for mosquitto.conf after the listener; none: anyone may do anything. <c>{folder}</c> is replaced.</param>
    public static async Task<TestBroker> StartAsync(params string[] settings)
    {
        var broker = new TestBroker(settings.Length > 0 ? settings : ["allow_anonymous true"]);
        for (var attempt = 1; ; attempt++)
        {
            broker.Port = FreeTcpPort.Take(); // another process may take it before mosquitto does; then another
            try
            {
                await broker.RestartAsync();
                return broker;
            }
            catch (InvalidOperationException) when (attempt < 5)
            {
            }
        }
    }

    /// <summary>Starts mosquitto on the same port and folder, and waits until it listens.</summary>
    /// <exception cref="InvalidOperationException">It ended instead; the message carries what it said.</exception>
    public async Task RestartAsync()
    {
        Kill();
        var configuration = Path.Combine(Folder, "mosquitto.conf");
        await File.WriteAllLinesAsync(configuration,
        [
            $"listener {Port} 127.0.0.1",
            "max_inflight_messages 1000",
            "max_queued_messages 0",
            "log_dest stderr",
            .. Environment.UserName is "root" ? ["user root"] : Array.Empty<string>(), // else it drops to a user that cannot use the folder
            .. _settings.Select(line => line.Replace("{folder}", Folder, StringComparison.Ordinal)),
        ]);
        _process = Process.Start(new ProcessStartInfo(Executable ?? throw new InvalidOperationException(NotInstalled), ["-c", configuration])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        })!;
        var said = new List<string>();
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            said.Add(line);
            if (!line.EndsWith(" running", StringComparison.Ordinal))
                continue;
            _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null); // a full pipe would stop it
            return;
        }
        Kill();
        throw new InvalidOperationException($"mosquitto did not start: {string.Join(Environment.NewLine, said)}");
    }

    /// <summary>SIGKILL: no goodbye, nothing saved.</summary>
    public void Kill()
    {
        if (_process is null)
            return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Sends a signal by name: TERM saves and ends, STOP freezes, CONT thaws.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{ProcessId}"]);
        await kill.WaitForExitAsync();
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
