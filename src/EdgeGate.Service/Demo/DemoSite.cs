using System.Text.Json;
using EdgeGate.Messages;

namespace EdgeGate.Service.Demo;

/// <summary>
/// A whole site on one machine: a broker, a subscriber that shares no code with the gate, devices on pseudo-terminals, and the
/// gate as a process of its own. The demo shows it; the system tests break it.
/// </summary>
internal sealed class DemoSite : IAsyncDisposable
{
    private const string Site = "demo-estate", Gate = "north-1";
    private readonly string _directory;
    private readonly HttpClient _http = new();
    private readonly TimeProvider _time;

    /// <param name="directory">Holds everything; what an earlier run left in its journal goes on.</param>
    /// <param name="webPort">For the kiosk; null for any free one.</param>
    public DemoSite(string directory, TimeProvider time, int? webPort = null, TimeSpan? resultShownFor = null)
    {
        (_directory, _time) = (Path.GetFullPath(directory), time);
        Address = new Uri($"http://localhost:{webPort ?? Children.FreePort()}");
        Directory.CreateDirectory(_directory);
        Broker = new PrivateBroker(Path.Combine(_directory, "broker"), time);
        var topics = new GateTopics(Site, Gate);
        Subscriber = new IndependentSubscriber(Broker.Port, [topics.Passages, topics.Backlog]);
        Lane = new SimulatedLane(Path.Combine(_directory, "dev"), time);
        Process = new GateProcess(SettingsFile, Path.Combine(_directory, "gate.log"), time);
        Eyes = new KioskEyes(Address, time);
        File.WriteAllText(SettingsFile, SettingsText(resultShownFor ?? TimeSpan.FromSeconds(2)));
        File.WriteAllText(Path.Combine(_directory, "gate.schema.json"), Settings.SettingsSchema.Create());
    }

    public Uri Address { get; }
    public string SettingsFile => Path.Combine(_directory, "gate.json");
    public string JournalDirectory => Path.Combine(_directory, "data", "journal");
    public PrivateBroker Broker { get; }
    public IndependentSubscriber Subscriber { get; }
    public SimulatedLane Lane { get; }
    public GateProcess Process { get; }
    public KioskEyes Eyes { get; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Broker.StartAsync(cancellationToken);
        Subscriber.Start();
        Lane.PlugEverythingIn();
        Process.Start();
        Eyes.Open();
        await WaitUntilAsync(health => health.GetProperty("status").GetString() == "ok", TimeSpan.FromSeconds(30), cancellationToken);
    }

    /// <summary>Waits until the gate's own health page says so.</summary>
    /// <exception cref="TimeoutException">It did not within the time; the message holds the last answer.</exception>
    public async Task WaitUntilAsync(Func<JsonElement, bool> says, TimeSpan within, CancellationToken cancellationToken)
    {
        var since = _time.GetTimestamp();
        var last = "no answer";
        while (_time.GetElapsedTime(since) < within)
        {
            if (await HealthAsync(cancellationToken) is { } health)
            {
                if (says(health))
                    return;
                last = health.ToString();
            }
            await Task.Delay(TimeSpan.FromMilliseconds(25), _time, cancellationToken);
        }
        throw new TimeoutException($"the gate did not get there within {within.TotalSeconds} s; it last said: {last}");
    }

    /// <summary>Null while the gate does not answer.</summary>
    public async Task<JsonElement?> HealthAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(Address, "/health"), cancellationToken);
            return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken)).RootElement;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Everything made so far is acknowledged, and the subscriber has it.</summary>
    public async Task WaitUntilAllArrivedAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        var made = 0L;
        await WaitUntilAsync(
            health =>
            {
                var journal = health.GetProperty("journal");
                made = journal.GetProperty("last").GetInt64();
                return journal.GetProperty("acknowledgedUpTo").GetInt64() == made && Subscriber.Received >= made;
            },
            within,
            cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Eyes.DisposeAsync();
        await Process.DisposeAsync();
        await Lane.DisposeAsync();
        await Subscriber.DisposeAsync();
        await Broker.DisposeAsync();
        _http.Dispose();
    }

    private string SettingsText(TimeSpan resultShownFor) =>
        $$"""
        // A gate with pretend devices; written anew by every demo.
        {
          "$schema": "./gate.schema.json",
          "site": "{{Site}}",
          "gate": "{{Gate}}",
          "dataDirectory": "{{Path.Combine(_directory, "data")}}",
          "web": { "address": "{{Address}}" },
          "lane": { "direction": "entry", "evidence": ["identity", "temperature"], "resultShownFor": "{{resultShownFor}}" },
          "readers": [
            { "id": "id-card-reader", "kind": "sam-v", "port": "{{Lane.CardReaderPort}}" },
            { "id": "scanner", "kind": "line-scanner", "port": "{{Lane.ScannerPort}}" },
          ],
          "thermometer": { "id": "thermometer", "kind": "gy-mcu90614", "port": "{{Lane.ThermometerPort}}" },
          "portal": { "id": "portal", "kind": "lcus-1", "port": "{{Lane.PortalPort}}", "pulse": "00:00:00.3" },
          "rules": { "credentialGroups": [{ "name": "paper-passes", "prefix": "EDGE-PASS-" }] },
          "broker": { "host": "127.0.0.1", "port": {{Broker.Port}} },
        }
        """;
}
