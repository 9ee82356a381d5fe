using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Benchmarks.Gate;

/// <summary>A program as its own process; this one plays the scanner and the portal on pseudo-terminals.</summary>
internal sealed class GateUnderTest : IAsyncDisposable
{
    public const string CodePrefix = "04A2";
    public const int CodeLength = 14;
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly GateProgram _program;
    private readonly PseudoTerminal _scanner = PseudoTerminal.Open();
    private readonly PseudoTerminal _portal = PseudoTerminal.Open();
    private readonly ConcurrentDictionary<string, long> _opened = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly ProcessStartInfo _start;
    private readonly TimeProvider _time;
    private readonly Task _listening;
    private Process? _process;
    private TaskCompletionSource _openedOne = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _shown;

    public GateUnderTest(GateProgram program, TemporaryFolder folder, int brokerPort, TimeProvider time)
    {
        (_program, _time) = (program, time);
        Surroundings = new GateSurroundings(_scanner.HostPath, _portal.HostPath, brokerPort, folder.Path);
        _start = program.Prepare(Surroundings);
        _listening = Task.Run(ListenAsync, CancellationToken.None);
    }

    public GateSurroundings Surroundings { get; }

    public int ProcessId => _process!.Id;

    /// <summary>When the portal was told to open for this code; null when it was not.</summary>
    public long? OpenedAt(string code) => _opened.TryGetValue(code, out var at) ? at : null;

    public void Start() => _process = Process.Start(_start)!;

    /// <summary>Shows a new code each 20 ms until one opens.</summary>
    /// <exception cref="TimeoutException">None did.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var begun = _time.GetTimestamp();
        while (_time.GetElapsedTime(begun) < Patience)
        {
            if (await WaitForOpenAsync(await ShowAsync(cancellationToken), TimeSpan.FromMilliseconds(20), cancellationToken))
                return;
        }
        throw new TimeoutException($"{_program.Name} does not open: {await File.ReadAllTextAsync(GateProgram.LogOf(Surroundings), cancellationToken)}");
    }

    /// <summary>Shows a code that was never shown before. Returns it.</summary>
    public async ValueTask<string> ShowAsync(CancellationToken cancellationToken)
    {
        var code = $"{CodePrefix}{Interlocked.Increment(ref _shown):X10}";
        await _scanner.WriteAsync(Encoding.ASCII.GetBytes(_program.ScanOf(code) + "\n"), cancellationToken);
        return code;
    }

    /// <summary>False when the portal was not told to open within the time.</summary>
    public async Task<bool> WaitForOpenAsync(string code, TimeSpan within, CancellationToken cancellationToken)
    {
        var asked = _time.GetTimestamp();
        while (true)
        {
            var next = Volatile.Read(ref _openedOne).Task;
            if (_opened.ContainsKey(code))
                return true;
            var left = within - _time.GetElapsedTime(asked);
            if (left <= TimeSpan.Zero)
                return false;
            await Task.WhenAny(next, Task.Delay(left, _time, cancellationToken));
        }
    }

    public Task StopAsync() => EndAsync("TERM");

    /// <summary>No goodbye, nothing saved.</summary>
    public Task KillAsync() => EndAsync("KILL");

    private async Task EndAsync(string signal)
    {
        if (_process is null)
            return;
        using (var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]))
            await kill.WaitForExitAsync(CancellationToken.None);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _ended.CancelAsync();
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _scanner.DisposeAsync();
        await _portal.DisposeAsync();
        _ended.Dispose();
    }

    private async Task ListenAsync()
    {
        while (true)
        {
            var heard = await _portal.Input.ReadAsync(_ended.Token);
            var now = _time.GetTimestamp();
            var buffer = heard.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                _opened.TryAdd(Encoding.ASCII.GetString(buffer.Slice(0, end)).Split(' ')[^1], now);
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }
            _portal.Input.AdvanceTo(buffer.Start, buffer.End);
            Interlocked.Exchange(ref _openedOne, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }
}
