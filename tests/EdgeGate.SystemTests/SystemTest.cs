using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Service.Demo;
using Xunit.Abstractions;

[assembly: CollectionBehavior(MaxParallelThreads = 4)] // more than cores: mostly they wait, for brokers, devices and pages

namespace EdgeGate.SystemTests;

/// <summary>
/// A site of real processes in a directory of its own: mosquitto, mosquitto_sub, the gate, devices on pseudo-terminals. Only
/// here does real time pass.
/// </summary>
public abstract class SystemTest : IAsyncLifetime
{
    /// <summary>Waiting for what must happen: only a hang takes so long, on however busy a machine.</summary>
    private protected static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Program of the gates that are processes: a published one (<c>./dev soak</c> names it), or null for the one just built.</summary>
    private protected static readonly string? GateProgram = Environment.GetEnvironmentVariable("GATE_PROGRAM");

    private readonly ITestOutputHelper _output;
    private protected readonly string Root = Directory.CreateTempSubdirectory("edgegate-test-").FullName;

    protected SystemTest(ITestOutputHelper output) : this(output, new DemoOptions()) { }

    private protected SystemTest(ITestOutputHelper output, DemoOptions options)
    {
        _output = output;
        Site = new DemoSite(Path.Combine(Root, "site"), options with { GateProgram = GateProgram }, TimeProvider.System);
    }

    private protected DemoSite Site { get; }

    public virtual async Task InitializeAsync()
    {
        Skip.IfNot(File.Exists("/usr/sbin/mosquitto") && File.Exists("/usr/bin/mosquitto_sub"), "mosquitto is not installed: ./dev test installs it");
        await Site.StartAsync(CancellationToken.None);
    }

    public virtual async Task DisposeAsync()
    {
        await Site.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }

    /// <summary>Measured, not judged: a noisy machine must not turn a test red.</summary>
    private protected void Report(string what) => _output.WriteLine(what);

    /// <summary>Lets people pass one after the other until told to stop; returns how many came.</summary>
    private protected async Task<int> PassAsync(int people, int seed = 0)
    {
        foreach (var visitor in Visitor.Crowd(seed).Take(people))
            await Site.MakeAsync(visitor, CancellationToken.None);
        return people;
    }

    private protected async Task<IReadOnlyList<JsonElement>> JournalAsync()
    {
        using var reader = JournalReader.Open(Site.JournalDirectory);
        var records = new List<JsonElement>();
        await foreach (var record in reader.ReadAllAsync(1))
            records.Add(JsonDocument.Parse(record.Payload).RootElement);
        return records;
    }

    private protected async Task<JsonElement> HealthAsync() =>
        await Site.HealthAsync(CancellationToken.None) ?? throw new InvalidOperationException("the gate does not answer");

    private protected async Task<JsonElement> DeviceAsync(string id) =>
        (await HealthAsync()).GetProperty("devices").EnumerateArray().Single(device => device.GetProperty("deviceId").GetString() == id);
}
