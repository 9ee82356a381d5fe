using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using EdgeGate.Messages.Records;

namespace EdgeGate.Service.Demo;

/// <summary>
/// What somebody at the broker sees who shares no code with the gate: mosquitto_sub, one line a message, with a lasting
/// session so that a broker restart loses it nothing.
/// </summary>
internal sealed class IndependentSubscriber(int port, IReadOnlyList<string> filters) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _timesSeen = new();
    private readonly ConcurrentQueue<long> _order = new();
    private long _lastGrant, _lastPassage;
    private Process? _process;
    private Task _reading = Task.CompletedTask;

    /// <summary>Distinct records, by id.</summary>
    public int Received => _timesSeen.Count;

    /// <summary>Deliveries beyond the first of each id: QoS 1 allows them, the id tells them apart.</summary>
    public int Doubled => _timesSeen.Values.Sum(times => times - 1);

    /// <summary>Sequence numbers in the order of their first arrival.</summary>
    public IReadOnlyCollection<long> Order => _order;

    /// <summary>Somebody was granted passage, and what came of it has not arrived: that record follows the opening, and no face of the kiosk tells of it.</summary>
    public bool AwaitsPassage => Volatile.Read(ref _lastPassage) < Volatile.Read(ref _lastGrant);

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
            using var json = JsonDocument.Parse(line);
            var record = json.RootElement;
            var first = _timesSeen.AddOrUpdate(record.GetProperty("id").GetString()!, 1, (_, times) => times + 1) == 1;
            if (first)
                Take(record, long.Parse(record.GetProperty("sequence").GetString()!));
        }
    }

    private void Take(JsonElement record, long sequence)
    {
        var (type, data) = (record.GetProperty("type").GetString(), record.GetProperty("data"));
        if (type == DecidedRecord.Type && data.GetProperty("outcome").GetString() == "granted")
            Volatile.Write(ref _lastGrant, Math.Max(_lastGrant, sequence));
        if (type == PassageRecord.Type)
            Volatile.Write(ref _lastPassage, Math.Max(_lastPassage, data.GetProperty("decision").GetInt64()));
        _order.Enqueue(sequence);
    }
}
