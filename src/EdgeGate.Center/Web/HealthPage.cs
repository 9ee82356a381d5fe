using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Mqtt;
using Npgsql;

namespace EdgeGate.Center.Web;

/// <param name="Faults">In words; what makes the state other than ok.</param>
internal sealed record HealthReport(string Status, string Instance, string Broker, string? BrokerCause, long Records, FleetCount? Fleet, IReadOnlyList<string> Faults);

/// <summary>All gates together.</summary>
/// <param name="Waiting">Gates of which numbers are missing, and nothing has moved for a minute.</param>
/// <param name="Missing">Numbers known to have been made that are neither here nor declared void.</param>
internal sealed record FleetCount(long Gates, long Online, long Waiting, long Faulty, long Missing, long UnknownGates);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthReport))]
internal sealed partial class HealthShapes : JsonSerializerContext;

/// <summary><c>/health</c>: 200 when all is well, else 503 with the reasons. <c>/metrics</c>: the same for Prometheus, text format 0.0.4.</summary>
internal static class HealthPage
{
    public static void Map(IEndpointRouteBuilder routes, string instance)
    {
        var link = routes.ServiceProvider.GetRequiredService<MqttLink>();
        var amqp = routes.ServiceProvider.GetService<AmqpIngestService>();
        var counters = routes.ServiceProvider.GetRequiredService<IngestCounters>();
        var database = routes.ServiceProvider.GetRequiredService<NpgsqlDataSource>();
        var time = routes.ServiceProvider.GetRequiredService<TimeProvider>();
        routes.MapGet("/health", async (CancellationToken cancellationToken) =>
        {
            var (fleet, fault) = await CountAsync(database, time, cancellationToken);
            var faults = Faults(link.State, amqp?.Cause, counters, fleet, fault).ToArray();
            var report = new HealthReport(faults.Length == 0 ? "ok" : "degraded", instance, link.State.Phase.ToString(), link.State.Cause, counters.Records, fleet, faults);
            return TypedResults.Json(report, HealthShapes.Default.HealthReport, statusCode: faults.Length == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
        routes.MapGet("/metrics", async (CancellationToken cancellationToken) =>
        {
            var (fleet, _) = await CountAsync(database, time, cancellationToken);
            return TypedResults.Text(Metrics(link.State, counters, fleet), "text/plain; version=0.0.4; charset=utf-8");
        });
    }

    private static IEnumerable<string> Faults(MqttLinkState broker, string? amqp, IngestCounters counters, FleetCount? fleet, string? database)
    {
        if (broker.Phase is not MqttLinkPhase.Online)
            yield return $"the broker is not there: {broker.Cause ?? "connecting"}";
        if (amqp is not null)
            yield return $"the queue of records is not there: {amqp}";
        if (database is not null)
            yield return $"the database is not there: {database}";
        else if (counters.Fault is { } commit)
            yield return $"the newest batch could not be committed: {commit}";
        if (fleet is { Faulty: > 0 })
            yield return $"{fleet.Faulty} gates have a fault: edgegate-center gate list";
        if (fleet is { Waiting: > 0 })
            yield return $"of {fleet.Waiting} gates numbers are missing: edgegate-center gate list";
    }

    /// <summary>Of gates that were retired or revoked nothing more comes, so nothing of them is missing or wrong.</summary>
    internal static async Task<(FleetCount? Fleet, string? Fault)> CountAsync(NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            var counted = await connection.Sql(
                """
                select count(*), count(*) filter (where r.online), count(*) filter (where g.gap_since < $1 and g.is_current), count(*) filter (where g.fault is not null and g.is_current),
                    coalesce(sum(greatest(g.highest - g.up_to - g.ahead, 0)) filter (where g.is_current), 0)::bigint, (select count(*) from unknown_gate)
                from (select *, name not like '%~%' and revoked_at is null as is_current from gate) g left join gate_report r on r.gate_id = g.id
                """,
                time.GetUtcNow().AddMinutes(-1))
                .ListAsync(row => new FleetCount(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5)), cancellationToken);
            return (counted[0], null);
        }
        catch (Exception unavailable) when (unavailable is NpgsqlException or TimeoutException)
        {
            return (null, unavailable.Message);
        }
    }

    private static string Metrics(MqttLinkState broker, IngestCounters counters, FleetCount? fleet)
    {
        var page = new StringBuilder();
        One("edgegate_center_records_total", "counter", "Records this process committed since its start.", counters.Records);
        One("edgegate_center_records_repeated_total", "counter", "Records that came although they were here.", counters.Repeated);
        One("edgegate_center_messages_damaged_total", "counter", "Messages set aside because they could not be counted.", counters.Damaged);
        One("edgegate_center_batches_total", "counter", "Transactions committed.", counters.Batches);
        One("edgegate_center_commit_failures_total", "counter", "Transactions that failed and were tried again.", counters.Failures);
        One("edgegate_center_receipts_total", "counter", "Receipts given.", counters.Receipts);
        One("edgegate_center_resends_asked_total", "counter", "Ranges of records asked for again.", counters.Resends);
        One("edgegate_center_broker_online", "gauge", "1 while the broker is there.", broker.Phase is MqttLinkPhase.Online ? 1 : 0);
        One("edgegate_center_database_online", "gauge", "1 while the database answers.", fleet is null ? 0 : 1);
        if (fleet is not null)
        {
            One("edgegate_center_gates", "gauge", "Gates that were added.", fleet.Gates);
            One("edgegate_center_gates_online", "gauge", "Gates that are at the broker.", fleet.Online);
            One("edgegate_center_gates_waiting", "gauge", "Gates of which numbers are missing and nothing has moved for a minute.", fleet.Waiting);
            One("edgegate_center_gates_faulty", "gauge", "Gates with a fault.", fleet.Faulty);
            One("edgegate_center_records_missing", "gauge", "Numbers made that are neither here nor void: must come to zero.", fleet.Missing);
        }
        One("process_resident_memory_bytes", "gauge", "Memory in use.", Environment.WorkingSet);
        One("process_cpu_seconds_total", "counter", "Processor time used.", Environment.CpuUsage.TotalTime.TotalSeconds);
        return page.ToString();

        void One(string name, string type, string help, double value) =>
            page.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n{name} {value:R}\n");
    }
}
