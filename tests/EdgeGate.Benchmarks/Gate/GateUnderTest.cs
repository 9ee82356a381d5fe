using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Benchmarks.Gate;

/// <summary>
/// The whole service as its own process, by its ordinary settings: one line scanner, a portal that takes text, 200 credential groups with times of
/// day of which the last one matches, a broker. This program plays the scanner and the portal on pseudo-terminals.
/// </summary>
internal sealed class GateUnderTest : IAsyncDisposable
{
    private const int Groups = 200;
    private readonly PseudoTerminal _scanner = PseudoTerminal.Open();
    private readonly PseudoTerminal _portal = PseudoTerminal.Open();
    private readonly ConcurrentDictionary<string, long> _opened = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly string _settings;
    private readonly TimeProvider _time;
    private readonly Task _listening;
    private Process? _process;
    private TaskCompletionSource _openedOne = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _shown;

    /// <param name="data">The gate's data directory; it may hold a journal already.</param>
    public GateUnderTest(TemporaryFolder folder, string data, int brokerPort, TimeProvider time)
    {
        _settings = folder.Sub("gate.json");
        _time = time;
        var groups = Enumerable.Range(0, Groups - 1).Select(i => $$"""{ "name": "group-{{i}}", "prefix": "FF{{i:X2}}", "from": "06:00", "to": "21:00" }""");
        File.WriteAllText(
            _settings,
            $$"""
            {
              "site": "bench", "gate": "gate-1", "dataDirectory": "{{data}}",
              "web": { "address": "http://127.0.0.1:{{FreePort()}}" },
              "lanes": [{ "id": "lane-1", "direction": "entry", "evidence": ["identity"],
              "readers": [{ "id": "scanner", "kind": "line-scanner", "port": "{{_scanner.HostPath}}" }],
              "portal": { "id": "portal", "kind": "text", "port": "{{_portal.HostPath}}" } }],
              "rules": { "credentialGroups": [{{string.Join(", ", groups)}}, { "name": "everybody", "prefix": "04" }] },
              "broker": { "host": "127.0.0.1", "port": {{brokerPort}} },
            }
            """);
        _listening = Task.Run(ListenAsync, CancellationToken.None);
    }

    public int ProcessId => _process!.Id;

    /// <summary>When the portal was told to open for this code; null when it was not.</summary>
    public long? OpenedAt(string code) => _opened.TryGetValue(code, out var at) ? at : null;

    public void Start() => _process = PublishedGate.Start(_settings);

    /// <summary>Shows a code that was never shown before. Returns it.</summary>
    public async ValueTask<string> ShowAsync(CancellationToken cancellationToken)
    {
        var code = $"04A2{Interlocked.Increment(ref _shown):X10}";
        await _scanner.WriteAsync(Encoding.ASCII.GetBytes(code + "\n"), cancellationToken);
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

    public async Task StopAsync()
    {
        if (_process is null)
            return;
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
