using System.Diagnostics;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Testing;

/// <summary>
/// A PostgreSQL of our own: a new cluster in a folder of its own, a socket in it and a free loopback port. PostgreSQL refuses to run as root, so
/// there it runs as the user postgres (or nobody), who then owns the folder.
/// </summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private const string SetPriv = "/usr/bin/setpriv";
    private static readonly string? Programs = FindPrograms();
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(60);

    private readonly string[] _settings;
    private Process? _process;

    private PrivatePostgres(string[] settings) => _settings = settings;

    public static bool IsInstalled => Programs is not null;

    public const string NotInstalled = "PostgreSQL is not installed (apt-get install postgresql)";

    public const string User = "edgegate";

    public int Port { get; } = FreeTcpPort.Take();

    /// <summary>Data, and the socket: a host name for clients.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("edgegate-postgres-").FullName;

    /// <summary>Of the postmaster, while it runs.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("PostgreSQL is not running");

    public string ConnectionString(string database = "postgres") => $"Host={Folder};Port={Port};Username={User};Database={database};Timeout=60";

    /// <param name="settings">As <c>name=value</c>, beside what suits a test; data are flushed (fsync) unless they say otherwise.</param>
    public static async Task<PrivatePostgres> StartAsync(params string[] settings)
    {
        var postgres = new PrivatePostgres(settings);
        if (Environment.UserName is "root")
            await RunAsync("chown", Owner, postgres.Folder);
        await RunAsync("/usr/bin/env", [.. AsOwner, Path.Combine(Programs ?? throw new InvalidOperationException(NotInstalled), "initdb"),
            "--pgdata", postgres.Data, "--username", User, "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"]);
        await postgres.RestartAsync();
        return postgres;
    }

    /// <summary>Starts it on the same data and waits until it answers; after a kill it first recovers from its write-ahead log.</summary>
    public async Task RestartAsync()
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Start();
            while (!_process!.HasExited && !await AnswersAsync())
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            if (!_process.HasExited)
                return;
            // Children of a killed postmaster hold its shared memory until they notice.
            if (TimeProvider.System.GetElapsedTime(since) > StartsWithin)
                throw new InvalidOperationException($"PostgreSQL did not start; see {Path.Combine(Folder, "log")}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    /// <summary>SIGKILL to the postmaster: no checkpoint, no goodbye; its children end when they notice.</summary>
    public void Kill()
    {
        if (_process is null)
            return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await RunAsync("kill", "-INT", $"{_process.Id}"); // "fast" shutdown
            await _process.WaitForExitAsync();
        }
        _process?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private string Data => Path.Combine(Folder, "data");

    private static string Owner => File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";

    /// <summary>Before a program and its arguments. setpriv becomes the program: the process number stays.</summary>
    private static string[] AsOwner => Environment.UserName is "root" ? [SetPriv, "--reuid", Owner, "--clear-groups", "--"] : [];

    private void Start()
    {
        _process?.Dispose();
        string[] settings =
        [
            $"listen_addresses=127.0.0.1", $"port={Port}", $"unix_socket_directories={Folder}", "logging_collector=off", "log_min_messages=warning",
            .. _settings,
        ];
        var start = new ProcessStartInfo("/bin/sh",
        [
            "-c", "exec \"$@\" >>\"$0\" 2>&1", Path.Combine(Folder, "log"),
            .. AsOwner, Path.Combine(Programs!, "postgres"), "-D", Data, .. settings.SelectMany(setting => new[] { "-c", setting }),
        ])
        { UseShellExecute = false };
        _process = Process.Start(start)!;
    }

    private async Task<bool> AnswersAsync()
    {
        // A server that is still recovering takes the connection and refuses: only pg_isready tells.
        using var ready = Process.Start(new ProcessStartInfo(Path.Combine(Programs!, "pg_isready"), ["-q", "-h", Folder, "-p", $"{Port}"]) { UseShellExecute = false })!;
        await ready.WaitForExitAsync();
        return ready.ExitCode == 0;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        })!;
        var said = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{Path.GetFileName(program)} {string.Join(' ', arguments)}: {await said}");
    }

    private static string? FindPrograms() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")).FirstOrDefault(bin => File.Exists(Path.Combine(bin, "postgres")))
            : null;
}
