using System.Net.Http.Json;
using System.Text.Json;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Center.Database;
using EdgeGate.Center.Tests.Fleet;
using EdgeGate.Testing;
using Npgsql;

namespace EdgeGate.Benchmarks.Center;

/// <summary>A thousand gates in this process, mosquitto, and a center in a process of its own: how long a record waits for its receipt.</summary>
internal sealed class ReceiptBench(BenchSetting setting)
{
    private const int Gates = 1000, Burst = 10;
    private readonly TimeSpan _steady = setting.Quick ? TimeSpan.FromSeconds(8) : TimeSpan.FromSeconds(30);
    private readonly int _flood = setting.Quick ? 30_000 : 100_000;

    public async Task RunAsync(ReportSection report)
    {
        using var folder = new TemporaryFolder(setting.Directory);
        await using var broker = await TestBroker.StartAsync();
        await using var postgres = await PrivatePostgres.StartAsync();
        await using (var database = NpgsqlDataSource.Create(postgres.ConnectionString() + ";Pooling=false"))
        {
            await Migrations.ApplyAsync(database, setting.Time, setting.Stopping);
            await using var connection = await database.OpenConnectionAsync(setting.Stopping);
            await connection.Sql("insert into gate (site, name, added_at) select 'bench', 'gate-' || n, now() from generate_series(0, $1) n", Gates - 1).RunAsync(setting.Stopping);
        }
        var port = CenterProcess.FreePort();
        await using var center = new CenterProcess(await CenterProcess.WriteSettingsAsync(folder.Path, "bench-1", postgres, "postgres", broker.Port, port), folder.Sub("center.log"));
        center.Start();
        await using var fleet = new SimulatedFleet(broker.Port, "bench", Gates, patience: TimeSpan.FromSeconds(60), setting.Time);
        await fleet.StartAsync();
        await WaitUntilOnlineAsync(port);
        await MakeAsync(fleet, seconds: 3); // warm-up
        await SettleAsync(fleet);
        fleet.TakeDelays();

        var rows = new List<string[]>();
        var since = setting.Time.GetTimestamp();
        var before = center.Process.TotalProcessorTime;
        await MakeAsync(fleet, (int)_steady.TotalSeconds);
        await SettleAsync(fleet);
        rows.Add(Row($"one a second each, {_steady.TotalSeconds:0} s", fleet, center, (int)_steady.TotalSeconds * Gates, since, before));

        (since, before) = (setting.Time.GetTimestamp(), center.Process.TotalProcessorTime);
        for (var i = 0; i < Burst * Gates; i++)
            fleet.Make(i % Gates, i);
        await SettleAsync(fleet);
        rows.Add(Row($"{Burst} at once from each", fleet, center, Burst * Gates, since, before));

        (since, before) = (setting.Time.GetTimestamp(), center.Process.TotalProcessorTime);
        for (var i = 0; i < _flood; i++)
            fleet.Make(i % Gates, i);
        await SettleAsync(fleet);
        rows.Add(Row($"{_flood:N0} at once", fleet, center, _flood, since, before));

        report.Say($"{Gates:N0} simulated gates over one link, mosquitto, a center of its own process, PostgreSQL with fsync; from making a record to its receipt at the gate. Gates, broker, center and database share this machine.");
        report.Table(["", "records/s", "receipt p50 ms", "p99 ms", "center's processor µs/record", "center's memory MB"], rows);
    }

    private string[] Row(string name, SimulatedFleet fleet, CenterProcess center, int records, long since, TimeSpan before)
    {
        var took = setting.Time.GetElapsedTime(since).TotalSeconds;
        var delays = fleet.TakeDelays();
        center.Process.Refresh();
        return
        [
            name, (records / took).Figure(), (delays[delays.Length / 2] * 1000).Figure(), (delays[delays.Length * 99 / 100] * 1000).Figure(),
            ((center.Process.TotalProcessorTime - before).TotalMicroseconds / records).Figure(), Machine.ResidentMegabytes(center.Process.Id).Figure(),
        ];
    }

    /// <summary>Every gate once a second, spread over the second.</summary>
    private async Task MakeAsync(SimulatedFleet fleet, int seconds)
    {
        const int Ticks = 50;
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds(1) / Ticks, setting.Time);
        for (var tick = 0; tick < seconds * Ticks; tick++)
        {
            for (var i = 0; i < Gates / Ticks; i++)
                fleet.Make(((tick * Gates / Ticks) + i) % Gates, tick + i);
            await clock.WaitForNextTickAsync(setting.Stopping);
        }
    }

    private async Task SettleAsync(SimulatedFleet fleet)
    {
        while (!fleet.AllConfirmed)
            await Task.Delay(TimeSpan.FromMilliseconds(10), setting.Time, setting.Stopping);
    }

    private async Task WaitUntilOnlineAsync(int port)
    {
        using var http = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/health"), setting.Stopping);
                if ((await answer.Content.ReadFromJsonAsync<JsonElement>(setting.Stopping)).GetProperty("broker").GetString() == "Online")
                    return;
            }
            catch (HttpRequestException)
            {
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100), setting.Time, setting.Stopping);
        }
    }
}
