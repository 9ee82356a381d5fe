using System.Diagnostics;

namespace EdgeGate.Service.Demo;

/// <summary>The gate itself, as its own process, so that it can be killed without mercy and started again.</summary>
internal sealed class GateProcess(string settingsFile, string logFile, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _log = new();
    private Process? _process;
    private Task _logging = Task.CompletedTask;

    /// <summary>Each line the gate logs.</summary>
    public event Action<string>? Logged;

    public int Id => _process?.Id ?? throw new InvalidOperationException("the gate is not running");

    /// <summary>Taken at the next start.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public bool IsRunning => _process is { HasExited: false };

    public void Start()
    {
        _process = Children.Start(
            Environment, DotnetHost(), typeof(GateProcess).Assembly.Location, "run", "--settings", settingsFile);
        _logging = Task.WhenAll(LogAsync(_process.StandardOutput), LogAsync(_process.StandardError));
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await EndedAsync();
    }

    /// <summary>An orderly stop.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        await Children.StopAsync(_process, patience: TimeSpan.FromSeconds(15), time);
        await EndedAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task EndedAsync()
    {
        await _process!.WaitForExitAsync();
        await _logging;
        _process.Dispose();
        _process = null;
    }

    private async Task LogAsync(StreamReader lines)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            lock (_log)
                File.AppendAllText(logFile, line + '\n');
            Logged?.Invoke(line);
        }
    }

    private static string DotnetHost() =>
        System.Environment.ProcessPath is { } self && Path.GetFileName(self) == "dotnet" ? self
            : System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
}
