using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Tests.Fleet;
using EdgeGate.Mqtt;
using EdgeGate.Testing;
using Npgsql;

namespace EdgeGate.Benchmarks.Center;

/// <summary>Reading, chain and transaction, without a broker: what one connection commits by batch size.</summary>
internal sealed class CommitBench(BenchSetting setting)
{
    private const int Gates = 1000;

    public async Task RunAsync(ReportSection report)
    {
        await using var postgres = await PrivatePostgres.StartAsync();
        await using var database = NpgsqlDataSource.Create(postgres.ConnectionString() + ";Max Auto Prepare=40");
        await Migrations.ApplyAsync(database, setting.Time, setting.Stopping);
        await using (var connection = await database.OpenConnectionAsync(setting.Stopping))
            await connection.Sql("insert into gate (site, name, added_at) select 'bench', 'gate-' || n, now() from generate_series(0, $1) n", Gates - 1).RunAsync(setting.Stopping);
        var gates = Enumerable.Range(0, Gates).Select(number => new SimulatedGate("bench", $"gate-{number}", setting.Time)).ToArray();
        var store = new RecordStore(database, new Partitions(database, setting.Time), new LaneIds(), new IngestCounters(), setting.Time, keptDays: 180);
        await CommitAsync(store, gates, batch: 500, records: 10_000); // warm-up

        var rows = new List<string[]>();
        foreach (var batch in (int[])[1, 10, 100, 500, 1000])
        {
            var records = Math.Min(batch * (setting.Quick ? 50 : 200), setting.Quick ? 20_000 : 100_000);
            var (own, server) = (Environment.CpuUsage.TotalTime, Machine.ProcessorTimeWithChildren(postgres.ProcessId));
            var took = await CommitAsync(store, gates, batch, records);
            rows.Add(
            [
                $"{batch}", (records / took.TotalSeconds).Figure(), (took.TotalMilliseconds / (records / batch)).Figure(),
                ((Environment.CpuUsage.TotalTime - own).TotalMicroseconds / records).Figure(), ((Machine.ProcessorTimeWithChildren(postgres.ProcessId) - server).TotalMicroseconds / records).Figure(),
            ]);
        }
        report.Say($"Batches straight into a private PostgreSQL that flushes every commit (fsync), one after the other, records of {gates[0].LastPayloadBytes} bytes dealt out over {Gates:N0} gates: reading, chain, two COPYs, one row of each gate.");
        report.Table(["batch", "records/s", "ms/batch", "own processor µs/record", "PostgreSQL's µs/record"], rows);
    }

    /// <returns>Without the time in which records are made.</returns>
    private async Task<TimeSpan> CommitAsync(RecordStore store, SimulatedGate[] gates, int batch, int records)
    {
        var took = TimeSpan.Zero;
        for (var made = 0; made < records; made += batch)
        {
            var messages = new MqttInbound[batch];
            for (var i = 0; i < batch; i++)
            {
                var gate = gates[Random.Shared.Next(gates.Length)];
                gate.Make(Random.Shared.Next(1_000_000));
                messages[i] = new MqttInbound { Topic = gate.Topics.Passages, Payload = gate.Next! };
                gate.Sent();
            }
            var since = setting.Time.GetTimestamp();
            var receipts = await store.CommitAsync(Intake.Read(messages), setting.Stopping);
            took += setting.Time.GetElapsedTime(since);
            foreach (var receipt in receipts)
                gates[int.Parse(receipt.Gate.Gate.AsSpan(5))].Confirm(new(receipt.UpTo, Convert.ToHexStringLower(receipt.Chain)));
        }
        return took;
    }
}
