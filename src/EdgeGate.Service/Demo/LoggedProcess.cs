using System.Diagnostics;

namespace EdgeGate.Service.Demo;

/// <summary>A part of the site as a process of its own, so that it can be killed without mercy and started again. What it says goes to its log.</summary>
internal sealed class LoggedProcess(string logFile, TimeProvider time, string program, params string[] arguments) : IAsyncDisposable
{
    private readonly Lock _log = new();
    private Process? _process;
    private Task _logging = Task.CompletedTask;

    /// <summary>Each line it logs.</summary>
    public event Action<string>? Logged;

    public int Id => _process?.Id ?? throw new InvalidOperationException($"{program} is not running");

    /// <summary>Taken at the next start.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public bool IsRunning => _process is { HasExited: false };

    public void Start()
    {
        _process = Children.Start(Environment, program, arguments);
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
}
