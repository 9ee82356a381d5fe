using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Tests.Ingest;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EdgeGate.Center.Tests.Cluster;

/// <summary>Between center and cluster over TLS: who is believed, and who is not.</summary>
[Collection(nameof(CenterDatabase))]
public sealed class AmqpTlsTests(CenterDatabase server) : IDisposable
{
    private const string Name = "rabbit.test";
    private readonly string _folder = Directory.CreateTempSubdirectory("edgegate-amqp-").FullName;
    private TestCertificates? _site, _other;

    private TestCertificates Site => _site ??= new(_folder, "site");
    private TestCertificates Other => _other ??= new(_folder, "other");

    public void Dispose()
    {
        _site?.Dispose();
        _other?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(true, TestCertificates.ForServers, Name, true)]
    [InlineData(true, TestCertificates.ForServers, "elsewhere.test", false)] // by another name
    [InlineData(false, TestCertificates.ForServers, Name, false)] // another authority
    [InlineData(true, TestCertificates.ForClients, Name, false)] // a gate's certificate
    public async Task A_node_is_believed_by_its_authority_name_and_purpose_and_no_word_goes_to_any_other(bool isSites, string purpose, string called, bool isBelieved)
    {
        var (certificate, key) = (isSites ? Site : Other).Issue(Name, purpose);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var heard = HearAsync(listener, X509Certificate2.CreateFromPemFile(certificate, key));

        var options = OptionsOf($"""
            "caFile": "{Site.AuthorityFile}", "amqp": {"{"} "nodes": ["127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"], "serverName": "{called}" {"}"}
            """);
        await Assert.ThrowsAsync<BrokerUnreachableException>(async () => await options.Factory.CreateConnectionAsync(options.Endpoints)); // the stub only listens

        Assert.Equal(isBelieved ? "AMQP" : "", await heard);
    }

    [Theory]
    [InlineData("3.10.8", false)]
    [InlineData("4.0.3", true)]
    [InlineData("10.1", true)]
    [InlineData("", false)]
    public void From_the_version_on_that_drops_messages_the_queue_is_declared_without_a_limit(string version, bool isSaid) =>
        Assert.Equal(isSaid, AmqpIngestService.QueueArguments(version).TryGetValue("x-delivery-limit", out var limit) && limit is -1);

    [SkippableFact]
    public async Task Records_come_over_TLS_from_a_node_that_asks_for_a_certificate_and_a_limit_that_drops_them_is_told()
    {
        Skip.IfNot(RabbitCluster.IsInstalled, RabbitCluster.NotInstalled);
        await using var database = await server.NewAsync();
        await using (var connection = await database.OpenConnectionAsync())
            await connection.Sql("insert into gate (site, name, added_at) values ('estate', 'north', now())").RunAsync(CancellationToken.None);
        var (node, nodeKey) = Site.Issue(Name, TestCertificates.ForServers);
        var (center, centerKey) = Site.Issue("center.test", TestCertificates.ForClients);
        await using var cluster = await RabbitCluster.StartAsync(nodes: 1, amqpTls:
            $"""
            ssl_options.cacertfile = {Site.AuthorityFile}
            ssl_options.certfile = {node}
            ssl_options.keyfile = {nodeKey}
            ssl_options.verify = verify_peer
            ssl_options.fail_if_no_peer_cert = true
            ssl_options.versions.1 = tlsv1.3
            ssl_options.versions.2 = tlsv1.2
            """);
        var amqp = string.Create(CultureInfo.InvariantCulture, $$"""
            "caFile": "{{Site.AuthorityFile}}", "amqp": { "nodes": ["127.0.0.1:{{cluster.AmqpPorts[0]}}"], "serverName": "{{Name}}" }
            """);
        var withoutOwn = OptionsOf(amqp);
        await Assert.ThrowsAnyAsync<Exception>(async () => await (await withoutOwn.Factory.CreateConnectionAsync(withoutOwn.Endpoints)).CreateChannelAsync());

        var options = OptionsOf($"""{amqp}, "clientCertificateFile": "{center}", "clientKeyFile": "{centerKey}" """);
        await using var gate = await options.Factory.CreateConnectionAsync(options.Endpoints);
        await using var channel = await gate.CreateChannelAsync(cancellationToken: CancellationToken.None);
        await channel.QueueDeclareAsync(options.Queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 5 }, cancellationToken: CancellationToken.None);
        var log = new ToldLog();
        var (counters, link, time) = (new IngestCounters(), new RecordingLink(), TimeProvider.System);
        var partitions = new Partitions(database, time);
        var store = new RecordStore(database, partitions, new LaneIds(), counters, time, keptDays: 180);
        using var service = new AmqpIngestService(
            options, new PatientCommit(store, partitions, counters, time, NullLogger<PatientCommit>.Instance), new CenterOutbox(link, counters), time, log);
        await service.StartAsync(CancellationToken.None);
        var since = time.GetTimestamp();
        while (service.Cause is not null)
        {
            Assert.True(time.GetElapsedTime(since) < TimeSpan.FromMinutes(1), service.Cause);
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, CancellationToken.None);
        }

        var record = new SampleGate("estate", "north", time.GetUtcNow()).Decide();
        await channel.BasicPublishAsync("amq.topic", record.Topic.Replace('/', '.'), record.Payload, CancellationToken.None);
        while (counters.Records == 0)
        {
            Assert.True(time.GetElapsedTime(since) < TimeSpan.FromMinutes(1), "the record did not come");
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, CancellationToken.None);
        }
        await service.StopAsync(CancellationToken.None);

        Assert.Contains(log.Told, line => line.StartsWith("edgegate-records drops a message after some deliveries", StringComparison.Ordinal));
    }

    private AmqpOptions OptionsOf(string broker)
    {
        var file = Path.Combine(_folder, "center.json");
        File.WriteAllText(file, $$"""{ "database": {}, "broker": { "host": "127.0.0.1", {{broker}} } }""");
        var settings = CenterSettingsFile.Read(file);
        return AmqpOptions.Of(settings, settings.Broker.Amqp!, CenterSettingsFile.LinkOptions(settings));
    }

    /// <summary>The first word that comes over TLS; empty when the other side goes away instead.</summary>
    private static async Task<string> HearAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using (certificate)
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(client.GetStream());
            try
            {
                await tls.AuthenticateAsServerAsync(certificate);
                var word = new byte[4];
                await tls.ReadExactlyAsync(word);
                return System.Text.Encoding.ASCII.GetString(word);
            }
            catch (Exception refused) when (refused is IOException or AuthenticationException)
            {
                return "";
            }
        }
    }

    private sealed class ToldLog : ILogger<AmqpIngestService>
    {
        public ConcurrentQueue<string> Told { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Told.Enqueue(formatter(state, exception));
    }
}
