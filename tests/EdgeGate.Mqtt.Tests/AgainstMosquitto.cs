using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeGate.Mqtt.Wire;
using EdgeGate.Testing;

namespace EdgeGate.Mqtt.Tests;

/// <summary>A real broker, real sockets, the real clock.</summary>
public sealed class AgainstMosquitto
{
    [SkippableTheory, InlineData(MqttVersion.V5), InlineData(MqttVersion.V311)]
    public async Task Five_thousand_messages_arrive_once_and_in_order(MqttVersion version)
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        await using var broker = await TestBroker.StartAsync();
        await using var listener = new Listener(broker, "lane/+", version);
        await listener.ReadyAsync();
        await using var gate = await new LinkUnderTest(LinkUnderTest.Options(broker.Port) with { Version = version }).StartAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);

        await gate.PublishAllAsync("lane/1", 1, 5000);

        await listener.ReceivedAsync(5000);
        Assert.Equal(Enumerable.Range(1, 5000), listener.Rows);
        Assert.Equal(version, gate.Link.Limits!.Version);
    }

    [SkippableFact]
    public async Task A_broker_killed_and_restarted_mid_stream_costs_no_row()
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        await using var broker = await TestBroker.StartAsync();
        await using var listener = new Listener(broker, "lane/1", MqttVersion.V5);
        await listener.ReadyAsync();
        await using var gate = await new LinkUnderTest(LinkUnderTest.Options(broker.Port)).StartAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);

        var publishing = gate.PublishAllAsync("lane/1", 1, 5000);
        await listener.ReceivedAsync(500);
        broker.Kill();
        await gate.EventAsync(MqttLinkEventKind.Down);
        await broker.RestartAsync();
        await publishing;

        Assert.Equal(2, gate.Seen.Count(seen => seen.Kind == MqttLinkEventKind.Up));
    }

    [SkippableTheory, InlineData(MqttVersion.V5), InlineData(MqttVersion.V311)]
    public async Task A_gate_that_dies_leaves_its_will_and_one_that_stops_does_not(MqttVersion version)
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        await using var broker = await TestBroker.StartAsync();
        await using var listener = new Listener(broker, "state/#", version);
        await listener.ReadyAsync();
        var options = LinkUnderTest.Options(broker.Port) with
        {
            Version = version,
            Will = new MqttWill { Topic = "state/gate-1", Payload = _ => "-1"u8.ToArray(), Retain = true },
        };

        await using (var orderly = await new LinkUnderTest(options).StartAsync())
        {
            await orderly.EventAsync(MqttLinkEventKind.Up);
            await orderly.Link.StopAsync(TimeSpan.Zero, CancellationToken.None);
        }
        using (var dying = new TcpClient("127.0.0.1", broker.Port)) // our CONNECT, then the socket closes without a word
        {
            await dying.GetStream().WriteAsync(PacketFrame.Encode(new ConnectPacket(options, MqttCredentials.None, version)));
            Assert.Equal(PacketType.ConnAck, dying.GetStream().ReadByte());
        }

        await listener.ReceivedAsync(1);
        Assert.Equal([-1], listener.Rows);
    }

    [SkippableTheory, InlineData(MqttVersion.V5), InlineData(MqttVersion.V311)]
    public async Task A_will_that_is_meant_for_leaving_too_is_published_at_once_though_the_window_is_full(MqttVersion version)
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        await using var broker = await TestBroker.StartAsync();
        await using var listener = new Listener(broker, "state/#", version);
        await listener.ReadyAsync();
        var options = LinkUnderTest.Options(broker.Port) with
        {
            Version = version,
            Window = 1,
            Will = new MqttWill { Topic = "state/gate-1", Payload = login => Encoding.UTF8.GetBytes($"-{login}"), Retain = true, AlsoOnLeaving = true },
        };

        await using (var gate = await new LinkUnderTest(options).StartAsync())
        {
            await gate.EventAsync(MqttLinkEventKind.Up);
            while (gate.Publish("lane/1"u8, 7))
            {
                // until there is no room
            }
            await gate.Link.StopAsync(TimeSpan.Zero, CancellationToken.None);
        }

        await listener.ReceivedAsync(1);
        Assert.Equal([-1], listener.Rows);
    }

    [SkippableFact]
    public async Task A_retained_message_waits_for_who_subscribes_later()
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        await using var broker = await TestBroker.StartAsync();
        await using var gate = await new LinkUnderTest(LinkUnderTest.Options(broker.Port)).StartAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);
        Assert.True(gate.Publish("state/gate-1"u8, 7, retain: true));
        Assert.Equal(MqttAckOutcome.Accepted, (await gate.AckAsync()).Outcome);

        await using var listener = new Listener(broker, "state/#", MqttVersion.V5);
        await listener.ReceivedAsync(1);

        var message = Assert.Single(listener.Messages);
        Assert.True(message.Retained);
        Assert.Equal("7", Encoding.UTF8.GetString(message.Payload.Span));
    }

    [SkippableTheory, InlineData(MqttVersion.V5), InlineData(MqttVersion.V311)]
    public async Task A_login_that_is_refused_is_told_in_words(MqttVersion version)
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        await using var broker = await TestBroker.StartAsync("allow_anonymous false");
        var options = LinkUnderTest.Options(broker.Port) with { Version = version, Credentials = new MqttCredentials("gate", "wrong"), BackoffMinimum = TimeSpan.FromSeconds(30) }; // it is still to be refused when it is looked at
        await using var gate = await new LinkUnderTest(options).StartAsync();

        var refused = await gate.EventAsync(MqttLinkEventKind.Refused);
        Assert.Contains("not authorised", refused.Message, StringComparison.Ordinal);
        Assert.Equal(MqttLinkPhase.Refused, gate.Link.State.Phase);
    }

    [SkippableFact]
    public async Task A_topic_that_is_not_ours_is_refused_and_the_link_goes_on()
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        using var files = new TemporaryFolder();
        await using var broker = await TestBroker.StartAsync("allow_anonymous true", $"acl_file {files.Write("acl", "topic write lane/1\n")}");
        await using var gate = await new LinkUnderTest(LinkUnderTest.Options(broker.Port)).StartAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);

        gate.Publish("lane/2"u8, 1);
        gate.Publish("lane/1"u8, 2);

        Assert.Equal([MqttAckOutcome.Refused, MqttAckOutcome.Accepted], (await gate.AcksAsync(2)).Select(ack => ack.Outcome));
    }

    [SkippableTheory, InlineData(MqttVersion.V5), InlineData(MqttVersion.V311)]
    public async Task What_came_while_we_were_away_waits_in_the_session(MqttVersion version)
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        await using var broker = await TestBroker.StartAsync();
        await using (var before = new Listener(broker, "lane/1", version))
            await before.ReadyAsync();
        await using var gate = await new LinkUnderTest(LinkUnderTest.Options(broker.Port)).StartAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);
        await gate.PublishAllAsync("lane/1", 1, 100);

        await using var after = new Listener(broker, "lane/1", version);

        await after.ReceivedAsync(100);
        Assert.Equal(Enumerable.Range(1, 100), after.Rows);
    }

    [SkippableFact]
    public async Task A_client_certificate_logs_in_over_TLS_and_a_foreign_one_does_not()
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        using var files = new TemporaryFolder();
        using var site = new TestAuthority("site");
        using var stranger = new TestAuthority("stranger");
        using var server = site.Issue("broker");
        using var ours = site.Issue("gate-1");
        using var foreign = stranger.Issue("gate-1");
        await using var broker = await TestBroker.StartAsync(
            "allow_anonymous true",
            $"cafile {files.Write("ca.pem", site.Certificate.ExportCertificatePem())}",
            $"certfile {files.Write("server.pem", server.ExportCertificatePem())}",
            $"keyfile {files.Write("server.key", server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())}",
            "require_certificate true",
            "tls_version tlsv1.3");
        var options = LinkUnderTest.Options(broker.Port) with
        {
            Tls = new MqttTls { PinnedAuthorities = [site.Certificate] },
            Credentials = new MqttCredentials(ClientCertificate: ours),
        };

        await using var gate = await new LinkUnderTest(options).StartAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);
        await gate.PublishAllAsync("lane/1", 1, 1000);

        await using var wrongClient = await new LinkUnderTest(options with { Credentials = new MqttCredentials(ClientCertificate: foreign) }).StartAsync();
        Assert.Contains("may have refused ours", (await wrongClient.EventAsync(MqttLinkEventKind.Unreachable)).Message, StringComparison.Ordinal);

        await using var wrongServer = await new LinkUnderTest(options with { Tls = new MqttTls { PinnedAuthorities = [stranger.Certificate] } }).StartAsync();
        Assert.Contains("pinned authority", (await wrongServer.EventAsync(MqttLinkEventKind.TlsFailed)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_frozen_broker_is_noticed_and_nothing_is_lost_when_it_thaws()
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        await using var broker = await TestBroker.StartAsync();
        await using var gate = await new LinkUnderTest(LinkUnderTest.Options(broker.Port) with { AckTimeout = TimeSpan.FromMilliseconds(300) }).StartAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);

        await broker.SignalAsync("STOP");
        var publishing = gate.PublishAllAsync("lane/1", 1, 100);
        await gate.EventAsync(MqttLinkEventKind.AckTimeout);
        await broker.SignalAsync("CONT");

        await publishing;
    }

    [SkippableFact]
    public async Task The_command_line_clients_of_mosquitto_see_what_we_send_with_its_properties()
    {
        Skip.IfNot(TestBroker.IsInstalled && File.Exists("/usr/bin/mosquitto_sub"), "mosquitto_sub is not installed (apt-get install mosquitto-clients)");
        await using var broker = await TestBroker.StartAsync();
        await using var gate = await new LinkUnderTest(LinkUnderTest.Options(broker.Port)).StartAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);
        gate.Link.TryPublish(
            new MqttOutgoing
            {
                Topic = "lane/1"u8,
                Payload = "hello"u8,
                Retain = true,
                ExpiresAfter = TimeSpan.FromMinutes(1),
                ContentType = "text/plain"u8,
                ResponseTopic = "replies"u8,
                CorrelationData = "c1"u8,
                UserProperties = MqttUserProperties.Encode(("gate", "north")),
            },
            1);
        Assert.Equal(MqttAckOutcome.Accepted, (await gate.AckAsync()).Outcome);

        using var subscriber = Process.Start(new ProcessStartInfo(
            "/usr/bin/mosquitto_sub",
            ["-h", "127.0.0.1", "-p", $"{broker.Port}", "-V", "5", "-q", "1", "-C", "1", "-W", "10", "-t", "lane/1", "-F", "%t %C %R %D %P %p"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;

        Assert.Equal("lane/1 text/plain replies c1 gate:north hello", await subscriber.StandardOutput.ReadLineAsync());
        await subscriber.WaitForExitAsync();
    }

    /// <summary>Another link, subscribed; payloads are row numbers.</summary>
    private sealed class Listener : IAsyncDisposable
    {
        private readonly LinkUnderTest _link;
        private readonly SemaphoreSlim _arrived = new(0);
        private readonly Task<MqttReason> _granted;
        private int _awaited;

        public Listener(TestBroker broker, string filter, MqttVersion version)
        {
            _link = new LinkUnderTest(LinkUnderTest.Options(broker.Port, "listener") with { Version = version });
            _granted = _link.Link.SubscribeAsync(filter, Handle, CancellationToken.None);
            _ = _link.StartAsync();
        }

        public ConcurrentQueue<MqttInbound> Messages { get; } = [];

        public IEnumerable<int> Rows => Messages.Select(message => int.Parse(Encoding.UTF8.GetString(message.Payload.Span)));

        public async Task ReadyAsync() => Assert.Equal(MqttReason.GrantedQos1, await LinkUnderTest.Within(_granted, "the subscription"));

        public async Task ReceivedAsync(int count)
        {
            for (; _awaited < count; _awaited++)
                Assert.True(await _arrived.WaitAsync(LinkUnderTest.Patience), $"{_awaited} of {count} messages arrived");
        }

        public async ValueTask DisposeAsync()
        {
            await _link.DisposeAsync();
            _arrived.Dispose();
        }

        private ValueTask Handle(MqttInbound message, CancellationToken cancellationToken)
        {
            Messages.Enqueue(message);
            _arrived.Release();
            return ValueTask.CompletedTask;
        }
    }
}
