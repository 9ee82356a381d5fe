using System.Globalization;
using System.Security.Cryptography;
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
    private static readonly TimeSpan Minutes = TimeSpan.FromMinutes(double.Parse(Environment.GetEnvironmentVariable("SOAK_MINUTES") ?? "0.3", CultureInfo.InvariantCulture));
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("SOAK_SEED") ?? "1", CultureInfo.InvariantCulture);

    private readonly Random _random = new(Seed);
    private readonly List<TimeSpan> _recoveries = [];
    private SmallDisk? _disk;
    private SettableClock? _clock;
    private int _next;
    private int _damagesSeen;

    /// <summary>Every record the journal was ever seen to hold, by its number.</summary>
    private readonly Dictionary<long, byte[]> _made = [];

    /// <summary>Numbers the gate ever declared void.</summary>
    private readonly HashSet<long> _void = [];

    public override async Task InitializeAsync()
    {
        _disk = await SmallDisk.TryMountAsync(Path.Combine(Root, "disk.img"), Site.DataDirectory, megabytes: 384);
        _clock = SettableClock.TryMake(Path.Combine(Root, "clock"));
        foreach (var (name, value) in _clock?.Environment ?? [])
            Site.Process.Environment[name] = value;
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        if (_disk is not null)
            await _disk.DisposeAsync(); // takes the place out of sight; the disk itself goes when the gate lets go of it
        await base.DisposeAsync();
    }

    [SkippableFact]
    public async Task Whatever_breaks_nothing_is_lost_nothing_contradicts_and_no_opening_is_without_its_record()
    {
        await using var receiver = new ReferenceReceiver(Site.Broker.Port, DemoSite.Topics, await GateKeyAsync(), TimeProvider.System);
        await receiver.StartAsync();
        var faults = new Faults(Site, _random, _disk, _clock, RestartGateAsync, beforeDamage: LookAtCopyAsync);
        using var enough = new CancellationTokenSource();
        var people = ComeAsync(enough.Token);
        var began = TimeProvider.System.GetTimestamp();
        do
        {
            for (var fault = 0; fault < faults.Kinds; fault++)
            {
                await PauseAsync(_random.Next(100, 1100));
                await faults.StrikeAsync();
            }
            await SettleAsync(receiver);
            await CompareAsync(receiver, faults);
        }
        while (TimeProvider.System.GetElapsedTime(began) < Minutes);
        await enough.CancelAsync();
        await people;
        Report(Summary(receiver, faults, TimeProvider.System.GetElapsedTime(began)));
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
                var journal = health.GetProperty("journal");
                if (made == 0 && !journal.TryGetProperty("failure", out _))
                    made = journal.GetProperty("last").GetInt64();
                return made > 0 && receiver.UpTo >= made && journal.GetProperty("acknowledgedUpTo").GetInt64() >= made;
            },
            TimeSpan.FromMinutes(2),
            CancellationToken.None);
    }

    private async Task CompareAsync(ReferenceReceiver receiver, Faults faults)
    {
        var voidBefore = _void.Count;
        Assert.Equal(0, receiver.Contradictions);
        Assert.Equal(0, receiver.ForgedTallies);
        var told = Site.Lane.Openings.ToArray(); // before the journal is read: every one of these must be in it
        var (held, purgedUpTo, last) = await LookAsync(Site.JournalDirectory);
        for (var sequence = 1L; sequence <= last; sequence++)
            Assert.True(sequence <= purgedUpTo || held.Contains(sequence) || _void.Contains(sequence), $"number {sequence} is neither held nor deleted after delivery nor declared void");
        Assert.True(_void.Count == voidBefore || faults.Damages > _damagesSeen, $"{_void.Count - voidBefore} numbers were given up although no file was damaged");
        _damagesSeen = faults.Damages;
        for (var sequence = 1L; sequence <= receiver.UpTo; sequence++)
        {
            Assert.True(receiver.Has(sequence) || _void.Contains(sequence), $"record {sequence} never arrived");
            Assert.True(!receiver.Has(sequence) || !_made.TryGetValue(sequence, out var made) || made.AsSpan().SequenceEqual(receiver[sequence]), $"record {sequence} arrived as another one");
        }
        var persons = new PersonKeys(Convert.FromBase64String(await File.ReadAllTextAsync(Path.Combine(Site.DataDirectory, "keys", "site.key"))));
        var granted = _made.Values.Concat(receiver.Records).Select(PersonGranted).OfType<string>().ToHashSet(StringComparer.Ordinal);
        Assert.All(told, opening => Assert.Contains(persons.KeyOf("code", opening.Credential!), granted));
    }

    /// <summary>Remembers what a dead gate's journal holds, from a copy, so that the look itself changes nothing.</summary>
    private async Task LookAtCopyAsync()
    {
        var copy = Directory.CreateDirectory(Path.Combine(Root, "copy")).FullName;
        foreach (var file in Directory.GetFiles(Site.JournalDirectory, "journal.db*"))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        await LookAsync(copy);
        Directory.Delete(copy, recursive: true);
    }

    private async Task<(HashSet<long> Held, long PurgedUpTo, long Last)> LookAsync(string journal)
    {
        using var reader = JournalReader.Open(journal);
        var status = reader.ReadStatus(); // first: a purge meanwhile only makes it smaller
        foreach (var range in status.VoidRanges)
        {
            for (var sequence = range.First; sequence <= range.Last; sequence++)
                _void.Add(sequence);
        }
        var held = new HashSet<long>();
        await foreach (var record in reader.ReadAllAsync(1))
        {
            held.Add(record.Sequence);
            var payload = record.Payload.ToArray();
            if (!_made.TryAdd(record.Sequence, payload))
                Assert.True(_made[record.Sequence].AsSpan().SequenceEqual(payload), $"number {record.Sequence} was given twice");
        }
        return (held, reader.ReadStatus().PurgedUpTo, status.LastSequence);
    }

    private async Task<P256Key> GateKeyAsync()
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(Path.Combine(Site.DataDirectory, "keys", "gate-signing.pem")));
        return P256Key.Of(key);
    }

    private static string? PersonGranted(byte[] payload)
    {
        using var json = JsonDocument.Parse(payload);
        return json.RootElement.GetProperty("type").GetString() == DecidedRecord.Type && json.RootElement.GetProperty("data") is var data
            && data.GetProperty("outcome").GetString() == "granted" ? data.GetProperty("person").GetString() : null;
    }

    private string Summary(ReferenceReceiver receiver, Faults faults, TimeSpan took)
    {
        var recovered = _recoveries.Order().ToArray();
        var destroyed = _made.Keys.Count(sequence => sequence <= receiver.UpTo && !receiver.Has(sequence));
        return $"""
            {took.TotalMinutes:0.0} minutes, seed {Seed}: {faults.Report}{(_disk is null ? "; disk full left out: this machine does not let us mount" : "")}{(_clock is null ? "; clock left out: libfaketime is not installed" : "")}
            {receiver.UpTo} numbers accounted for, {Site.Lane.Openings.Count} openings; lost 0, contradicting 0, opened without record 0; delivered again {receiver.Doubled}; destroyed by damage before they were delivered, and declared so: {destroyed}
            from a restart to the next person let through: p50 {recovered[recovered.Length / 2].TotalSeconds:0.00} s, p99 {recovered[recovered.Length * 99 / 100].TotalSeconds:0.00} s
            """;
    }

    private static Task PauseAsync(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System);
}
