using System.Text;
using System.Threading.Channels;
using EdgeGate.Mqtt;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace EdgeGate.Center.Ingest;

/// <summary>
/// The same as <see cref="IngestService"/> from a RabbitMQ cluster: one quorum queue holds what gates publish by MQTT, all centers consume it by AMQP 0-9-1, and what is
/// committed is acknowledged. So the queue's replicas hold whatever no center has committed, and a dead center's share goes to the others at once.
/// </summary>
internal sealed partial class AmqpIngestService(AmqpOptions options, PatientCommit commit, CenterOutbox outbox, TimeProvider time, ILogger<AmqpIngestService> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private const string DeliveryLimit = "x-delivery-limit";

    /// <summary>The MQTT plugin publishes here, with dots for the topic's slashes; no name of a site or gate holds a dot.</summary>
    private const string Exchange = "amq.topic";
    private static readonly string[] Keys = ["edgegate.v1.*.*.passages", "edgegate.v1.*.*.backlog", "edgegate.v1.*.*.tally", "edgegate.v1.*.*.state"];

    /// <summary>Why nothing is consumed now; null while it is.</summary>
    public string? Cause { get; private set; } = "connecting";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await ConsumeAsync(stoppingToken);
                Cause = "the connection was closed";
            }
            catch (Exception lost) when (!stoppingToken.IsCancellationRequested // the client tells of its own timeouts by a cancellation
                && lost is (BrokerUnreachableException or AlreadyClosedException or OperationInterruptedException or RabbitMQClientException or IOException or TimeoutException or OperationCanceledException))
            {
                if (Cause is null)
                    LogLost(lost); // once for a whole outage
                Cause = Words(lost);
            }
            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    /// <summary>Until the connection ends. What was not acknowledged then comes again, to this center or another.</summary>
    private async Task ConsumeAsync(CancellationToken stopping)
    {
        await using var connection = await options.Factory.CreateConnectionAsync(options.Endpoints, options.Instance, stopping);
        await DeclareAsync(connection, stopping);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stopping);
        foreach (var key in Keys)
            await channel.QueueBindAsync(options.Queue, Exchange, key, cancellationToken: stopping);
        await channel.BasicQosAsync(0, options.Window, global: false, stopping);

        // Never full: the broker sends no more than the window before the first is acknowledged.
        var arrived = Channel.CreateBounded<(ulong Tag, MqttInbound Message)>(options.Window);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) => arrived.Writer.WriteAsync(
            (delivery.DeliveryTag, new MqttInbound { Topic = delivery.RoutingKey.Replace('.', '/'), Payload = delivery.Body.ToArray() }), stopping).AsTask();
        channel.ChannelShutdownAsync += (_, _) => End();
        consumer.UnregisteredAsync += (_, _) => End(); // the queue was deleted, or the cluster took it from us: the channel stays open and brings nothing more
        await channel.BasicConsumeAsync(options.Queue, autoAck: false, consumer, stopping);
        Cause = null;
        LogConsuming(options.Queue, connection.Endpoint.ToString());
        while (await arrived.Reader.WaitToReadAsync(stopping))
        {
            var batch = new List<MqttInbound>(options.Window);
            var last = 0UL;
            while (batch.Count < options.Window && arrived.Reader.TryRead(out var next))
            {
                batch.Add(next.Message);
                last = next.Tag;
            }
            outbox.Post(await commit.CommitAsync(Intake.Read(batch), stopping));
            await channel.BasicAckAsync(last, multiple: true, stopping);
        }

        Task End()
        {
            arrived.Writer.TryComplete();
            return Task.CompletedTask;
        }
    }

    /// <summary>On a channel of its own: a broker that refuses a declaration closes it.</summary>
    private async Task DeclareAsync(IConnection connection, CancellationToken stopping)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stopping);
        var version = connection.ServerProperties?.TryGetValue("version", out var told) is true && told is byte[] text ? Encoding.UTF8.GetString(text) : "";
        try
        {
            await channel.QueueDeclareAsync(options.Queue, durable: true, exclusive: false, autoDelete: false, QueueArguments(version), cancellationToken: stopping);
        }
        catch (OperationInterruptedException other) when (other.ShutdownReason is { ReplyCode: Constants.PreconditionFailed, ReplyText: var why } && why.Contains(DeliveryLimit, StringComparison.Ordinal))
        {
            LogDrops(options.Queue, why); // it is there, and a queue's arguments cannot be changed
        }
    }

    /// <summary>From RabbitMQ 4 on a quorum queue drops what was delivered twenty times, unless it was declared without a limit; before, there is none, and no way to say so.</summary>
    internal static Dictionary<string, object?> QueueArguments(string version)
    {
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
        if (int.TryParse(version.Split('.')[0], out var major) && major >= 4)
            arguments[DeliveryLimit] = -1;
        return arguments;
    }

    /// <summary>The client says that no node could be reached; why not stands at the bottom.</summary>
    private static string Words(Exception lost)
    {
        var bottom = lost;
        while (bottom.InnerException is { } inner)
            bottom = inner;
        return bottom == lost ? lost.Message : $"{lost.Message}: {bottom.Message}";
    }

    [LoggerMessage(LogLevel.Information, "Consuming {Queue} from {Node}")]
    private partial void LogConsuming(string queue, string node);

    [LoggerMessage(LogLevel.Warning, "{Queue} drops a message after some deliveries, and its record then comes only when its gate sends it again: delete the queue while it is empty, and the center makes it anew without a limit ({Why})")]
    private partial void LogDrops(string queue, string why);

    [LoggerMessage(LogLevel.Warning, "The cluster is away; tried again each second")]
    private partial void LogLost(Exception cause);
}
