using System.Net.Http.Json;
using System.Text.Json;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Center.Database;
using EdgeGate.Center.Tests.Fleet;
using EdgeGate.Devices.Ports;
using EdgeGate.Testing;
using Npgsql;

namespace EdgeGate.Benchmarks.Center;

/// <summary>Simulated gates in this process, mosquitto, a center in a process of its own, PostgreSQL with fsync: all on this machine.</summary>
internal sealed class FleetAtCenter : IAsyncDisposable
{
    /// <param name="Center">Microseconds of a processor for each record, as are the two after it.</param>
    /// <param name="Memory">The center's, in MB.</param>
    public sealed record Measured(string Name, double PerSecond, double P50, double P99, double Center, double Database, double Broker, double Memory)
    {
        public static readonly string[] Head =
            ["", "records/s", "receipt p50 ms", "p99 ms", "center's processor µs/record", "PostgreSQL's µs/record", "mosquitto's µs/record", "center's memory MB"];

        public string[] Row => [Name, PerSecond.Figure(), P50.Figure(), P99.Figure(), Center.Figure(), Database.Figure(), Broker.Figure(), Memory.Figure()];
    }

    private readonly BenchSetting _setting;
    private readonly TestBroker _broker;
    private readonly PrivatePostgres _postgres;
    private readonly CenterProcess _center;
    private readonly SimulatedFleet _fleet;
    private readonly int _gates;

    private FleetAtCenter(BenchSetting setting, TestBroker broker, PrivatePostgres postgres, CenterProcess center, SimulatedFleet fleet, int gates) =>
        (_setting, _broker, _postgres, _center, _fleet, _gates) = (setting, broker, postgres, center, fleet, gates);

    /// <summary>Ready and warm.</summary>
    public static async Task<FleetAtCenter> StartAsync(BenchSetting setting, string folder, int gates)
    {
        var broker = await TestBroker.StartAsync();
        var postgres = await PrivatePostgres.StartAsync();
        await using (var database = NpgsqlDataSource.Create(postgres.ConnectionString() + ";Pooling=false"))
        {
            await Migrations.ApplyAsync(database, setting.Time, setting.Stopping);
            await using var connection = await database.OpenConnectionAsync(setting.Stopping);
            await connection.Sql("insert into gate (site, name, added_at) select 'bench', 'gate-' || n, now() from generate_series(0, $1) n", gates - 1).RunAsync(setting.Stopping);
        }
        var port = FreeTcpPort.Take();
        var center = new CenterProcess(await CenterProcess.WriteSettingsAsync(folder, "bench-1", postgres, "postgres", broker.Port, port), Path.Combine(folder, "center.log"));
        center.Start();
        var fleet = new SimulatedFleet(broker.Port, "bench", gates, patience: TimeSpan.FromSeconds(60), setting.Time);
        await fleet.StartAsync();
        var ready = new FleetAtCenter(setting, broker, postgres, center, fleet, gates);
        await ready.WaitUntilOnlineAsync(port);
        await ready.MakeSteadilyAsync(perSecond: 1000, seconds: 3);
        await ready.SettleAsync();
        fleet.TakeDelays();
        return ready;
    }

    /// <summary>Lets records be made, waits until each has its receipt, and says what that took.</summary>
    public async Task<Measured> MeasureAsync(string name, int records, Func<Task> make)
    {
        var since = _setting.Time.GetTimestamp();
        var before = Spent();
        await make();
        await SettleAsync();
        var took = _setting.Time.GetElapsedTime(since).TotalSeconds;
        var after = Spent();
        var delays = _fleet.TakeDelays();
        return new Measured(
            name, records / took, delays[delays.Length / 2] * 1000, delays[delays.Length * 99 / 100] * 1000,
            (after.Center - before.Center).TotalMicroseconds / records, (after.Database - before.Database).TotalMicroseconds / records,
            (after.Broker - before.Broker).TotalMicroseconds / records, Machine.ResidentMegabytes(_center.Process.Id));
    }

    /// <summary>One gate after the other, spread over each second.</summary>
    public async Task MakeSteadilyAsync(int perSecond, int seconds)
    {
        const int Ticks = 50;
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds(1) / Ticks, _setting.Time);
        for (var tick = 0; tick < seconds * Ticks; tick++)
        {
            for (var i = 0; i < perSecond / Ticks; i++)
                _fleet.Make(((tick * perSecond / Ticks) + i) % _gates, tick + i);
            await clock.WaitForNextTickAsync(_setting.Stopping);
        }
    }

    public Task MakeAtOnceAsync(int records)
    {
        for (var i = 0; i < records; i++)
            _fleet.Make(i % _gates, i);
        return Task.CompletedTask;
    }

    /// <summary>What the database takes on disk for a record, indexes included; without the write-ahead log.</summary>
    public async Task<double> DiskBytesPerRecordAsync()
    {
        await using var database = NpgsqlDataSource.Create(_postgres.ConnectionString() + ";Pooling=false");
        await using var connection = await database.OpenConnectionAsync(_setting.Stopping);
        return await connection.Sql(
            "select sum(pg_total_relation_size(inhrelid))::float8 / (select count(*) from record) from pg_inherits where inhparent in ('record'::regclass, 'passage'::regclass)")
            .ScalarAsync<double>(_setting.Stopping);
    }

    public async ValueTask DisposeAsync()
    {
        await _fleet.DisposeAsync();
        await _center.DisposeAsync();
        await _postgres.DisposeAsync();
        await _broker.DisposeAsync();
    }

    private (TimeSpan Center, TimeSpan Database, TimeSpan Broker) Spent() =>
        (Machine.ProcessorTime(_center.Process.Id), Machine.ProcessorTimeWithChildren(_postgres.ProcessId), Machine.ProcessorTime(_broker.ProcessId));

    private async Task SettleAsync()
    {
        while (!_fleet.AllConfirmed)
            await Task.Delay(TimeSpan.FromMilliseconds(10), _setting.Time, _setting.Stopping);
    }

    private async Task WaitUntilOnlineAsync(int port)
    {
        using var http = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/health"), _setting.Stopping);
                if ((await answer.Content.ReadFromJsonAsync<JsonElement>(_setting.Stopping)).GetProperty("broker").GetString() == "Online")
                    return;
            }
            catch (HttpRequestException)
            {
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100), _setting.Time, _setting.Stopping);
        }
    }
}
