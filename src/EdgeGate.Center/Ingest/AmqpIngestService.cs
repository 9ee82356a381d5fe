using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using EdgeGate.Center.Settings;
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
                Cause = lost.Message;
            }
            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    /// <summary>Until the connection ends. What was not acknowledged then comes again, to this center or another.</summary>
    private async Task ConsumeAsync(CancellationToken stopping)
    {
        await using var connection = await options.Factory.CreateConnectionAsync(options.Endpoints, options.Instance, stopping);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stopping);
        await channel.QueueDeclareAsync(
            options.Queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: stopping);
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

    [LoggerMessage(LogLevel.Information, "Consuming {Queue} from {Node}")]
    private partial void LogConsuming(string queue, string node);

    [LoggerMessage(LogLevel.Warning, "The cluster is away; tried again each second")]
    private partial void LogLost(Exception cause);
}

/// <param name="Endpoints">The nodes; whichever answers.</param>
/// <param name="Window">How many may be under way unacknowledged: the largest batch, and the bound of memory.</param>
internal sealed record AmqpOptions(IConnectionFactory Factory, IReadOnlyList<AmqpTcpEndpoint> Endpoints, string Queue, ushort Window, string Instance)
{
    public static AmqpOptions Of(CenterSettings settings, AmqpSettings amqp, MqttLinkOptions mqtt)
    {
        var factory = new ConnectionFactory
        {
            VirtualHost = amqp.VirtualHost,
            AutomaticRecoveryEnabled = false, // the service begins anew itself, with a queue that is certainly declared
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
            ContinuationTimeout = TimeSpan.FromSeconds(20),
        };
        if (mqtt.Credentials is { UserName: { } user })
            (factory.UserName, factory.Password) = (user, mqtt.Credentials.Password ?? "");
        var endpoints = amqp.Nodes.Select(node => MqttEndpoint.TryParse(node, out var at) ? new AmqpTcpEndpoint(at.Host, at.Port, TlsTo(at.Host, mqtt.Tls)) : throw new CenterSettingsException($"broker.amqp.nodes: {node}"));
        return new AmqpOptions(factory, [.. endpoints], amqp.Queue, (ushort)settings.Broker.Window, settings.Instance);
    }

    private static SslOption TlsTo(string host, MqttTls? tls) => tls is null ? new SslOption() : new SslOption(host, enabled: true)
    {
        CertificateValidationCallback = (_, certificate, _, errors) => tls.PinnedAuthorities is not { } pinned
            ? errors is System.Net.Security.SslPolicyErrors.None
            : !errors.HasFlag(System.Net.Security.SslPolicyErrors.RemoteCertificateNameMismatch) && certificate is X509Certificate2 shown && IsUnder(pinned, shown),
    };

    private static bool IsUnder(X509Certificate2Collection authorities, X509Certificate2 shown)
    {
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        return chain.Build(shown);
    }
}
