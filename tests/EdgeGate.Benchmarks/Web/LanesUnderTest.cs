using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Benchmarks.Web;

/// <summary>The whole service as its own process with several lanes, each with a scanner and a portal that this program plays on pseudo-terminals.</summary>
internal sealed class LanesUnderTest : IAsyncDisposable
{
    private readonly PseudoTerminal[] _scanners, _portals;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<DateTimeOffset>> _openings = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TimeProvider _time;
    private readonly Process _process;

    /// <param name="brokerPort">Of a broker on this machine; null for none.</param>
    public LanesUnderTest(TemporaryFolder folder, int lanes, TimeProvider time, int? brokerPort = null, bool withGuardPost = false)
    {
        _time = time;
        _scanners = [.. Enumerable.Range(0, lanes).Select(_ => PseudoTerminal.Open())];
        _portals = [.. Enumerable.Range(0, lanes).Select(_ => PseudoTerminal.Open())];
        Address = new Uri($"http://127.0.0.1:{FreeTcpPort.Take()}/");
        GuardPost = withGuardPost ? new Uri($"https://127.0.0.1:{FreeTcpPort.Take()}/") : null;
        var written = Enumerable.Range(0, lanes).Select(lane => $$"""
            { "id": "lane-{{lane}}", "direction": "entry", "evidence": ["identity"], "resultShownFor": "00:00:00.8",
              "readers": [{ "id": "scanner-{{lane}}", "kind": "line-scanner", "port": "{{_scanners[lane].HostPath}}" }],
              "portal": { "id": "portal-{{lane}}", "kind": "text", "port": "{{_portals[lane].HostPath}}" } }
            """);
        var settings = folder.Sub("gate.json");
        File.WriteAllText(settings, $$"""
            {
              "site": "bench", "gate": "gate-1", "dataDirectory": "{{folder.Sub("data")}}", "web": { "address": "{{Address}}"{{(withGuardPost ? $", \"guardPost\": {{ \"address\": \"{GuardPost}\" }}" : "")}} },
              "lanes": [{{string.Join(", ", written)}}],
              "rules": { "credentialGroups": [{ "name": "everybody", "prefix": "04" }] },
              {{(brokerPort is { } port ? $$"""
                  "broker": { "host": "127.0.0.1", "port": {{port}} },
                  """ : "")}}
            }
            """);
        foreach (var portal in _portals)
            _ = Task.Run(() => ListenAsync(portal), CancellationToken.None);
        _process = PublishedGate.Start(settings);
    }

    public Uri Address { get; }

    /// <summary>Where phones reach the guard post; null without one.</summary>
    public Uri? GuardPost { get; }

    public int Lanes => _scanners.Length;

    public int ProcessId => _process.Id;

    /// <summary>Shows a code that must never have been shown before.</summary>
    /// <returns>When its last byte was on the line, and when the lane's portal was told to open.</returns>
    /// <exception cref="TimeoutException">It was not.</exception>
    public async Task<(DateTimeOffset Shown, DateTimeOffset Opened)> PassAsync(int lane, string code, TimeSpan within, CancellationToken cancellationToken)
    {
        var opening = _openings.GetOrAdd(code, _ => new TaskCompletionSource<DateTimeOffset>(TaskCreationOptions.RunContinuationsAsynchronously));
        await _scanners[lane].WriteAsync(Encoding.ASCII.GetBytes(code + "\n"), cancellationToken);
        var shown = _time.GetUtcNow();
        try
        {
            return (shown, await opening.Task.WaitAsync(within, _time, cancellationToken));
        }
        finally
        {
            _openings.TryRemove(code, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            await kill.WaitForExitAsync(CancellationToken.None);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        await _ended.CancelAsync();
        foreach (var terminal in _scanners.Concat(_portals))
            await terminal.DisposeAsync();
        _ended.Dispose();
    }

    private async Task ListenAsync(PseudoTerminal portal)
    {
        using var reader = new StreamReader(portal.Input.AsStream(), Encoding.ASCII);
        try
        {
            while (await reader.ReadLineAsync(_ended.Token) is { } order)
            {
                if (_openings.TryGetValue(order.Split(' ')[^1], out var opening))
                    opening.TrySetResult(_time.GetUtcNow());
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
