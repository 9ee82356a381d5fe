using System.Globalization;
using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Demo;
using Xunit.Abstractions;

namespace EdgeGate.SystemTests.Soak;

/// <summary>
/// People without end, and something breaks every few seconds. After each chapter three sets must agree: what the portal was
/// told, what the journal holds, what a receiver at the broker has. Short in every test run; <c>./dev soak</c> makes it long.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output) : SystemTest(output, new DemoOptions
{
    MeasuresTemperature = false,
    PortalTakesText = true,
    CenterGivesReceipts = true,
})
{
    private const int FaultsPerChapter = 8;
    private static readonly TimeSpan Minutes = TimeSpan.FromMinutes(double.Parse(Environment.GetEnvironmentVariable("SOAK_MINUTES") ?? "0.3", CultureInfo.InvariantCulture));
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("SOAK_SEED") ?? "1", CultureInfo.InvariantCulture);

    private readonly Random _random = new(Seed);
    private readonly Dictionary<string, int> _faults = [];
    private readonly List<TimeSpan> _recoveries = [];
    private int _next;

    [SkippableFact]
    public async Task Whatever_breaks_nothing_is_lost_nothing_contradicts_and_no_opening_is_without_its_record()
    {
        await using var receiver = new ReferenceReceiver(Site.Broker.Port, DemoSite.Topics, TimeProvider.System);
        await receiver.StartAsync();
        using var enough = new CancellationTokenSource();
        var people = ComeAsync(enough.Token);
        var began = TimeProvider.System.GetTimestamp();
        do
        {
            for (var fault = 0; fault < FaultsPerChapter; fault++)
            {
                await PauseAsync(_random.Next(200, 2200));
                await BreakSomethingAsync();
            }
            await SettleAsync(receiver);
            await CompareAsync(receiver);
        }
        while (TimeProvider.System.GetElapsedTime(began) < Minutes);
        await enough.CancelAsync();
        await people;
        Report(Summary(receiver, TimeProvider.System.GetElapsedTime(began)));
    }

    /// <summary>Twenty a second, each with a pass of their own; nobody waits for the gate.</summary>
    private async Task ComeAsync(CancellationToken enough)
    {
        Site.Lane.ScannerIsFast = true;
        while (!enough.IsCancellationRequested)
        {
            await Site.Lane.ScanAsync($"EDGE-PASS-{Interlocked.Increment(ref _next):000000}", CancellationToken.None);
            await PauseAsync(50);
        }
    }

    private async Task BreakSomethingAsync()
    {
        var kind = _random.Next(100) switch
        {
            < 72 => "gate killed",
            < 82 => "broker killed and its memory lost",
            < 91 => "broker frozen",
            _ => "broker restarted",
        };
        _faults[kind] = _faults.GetValueOrDefault(kind) + 1;
        switch (kind)
        {
            case "gate killed":
                await Site.Process.KillAsync();
                await RestartGateAsync();
                break;
            case "broker killed and its memory lost":
                await Site.Broker.LoseMemoryAsync();
                await PauseAsync(_random.Next(0, 1500));
                await Site.Broker.StartAsync(CancellationToken.None);
                break;
            case "broker frozen":
                await Site.Broker.FreezeAsync();
                await PauseAsync(_random.Next(200, 2000));
                await Site.Broker.ThawAsync();
                break;
            default:
                await Site.Broker.StopAsync();
                await PauseAsync(_random.Next(0, 1000));
                await Site.Broker.StartAsync(CancellationToken.None);
                break;
        }
    }

    /// <summary>Recovered means: somebody was let through again.</summary>
    private async Task RestartGateAsync()
    {
        var openings = Site.Lane.Openings.Count;
        var since = TimeProvider.System.GetTimestamp();
        Site.Process.Start();
        while (Site.Lane.Openings.Count == openings)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(60), "nobody was let through within a minute of the restart");
            await PauseAsync(10);
        }
        _recoveries.Add(TimeProvider.System.GetElapsedTime(since));
    }

    /// <summary>Nothing breaks until the receiver has everything that was made before.</summary>
    private async Task SettleAsync(ReferenceReceiver receiver)
    {
        var made = 0L;
        await Site.WaitUntilAsync(
            health =>
            {
                if (made == 0)
                    made = health.GetProperty("journal").GetProperty("last").GetInt64();
                return receiver.UpTo >= made && health.GetProperty("journal").GetProperty("acknowledgedUpTo").GetInt64() >= made;
            },
            TimeSpan.FromMinutes(2),
            CancellationToken.None);
    }

    private async Task CompareAsync(ReferenceReceiver receiver)
    {
        Assert.Equal(0, receiver.Contradictions);
        var told = Site.Lane.Openings.ToArray(); // before the journal is read: every one of these must be in it
        var persons = new PersonKeys(Convert.FromBase64String(await File.ReadAllTextAsync(Path.Combine(Root, "site", "data", "keys", "site.key"))));
        using var reader = JournalReader.Open(Site.JournalDirectory);
        var granted = new HashSet<string>();
        var expected = 1L;
        await foreach (var record in reader.ReadAllAsync(1))
        {
            Assert.Equal(expected++, record.Sequence);
            if (record.Sequence <= receiver.UpTo)
                Assert.True(record.Payload.Span.SequenceEqual(receiver[record.Sequence]), $"record {record.Sequence} arrived as another one");
            using var json = JsonDocument.Parse(record.Payload);
            var data = json.RootElement.GetProperty("data");
            if (json.RootElement.GetProperty("type").GetString() == DecidedRecord.Type && data.GetProperty("outcome").GetString() == "granted")
                granted.Add(data.GetProperty("person").GetString()!);
        }
        Assert.All(told, opening => Assert.Contains(persons.KeyOf("code", opening.Credential!), granted));
    }

    private string Summary(ReferenceReceiver receiver, TimeSpan took)
    {
        var recovered = _recoveries.Order().ToArray();
        return $"""
            {took.TotalMinutes:0.0} minutes, seed {Seed}: {string.Join(", ", _faults.OrderBy(fault => fault.Key, StringComparer.Ordinal).Select(fault => $"{fault.Value} × {fault.Key}"))}
            {receiver.UpTo} records received, {Site.Lane.Openings.Count} openings; lost 0, contradicting 0, opened without record 0; delivered again {receiver.Doubled}
            from a restart to the next person let through: p50 {recovered[recovered.Length / 2].TotalSeconds:0.00} s, p99 {recovered[recovered.Length * 99 / 100].TotalSeconds:0.00} s
            """;
    }

    private static Task PauseAsync(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System);
}
