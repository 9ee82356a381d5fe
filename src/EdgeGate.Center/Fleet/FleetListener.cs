using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using Npgsql;

namespace EdgeGate.Center.Fleet;

/// <summary>
/// Hears what gates say outside their records: their devices' states and their answers to commands. Every process of the center hears all of it, and hearing
/// it twice does no harm.
/// </summary>
internal sealed partial class FleetListener(MqttLink link, NpgsqlDataSource database, TimeProvider time, ILogger<FleetListener> log) : IHostedService
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);
    private const int LongestText = 500, LongestName = 64;

    /// <summary>Of one gate: one that makes up ever new devices must not fill the pages and the disk. Those it has already go on being heard.</summary>
    private const int MostDevices = 200;

    /// <summary>Before the link starts, so that retained states find their handler.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = link.SubscribeInBatchesAsync("edgegate/v1/+/+/devices/+", HearAsync, CancellationToken.None); // answered by an event, and asked again at every login
        _ = link.SubscribeInBatchesAsync("edgegate/v1/+/+/replies", HearAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Tried again while the database is away. What it refuses for good is dropped with a warning: the next state says it anew. Where it is about what a message says,
    /// the batch is halved until that one is found, so that no gate's costs the others theirs.
    /// </summary>
    internal async ValueTask HearAsync(IReadOnlyList<MqttInbound> messages, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await KeepAsync(messages, cancellationToken);
                return;
            }
            catch (Exception refused) when (PatientCommit.IsAboutTheData(refused) && messages.Count > 1)
            {
                var middle = messages.Count / 2;
                await HearAsync([.. messages.Take(middle)], cancellationToken);
                messages = [.. messages.Skip(middle)];
            }
            catch (Exception refused) when (PatientCommit.IsAboutTheData(refused) || refused is PostgresException { IsTransient: false })
            {
                LogRefused(messages.Count, refused);
                return;
            }
            catch (Exception unavailable) when (unavailable is NpgsqlException or TimeoutException)
            {
                await Task.Delay(TryAgain, time, cancellationToken);
            }
        }
    }

    private async Task KeepAsync(IReadOnlyList<MqttInbound> messages, CancellationToken cancellationToken)
    {
        var devices = new Dictionary<(GateName Gate, string Device), DeviceStateMessage>();
        var replies = new List<(GateName Gate, string Command, CommandReply Reply)>();
        foreach (var message in messages)
        {
            switch (message.Topic.Split('/'))
            {
                case [_, _, var site, var name, "devices", { Length: <= LongestName } device]
                    when GateName.Of(site, name) is { } gate && Parse(message, RecordShapes.Default.DeviceStateMessage) is { State: not null } state:
                    devices[(gate, Storable(device))] = state;
                    break;
                case [_, _, var site, var name, "replies"] when GateName.Of(site, name) is { } gate && Parse(message, RecordShapes.Default.CommandReply) is { } reply:
                    // By its id; by the correlation data when the gate could not tell whose command it was. MQTT 3.1.1 knows only the first.
                    replies.Add((gate, reply.Id ?? Encoding.UTF8.GetString(message.CorrelationData.Span), reply));
                    break;
            }
        }
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.Sql(
            """
            insert into gate_device (gate_id, device, state, cause, since)
            select id, device, state, cause, since from (
                select g.id, d.device, d.state, d.cause, d.since, h.device is null as is_new, row_number() over (partition by g.id, h.device is null order by d.device) as place
                from unnest($1, $2, $3, $4, $5, $6) as d(site, name, device, state, cause, since) join gate g on g.site = d.site and g.name = d.name and g.revoked_at is null
                left join gate_device h on h.gate_id = g.id and h.device = d.device) as said
            where not is_new or place + (select count(*) from gate_device where gate_id = said.id) <= $7
            order by 1, 2
            on conflict (gate_id, device) do update set state = excluded.state, cause = excluded.cause, since = excluded.since
            """,
            devices.Keys.Select(key => key.Gate.Site).ToArray(), devices.Keys.Select(key => key.Gate.Gate).ToArray(), devices.Keys.Select(key => key.Device).ToArray(),
            devices.Values.Select(device => Storable(device.State)).ToArray(), devices.Values.Select(device => Storable(device.Cause)).ToArray(),
            devices.Values.Select(device => device.Since.ToUniversalTime()).ToArray(), MostDevices).RunAsync(cancellationToken);
        foreach (var (gate, command, reply) in replies)
        {
            // An answer may say "taken" and then "failed": the later one counts.
            await connection.Sql(
                """
                update gate_command c set outcome = $4, answer = $5, answered_at = $6
                from gate g where g.id = c.gate_id and g.site = $1 and g.name = $2 and c.id = $3 and g.revoked_at is null
                """,
                gate.Site, gate.Gate, Storable(command), reply.Outcome.ToString().ToLowerInvariant(), Storable(reply.Text), time.GetUtcNow()).RunAsync(cancellationToken);
        }
    }

    private static T? Parse<T>(MqttInbound message, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> shape)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(message.Payload.Span, shape);
        }
        catch (JsonException)
        {
            return null; // no record: nothing is lost, and the next one says it anew
        }
    }

    /// <summary>PostgreSQL keeps no U+0000 in a text, and nobody reads a longer one.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    private static string? Storable(string? text) => text is null ? null : StorableText.Cut(text, LongestText);

    [LoggerMessage(LogLevel.Warning, "{Count} messages of gates' devices and replies could not be kept")]
    private partial void LogRefused(int count, Exception cause);
}
