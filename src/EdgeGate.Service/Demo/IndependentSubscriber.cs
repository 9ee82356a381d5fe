using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace EdgeGate.Service.Demo;

/// <summary>
/// What somebody at the broker sees who shares no code with the gate: mosquitto_sub, one line a message, with a lasting
/// session so that a broker restart loses it nothing.
/// </summary>
internal sealed class IndependentSubscriber(int port, IReadOnlyList<string> filters) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _timesSeen = new();
    private readonly ConcurrentQueue<long> _order = new();
    private Process? _process;
    private Task _reading = Task.CompletedTask;

    /// <summary>Distinct records, by id.</summary>
    public int Received => _timesSeen.Count;

    /// <summary>Deliveries beyond the first of each id: QoS 1 allows them, the id tells them apart.</summary>
    public int Doubled => _timesSeen.Values.Sum(times => times - 1);

    /// <summary>Sequence numbers in the order of their first arrival.</summary>
    public IReadOnlyCollection<long> Order => _order;

    public void Start()
    {
        _process = Children.Start(
            "/usr/bin/mosquitto_sub",
            ["-h", "127.0.0.1", "-p", port.ToString(), "-q", "1", "-c", "-i", "independent-subscriber", .. filters.SelectMany(filter => new[] { "-t", filter }), "-F", "%p"]);
        _reading = ReadAsync(_process.StandardOutput);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader lines)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            using var record = JsonDocument.Parse(line);
            var first = _timesSeen.AddOrUpdate(record.RootElement.GetProperty("id").GetString()!, 1, (_, times) => times + 1) == 1;
            if (first)
                _order.Enqueue(long.Parse(record.RootElement.GetProperty("sequence").GetString()!));
        }
    }
}
