using EdgeGate.Mqtt;

namespace EdgeGate.Center.Ingest;

/// <summary>
/// From the broker into the database: what waits is one batch, one transaction; then the broker is answered and the gates get their receipts.
/// While the database is away the batch at hand is tried again and nothing is answered, so the broker sends no more than its window and the
/// gates keep the rest. Nothing is held here that is not held there.
/// </summary>
internal sealed partial class IngestService(MqttLink link, PatientCommit commit, CenterOutbox outbox, IngestOptions options, ILogger<IngestService> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        link.Changed += change =>
        {
            LogLink(change.Kind is MqttLinkEventKind.Up or MqttLinkEventKind.Stopped ? LogLevel.Information : LogLevel.Warning, change.Kind, change.Message);
            if (change.Kind is MqttLinkEventKind.Stopped)
                ended.TrySetResult();
        };
        // Records are shared out among the processes of the group. States and tallies go to every process: the broker gives a shared
        // subscription no retained messages, and hearing one twice does no harm.
        var share = options.ShareGroup is { } group ? $"$share/{group}/" : "";
        foreach (var filter in options.RecordsByAmqp ? [] : (string[])[$"{share}edgegate/v1/+/+/passages", $"{share}edgegate/v1/+/+/backlog", "edgegate/v1/+/+/tally", "edgegate/v1/+/+/state"])
            _ = link.SubscribeInBatchesAsync(filter, TakeAsync, stoppingToken); // answered by an event, and asked again at every login
        await link.StartAsync(stoppingToken);
        await await Task.WhenAny(outbox.SendAsync(stoppingToken), ended.Task);
        stoppingToken.ThrowIfCancellationRequested();
        throw new InvalidOperationException("the MQTT link has ended though nobody stopped it"); // ends the process: the service manager starts it again
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await link.StopAsync(drain: TimeSpan.FromSeconds(2), cancellationToken);
    }

    private async ValueTask TakeAsync(IReadOnlyList<MqttInbound> messages, CancellationToken cancellationToken) =>
        outbox.Post(await commit.CommitAsync(Intake.Read(messages), cancellationToken));

    [LoggerMessage("Broker {Kind}: {Message}")]
    private partial void LogLink(LogLevel level, MqttLinkEventKind kind, string message);
}

/// <param name="RecordsByAmqp">Then everything from gates comes to <see cref="AmqpIngestService"/>, and this link only sends.</param>
/// <param name="ShareGroup">Null where the broker knows no shared subscriptions: then every process gets everything, which is correct and wasteful.</param>
internal sealed record IngestOptions(string? ShareGroup, bool RecordsByAmqp);
