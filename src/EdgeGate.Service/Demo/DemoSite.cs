using System.Text.Json;
using EdgeGate.Devices.Ports;
using EdgeGate.Messages;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost;
using EdgeGate.Service.GuardPost.Guards;

namespace EdgeGate.Service.Demo;

/// <summary>
/// A whole site on one machine: a broker, a subscriber that shares no code with the gate, devices on pseudo-terminals, and the
/// gate as a process of its own. The demo shows it; the system tests break it.
/// </summary>
internal sealed class DemoSite : IAsyncDisposable
{
    public const string CommandKeyId = "demo";
    private const string Site = "demo-estate", Gate = "north-1";
    private readonly string _directory;
    private readonly DemoOptions _options;
    private readonly HttpClient _http = new();
    private readonly TimeProvider _time;

    /// <param name="directory">Holds everything; what an earlier run left in its journal goes on.</param>
    public DemoSite(string directory, DemoOptions options, TimeProvider time)
    {
        (_directory, _options, _time) = (Path.GetFullPath(directory), options, time);
        Address = new Uri($"http://localhost:{options.WebPort ?? FreeTcpPort.Take()}");
        Directory.CreateDirectory(_directory);
        Broker = new PrivateBroker(Path.Combine(_directory, "broker"), time);
        Wire = new CutWire(Broker.Port);
        Subscriber = new IndependentSubscriber(Broker.Port, [Topics.Passages, Topics.Backlog]);
        Lane = new SimulatedLane(Path.Combine(_directory, "dev"), options.PortalTakesText, time);
        var gate = Children.GateProgram(options.GateProgram);
        Process = new LoggedProcess(Path.Combine(_directory, "gate.log"), time, gate[0], [.. gate[1..], "run", "--settings", SettingsFile]);
        Eyes = new KioskEyes(Address, time);
        if (options.CenterProgram is { } program)
            Center = new DemoCenter(_directory, program, Broker.Port, Path.Combine(DataDirectory, "keys", "site.key"), time);
        File.WriteAllText(Path.Combine(_directory, "gate.schema.json"), Settings.SettingsSchema.Create());
    }

    public static GateTopics Topics { get; } = new(Site, Gate);

    /// <summary>An account of the guard post for whoever looks at the demo; its PIN is another at every start.</summary>
    public string AddGuard(string id, GuardRole role)
    {
        var pin = GuardSecret.NewPin(role);
        new GuardBook(GuardPostSetup.GuardFileIn(DataDirectory)).Put(new Guard(id, role, SecretHash.Of(pin), Guid.NewGuid()));
        return pin;
    }

    public Uri Address { get; }
    public string SettingsFile => Path.Combine(_directory, "gate.json");
    public string DataDirectory => Path.Combine(_directory, "data");
    public string JournalDirectory => Path.Combine(DataDirectory, "journal");

    /// <summary>The last number an earlier run in the same directory has given.</summary>
    public long RecordsBefore { get; private set; }
    public PrivateBroker Broker { get; }

    /// <summary>Null where the gate asks for no health codes, and before the start.</summary>
    public SimulatedHealthOffice? HealthOffice { get; private set; }

    /// <summary>Null where no center takes the records, or it is not the demo's.</summary>
    public DemoCenter? Center { get; }

    /// <summary>From the gate to the broker.</summary>
    public CutWire Wire { get; }
    public IndependentSubscriber Subscriber { get; }
    public SimulatedLane Lane { get; }
    public LoggedProcess Process { get; }
    public KioskEyes Eyes { get; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Broker.StartAsync(cancellationToken);
        if (Center is not null)
            await Center.StartAsync(Site, Gate, cancellationToken);
        if (_options.ChecksHealthCodes)
            HealthOffice = await SimulatedHealthOffice.OpenAsync(Path.Combine(_directory, "health-office"), _time, cancellationToken);
        await File.WriteAllTextAsync(SettingsFile, SettingsText(), cancellationToken);
        Subscriber.Start();
        Lane.PlugEverythingIn();
        Process.Start();
        Eyes.Open();
        await WaitUntilAsync(
            health =>
            {
                RecordsBefore = health.GetProperty("journal").GetProperty("last").GetInt64();
                return health.GetProperty("status").GetString() == "ok";
            },
            TimeSpan.FromMinutes(2),
            cancellationToken);
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

    /// <summary>Everything made so far is acknowledged, and the subscriber has it; nobody is on the way through.</summary>
    public async Task WaitUntilAllArrivedAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        var made = 0L;
        await WaitUntilAsync(
            health =>
            {
                var journal = health.GetProperty("journal");
                made = journal.GetProperty("last").GetInt64();
                return journal.GetProperty("acknowledgedUpTo").GetInt64() == made && (made == RecordsBefore || Subscriber.Order.Contains(made))
                    && !Subscriber.AwaitsPassage;
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
        if (Center is not null)
            await Center.DisposeAsync();
        await Wire.DisposeAsync();
        await Broker.DisposeAsync();
        if (HealthOffice is not null)
            await HealthOffice.DisposeAsync();
        _http.Dispose();
    }

    private string Evidence => "\"identity\"" + (_options.MeasuresTemperature ? ", \"temperature\"" : "") + (_options.ChecksHealthCodes ? ", \"health-code\"" : "");

    private string HealthCodes => HealthOffice is not null ? JsonSerializer.Serialize(HealthOffice.Settings, Settings.SettingsJson.ShapeOf<Settings.HealthCodeSettings>())
        : _options.PassKeyFile is { } key ? $$"""{ "passKeyFiles": ["{{key}}"] }"""
        : "{}";

    private string Registers => _options.PassKeyFile is null ? "{}" : """{ "persons": ["passes"], "central": ["passes", "revoked-passes"] }""";

    private string SettingsText() =>
        $$"""
        // A gate with pretend devices; written anew by every demo.
        {
          "$schema": "./gate.schema.json",
          "site": "{{Site}}",
          "gate": "{{Gate}}",
          "dataDirectory": "{{DataDirectory}}",
          "web": { "address": "{{Address}}", "kiosk": { {{(_options.Speaks ? "\"voice\": { \"volume\": 70 }" : "")}} } },
          "lanes": [{
            "id": "lane-1",
            "direction": "entry",
            "evidence": [{{Evidence}}],
            "window": "{{_options.Window}}",
            "resultShownFor": "{{_options.ResultShownFor}}",
            "waitsForGuard": "00:00:01", // nobody pretends to be the guard
            "readers": [
              { "id": "id-card-reader", "kind": "sam-v", "port": "{{Lane.CardReaderPort}}" },
              { "id": "scanner", "kind": "line-scanner", "port": "{{Lane.ScannerPort}}" },
            ],
            "thermometer": { "id": "thermometer", "kind": "gy-mcu90614", "port": "{{Lane.ThermometerPort}}" },
            "portal": { "id": "portal", "port": "{{Lane.PortalPort}}", {{(_options.PortalTakesText ? "\"kind\": \"text\"" : "\"kind\": \"lcus-1\", \"pulse\": \"00:00:00.3\"")}} },
          }],
          "rules": { "credentialGroups": [{ "name": "paper-passes", "prefix": "EDGE-PASS-" }] },
          "healthCodes": {{HealthCodes}},
          "registers": {{Registers}},
          "rounds": { "places": [{ "id": "b3-lobby", "name": "3号楼大堂", "building": "3", "patrolEvery": "04:00:00", "disinfectionEvery": "1.00:00:00" }] },
          "deliveries": { "shelves": [{ "building": "3" }] },
          "broker": { "host": "127.0.0.1", "port": {{Wire.Port}}, "receipts": "{{(_options.CenterGivesReceipts || Center is not null ? "center" : "broker")}}", "receiptWithin": "00:00:05" },
          "commands": { "keys": [{{(_options.CommandKeyFile is { } key ? $$"""{ "id": "{{CommandKeyId}}", "publicKeyFile": "{{key}}" }""" : "")}}] },
        }
        """;
}

/// <summary>What kind of site it is.</summary>
internal sealed record DemoOptions
{
    /// <summary>For the kiosk; null for any free one.</summary>
    public int? WebPort { get; init; }

    /// <summary>The gate's program when it is not this one, such as the published one; null for this.</summary>
    public string? GateProgram { get; init; }
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);
    public TimeSpan ResultShownFor { get; init; } = TimeSpan.FromSeconds(0.5);
    public bool MeasuresTemperature { get; init; } = true;

    /// <summary>Where espeak-ng is, the kiosk has a voice; the browser that looks at the demo plays it after the first touch.</summary>
    public bool Speaks { get; init; }

    /// <summary>With a health office that certifies people and answers about them.</summary>
    public bool ChecksHealthCodes { get; init; }

    /// <summary>A portal that is told whom it opens for, so that openings can be compared with records one by one; otherwise a relay.</summary>
    public bool PortalTakesText { get; init; }

    /// <summary>The gate waits for receipts of a center that somebody else starts.</summary>
    public bool CenterGivesReceipts { get; init; }

    /// <summary>edgegate-center.dll; the site then has a center, with a database of its own, and the gate waits for its receipts. Null for none.</summary>
    public string? CenterProgram { get; init; }

    /// <summary>Public key (PEM) of a center whose passes the gate takes, and whose lists of them it follows; null for none.</summary>
    public string? PassKeyFile { get; init; }

    /// <summary>Public key (PEM) whose signed commands the gate obeys; null for a gate that takes none.</summary>
    public string? CommandKeyFile { get; init; }
}
