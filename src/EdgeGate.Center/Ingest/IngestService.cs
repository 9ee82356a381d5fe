using EdgeGate.Center.Database;
using EdgeGate.Mqtt;
using Npgsql;

namespace EdgeGate.Center.Ingest;

/// <summary>
/// From the broker into the database: what waits is one batch, one transaction; then the broker is answered and the gates get their receipts.
/// While the database is away the batch at hand is tried again and nothing is answered, so the broker sends no more than its window and the
/// gates keep the rest. Nothing is held here that is not held there.
/// </summary>
internal sealed partial class IngestService(
    MqttLink link, RecordStore store, Partitions partitions, CenterOutbox outbox, IngestCounters counters, IngestOptions options, TimeProvider time, ILogger<IngestService> log)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private bool _failing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        link.Changed += change => LogLink(change.Kind is MqttLinkEventKind.Up or MqttLinkEventKind.Stopped ? LogLevel.Information : LogLevel.Warning, change.Kind, change.Message);
        // Records are shared out among the processes of the group. States and tallies go to every process: the broker gives a shared
        // subscription no retained messages, and hearing one twice does no harm.
        var share = options.ShareGroup is { } group ? $"$share/{group}/" : "";
        foreach (var filter in (string[])[$"{share}edgegate/v1/+/+/passages", $"{share}edgegate/v1/+/+/backlog", "edgegate/v1/+/+/tally", "edgegate/v1/+/+/state"])
            _ = link.SubscribeInBatchesAsync(filter, TakeAsync, stoppingToken); // answered by an event, and asked again at every login
        await link.StartAsync(stoppingToken);
        await outbox.SendAsync(stoppingToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await link.StopAsync(drain: TimeSpan.FromSeconds(2), cancellationToken);
    }

    private async ValueTask TakeAsync(IReadOnlyList<MqttInbound> messages, CancellationToken cancellationToken) =>
        outbox.Post(await CommitAsync(Intake.Read(messages), cancellationToken));

    private async Task<IReadOnlyList<Receipt>> CommitAsync(Intake intake, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var receipts = await store.CommitAsync(intake, cancellationToken);
                if (_failing)
                    LogBack();
                _failing = false;
                return receipts;
            }
            catch (PostgresException refused) when (IsAboutTheData(refused))
            {
                partitions.Forget(); // another process may have dropped a day
                if (intake.Halves() is not { } halves)
                    return await GiveUpAsync(intake, refused, cancellationToken);
                return [.. await CommitAsync(halves.First, cancellationToken), .. await CommitAsync(halves.Second, cancellationToken)];
            }
            catch (Exception unavailable) when (unavailable is NpgsqlException or TimeoutException or IOException)
            {
                counters.Failed(unavailable.Message);
                if (!_failing)
                    LogUnavailable(unavailable); // once for a whole outage
                _failing = true;
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>One message that the database will never take must not stand in the way of the others.</summary>
    private async Task<IReadOnlyList<Receipt>> GiveUpAsync(Intake intake, PostgresException refused, CancellationToken cancellationToken)
    {
        LogRefused(refused);
        counters.Failed(refused.MessageText);
        if (intake.Records is [var record])
            await store.SetAsideAsync(new DamagedMessage(record.Gate, $"the database does not take it: {refused.MessageText}", record.Payload), cancellationToken);
        return [];
    }

    /// <summary>Class 22, data exception, and 23, integrity constraint violation: the same again would end the same.</summary>
    private static bool IsAboutTheData(PostgresException refused) => refused.SqlState.StartsWith("22", StringComparison.Ordinal) || refused.SqlState.StartsWith("23", StringComparison.Ordinal);

    [LoggerMessage("Broker {Kind}: {Message}")]
    private partial void LogLink(LogLevel level, MqttLinkEventKind kind, string message);

    [LoggerMessage(LogLevel.Error, "The database takes nothing now; tried again each second, and nothing is lost meanwhile: gates keep what has no receipt")]
    private partial void LogUnavailable(Exception cause);

    [LoggerMessage(LogLevel.Information, "The database takes records again")]
    private partial void LogBack();

    [LoggerMessage(LogLevel.Error, "The database will not take a message; it is set aside")]
    private partial void LogRefused(Exception cause);
}

/// <param name="ShareGroup">Null where the broker knows no shared subscriptions: then every process gets everything, which is correct and wasteful.</param>
internal sealed record IngestOptions(string? ShareGroup);
