using System.Collections.Concurrent;
using System.Net.Sockets;
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
            Will = new MqttWill { Topic = "state/gate-1", Payload = "-1"u8.ToArray(), Retain = true },
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
