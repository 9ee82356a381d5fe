using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EdgeGate.Center.Tests.Fleet;

/// <summary>A center as a process of its own, so that it can be killed without mercy.</summary>
internal sealed class CenterProcess(string settingsFile, string logFile) : IAsyncDisposable
{
    private Process? _process;

    public bool IsRunning => _process is { HasExited: false };

    public Process Process => _process ?? throw new InvalidOperationException("the center is not running");

    public void Start()
    {
        var host = Environment.ProcessPath is { } self && Path.GetFileName(self) == "dotnet" ? self : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        _process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", logFile, host, typeof(CenterHost).Assembly.Location, "run", "--config", settingsFile])
        {
            UseShellExecute = false,
        })!;
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    public async Task StopAsync()
    {
        if (!IsRunning)
            return;
        using var term = Process.Start("kill", ["-TERM", $"{_process!.Id}"]);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
    }

    /// <summary>Below those that the system gives to outgoing connections: while a center is down, one of these could take its port, and the center would find it used.</summary>
    public static int FreePort()
    {
        while (true)
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
                probe.Start();
                return ((IPEndPoint)probe.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // somebody's: another
            }
        }
    }

    public static async Task<string> WriteSettingsAsync(string folder, string instance, Testing.PrivatePostgres postgres, string database, int brokerPort, int webPort, string more = "", string brokerMore = "")
    {
        var file = Path.Combine(folder, instance + ".json");
        await File.WriteAllTextAsync(file,
            $$"""
            {
              "instance": "{{instance}}",
              "database": { "host": "{{postgres.Folder}}", "port": {{postgres.Port}}, "name": "{{database}}", "user": "{{Testing.PrivatePostgres.User}}" },
              "broker": { "host": "127.0.0.1", "port": {{brokerPort}}{{brokerMore}} },
              "web": { "address": "http://127.0.0.1:{{webPort}}" },
              {{more}}
            }
            """);
        return file;
    }
}
