using System.Globalization;
using System.Net;
using EdgeGate.Center.Database;
using EdgeGate.Center.Tests.Fleet;
using EdgeGate.Devices.Ports;
using EdgeGate.Testing;
using Npgsql;
using Xunit.Abstractions;

namespace EdgeGate.Center.Tests.Soak;

/// <summary>
/// Two centers, the database and the broker, each a process of its own, are killed at random while gates make records; then what the gates count
/// and what the database holds must be the same. Short in every test run; <c>./dev soak</c> makes it long.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Gates = 12;
    private static readonly TimeSpan Minutes = TimeSpan.FromMinutes(double.Parse(Environment.GetEnvironmentVariable("CENTER_SOAK_MINUTES") ?? "0.2", CultureInfo.InvariantCulture));
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("SOAK_SEED") ?? "1", CultureInfo.InvariantCulture);

    private readonly Random _random = new(Seed);
    private readonly string _folder = Directory.CreateTempSubdirectory("edgegate-center-").FullName;
    private readonly SortedDictionary<string, int> _strikes = new(StringComparer.Ordinal);
    private readonly Queue<int> _eachOnce = new([0, 5, 8]); // so that the short form has every kind
    private readonly List<CenterProcess> _centers = [];
    private readonly List<Uri> _pages = [];
    private TestBroker? _broker;
    private PrivatePostgres? _postgres;

    public async Task InitializeAsync()
    {
        Skip.IfNot(PrivatePostgres.IsInstalled, PrivatePostgres.NotInstalled);
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        _broker = await TestBroker.StartAsync();
        _postgres = await PrivatePostgres.StartAsync();
        for (var number = 1; number <= 2; number++)
        {
            var port = FreeTcpPort.Take();
            _pages.Add(new Uri($"http://127.0.0.1:{port}/"));
            var settings = await CenterProcess.WriteSettingsAsync(_folder, $"center-{number}", _postgres, "postgres", _broker.Port, port);
            _centers.Add(new CenterProcess(settings, Path.Combine(_folder, $"center-{number}.log")));
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var center in _centers)
            await center.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [SkippableFact]
    public async Task Whatever_is_killed_every_record_is_here_once_and_confirmed_by_its_own_chain()
    {
        await using (var database = Open())
            await Migrations.ApplyAsync(database, TimeProvider.System, CancellationToken.None);
        await AddGatesAsync();
        await using var fleet = new SimulatedFleet(_broker!.Port, "estate", Gates, patience: TimeSpan.FromSeconds(2), TimeProvider.System);
        await fleet.StartAsync();
        foreach (var center in _centers)
            center.Start();
        using var enough = new CancellationTokenSource();
        var people = ComeAsync(fleet, enough.Token);
        var began = TimeProvider.System.GetTimestamp();
        await WaitUntilAsync(() => fleet.Gates.Any(gate => gate.ReceiptedUpTo > 0), "the first receipt");
        while (TimeProvider.System.GetElapsedTime(began) < Minutes)
        {
            await PauseAsync(_random.Next(200, 1800));
            await StrikeAsync();
        }
        await enough.CancelAsync();
        await people;
        await WaitUntilAsync(() => fleet.AllConfirmed, "everything confirmed");

        Assert.Equal(0, fleet.RefusedReceipts);
        await using (var database = Open())
            await fleet.AssertAllAreHereOnceAsync(database);
        await SayThatAllIsWellAsync();
        var delays = fleet.TakeDelays();
        output.WriteLine($"{TimeProvider.System.GetElapsedTime(began).TotalMinutes:0.0} minutes, seed {Seed}: {string.Join(", ", _strikes.Select(strike => $"{strike.Value} × {strike.Key}"))}");
        output.WriteLine($"{fleet.Made} records of {Gates} gates; lost 0, doubled 0; receipt after p50 {delays[delays.Length / 2]:0.00} s, p99 {delays[delays.Length * 99 / 100]:0.00} s");
    }

    /// <summary>Each center finds back to its broker and database by itself, and says so.</summary>
    private async Task SayThatAllIsWellAsync()
    {
        using var http = new HttpClient();
        foreach (var (center, page) in _centers.Zip(_pages))
        {
            var since = TimeProvider.System.GetTimestamp();
            while (await FaultAsync(http, page) is { } said)
            {
                Assert.True(center.IsRunning, $"a center ended by itself; the centers said: {Logs()}");
                Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromMinutes(2), $"after two minutes the center still says {said}; the centers said: {Logs()}");
                await PauseAsync(100);
            }
        }
    }

    /// <returns>Null when all is well and no number is missing.</returns>
    private static async Task<string?> FaultAsync(HttpClient http, Uri page)
    {
        try
        {
            using var health = await http.GetAsync(new Uri(page, "health"));
            if (health.StatusCode is not HttpStatusCode.OK)
                return await health.Content.ReadAsStringAsync();
            var metrics = await http.GetStringAsync(new Uri(page, "metrics"));
            return metrics.Contains("\nedgegate_center_records_missing 0\n", StringComparison.Ordinal) ? null : metrics;
        }
        catch (HttpRequestException absent)
        {
            return absent.Message;
        }
    }

    private async Task StrikeAsync()
    {
        var what = _eachOnce.TryDequeue(out var first) ? first : _random.Next(10);
        switch (what)
        {
            case < 5:
                var center = _centers[_random.Next(_centers.Count)];
                center.Kill();
                await PauseAsync(_random.Next(0, 500));
                center.Start();
                break;
            case < 8:
                _postgres!.Kill();
                await PauseAsync(_random.Next(0, 1500));
                await _postgres.RestartAsync();
                break;
            default:
                _broker!.Kill(); // and all it had in memory
                await PauseAsync(_random.Next(0, 1000));
                await _broker.RestartAsync();
                break;
        }
        var name = what switch { < 5 => "center killed", < 8 => "PostgreSQL killed", _ => "broker killed" };
        _strikes[name] = _strikes.GetValueOrDefault(name) + 1;
    }

    /// <summary>A few hundred records a second, whatever happens.</summary>
    private static async Task ComeAsync(SimulatedFleet fleet, CancellationToken enough)
    {
        for (var person = 0; !enough.IsCancellationRequested; person++)
        {
            for (var gate = 0; gate < Gates; gate++)
                fleet.Make(gate, person + gate);
            await PauseAsync(40);
        }
    }

    private async Task AddGatesAsync()
    {
        await using var database = Open();
        await using var connection = await database.OpenConnectionAsync();
        await connection.Sql("insert into gate (site, name, added_at) select 'estate', 'gate-' || n, now() from generate_series(0, $1) n", Gates - 1).RunAsync(CancellationToken.None);
    }

    private async Task WaitUntilAsync(Func<bool> isSo, string what)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromMinutes(2), $"waited two minutes for {what}; the centers said: {Logs()}");
            await PauseAsync(50);
        }
    }

    private string Logs() => string.Join('\n', Directory.GetFiles(_folder, "*.log").SelectMany(file => File.ReadLines(file).TakeLast(15)));

    private NpgsqlDataSource Open() => NpgsqlDataSource.Create(_postgres!.ConnectionString() + ";Pooling=false");

    private static Task PauseAsync(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System);
}
