using System.Text;
using System.Threading.Channels;

namespace EdgeGate.Mqtt.Tests;

public sealed class Subscribing : IDisposable
{
    private readonly FakeServer _server = new();
    private readonly Testing.ManualTime _clock = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task A_message_is_acknowledged_after_its_handler_has_returned()
    {
        var called = new TaskCompletionSource<MqttInbound>();
        var mayReturn = new TaskCompletionSource();
        await using var gate = NewLink();
        var granted = gate.Link.SubscribeAsync("t", async (message, stopping) =>
        {
            called.SetResult(message);
            await mayReturn.Task.WaitAsync(stopping);
        }, CancellationToken.None);
        await gate.StartAsync();
        using var peer = await LoginAndGrantAsync();
        Assert.Equal(MqttReason.GrantedQos1, await LinkUnderTest.Within(granted, "SUBACK"));

        await peer.SendAsync(Answer.Message(7, "open"));
        Assert.Equal("open", Encoding.UTF8.GetString((await LinkUnderTest.Within(called.Task, "the handler")).Payload.Span));
        await gate.EventAsync(MqttLinkEventKind.Up);
        gate.Publish("t"u8, 1);
        await peer.ExpectPublishAsync(); // the acknowledgement is not what comes first
        mayReturn.SetResult();

        Assert.Equal([0x00, 0x07], (await peer.ExpectAsync(0x40)).Body);
    }

    [Fact]
    public async Task A_handler_that_throws_is_reported_and_the_message_given_up()
    {
        await using var gate = NewLink();
        _ = gate.Link.SubscribeAsync("t", (_, _) => throw new FormatException("not a command"), CancellationToken.None);
        await gate.StartAsync();
        using var peer = await LoginAndGrantAsync();

        await peer.SendAsync(Answer.Message(7, "?"));

        Assert.Equal([0x00, 0x07, 131], (await peer.ExpectAsync(0x40)).Body);
        Assert.IsType<FormatException>((await gate.EventAsync(MqttLinkEventKind.HandlerFailed)).Error);
    }

    [Fact]
    public async Task What_comes_while_a_batch_is_at_work_is_the_next_batch_and_none_is_acknowledged_before_its_batch_is_done()
    {
        var calls = Channel.CreateUnbounded<int>();
        var mayReturn = new SemaphoreSlim(0);
        await using var gate = NewLink();
        _ = gate.Link.SubscribeInBatchesAsync("t", async (messages, stopping) =>
        {
            calls.Writer.TryWrite(messages.Count);
            await mayReturn.WaitAsync(stopping);
        }, CancellationToken.None);
        await gate.StartAsync();
        using var peer = await LoginAndGrantAsync();
        await peer.SendAsync(Answer.Message(7, "first"));
        Assert.Equal(1, await LinkUnderTest.Within(calls.Reader.ReadAsync().AsTask(), "the first batch"));

        await peer.SendAsync([.. Answer.Message(8, "a"), .. Answer.Message(9, "b"), .. Answer.Message(10, "c")]);
        gate.Publish("t"u8, 1);
        await peer.ExpectPublishAsync(); // no acknowledgement comes before it
        mayReturn.Release();
        Assert.Equal([0x00, 0x07], (await peer.ExpectAsync(0x40)).Body);

        var later = await LinkUnderTest.Within(calls.Reader.ReadAsync().AsTask(), "the second batch");
        mayReturn.Release(3);
        for (byte id = 8; id <= 10; id++)
            Assert.Equal([0x00, id], (await peer.ExpectAsync(0x40)).Body);
        Assert.InRange(later, 1, 3); // the reading loop may still be at work when the batch is taken
    }

    [Fact]
    public async Task A_slow_handler_holds_up_neither_acks_nor_pings()
    {
        var never = new TaskCompletionSource();
        await using var gate = NewLink();
        _ = gate.Link.SubscribeAsync("t", async (_, stopping) => await never.Task.WaitAsync(stopping), CancellationToken.None);
        await gate.StartAsync();
        using var peer = await LoginAndGrantAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);
        await peer.SendAsync(Answer.Message(7, "slow"));

        gate.Publish("t"u8, 1);
        await peer.AcknowledgeAsync((await peer.ExpectPublishAsync()).PacketId);

        Assert.Equal(1, (await gate.AckAsync()).RowId);
        peer.Dispose();
    }

    [Fact]
    public async Task Subscriptions_are_renewed_only_when_the_session_is_gone()
    {
        await using var gate = NewLink();
        _ = gate.Link.SubscribeAsync("t", (_, _) => ValueTask.CompletedTask, CancellationToken.None);
        await gate.StartAsync();
        using (await LoginAndGrantAsync())
            await gate.EventAsync(MqttLinkEventKind.Up);

        var kept = _server.LoginAsync(Answer.Welcome(sessionPresent: true));
        await gate.EventAfterAsync(MqttLinkEventKind.Up);
        using (var peer = await kept)
        {
            gate.Publish("t"u8, 1);
            await peer.AcknowledgeAsync((await peer.ExpectPublishAsync()).PacketId); // no SUBSCRIBE before it
            await gate.AckAsync();
        }

        var lost = _server.LoginAsync();
        await gate.EventAfterAsync(MqttLinkEventKind.Up);
        using var again = await lost;
        await again.ExpectAsync(0x82);
    }

    [Fact]
    public async Task A_refused_subscription_is_told()
    {
        await using var gate = NewLink();
        var answer = gate.Link.SubscribeAsync("t", (_, _) => ValueTask.CompletedTask, CancellationToken.None);
        await gate.StartAsync();
        using var peer = await LoginAndGrantAsync(reason: 135);

        Assert.Contains("'t'", (await gate.EventAsync(MqttLinkEventKind.SubscriptionRefused)).Message, StringComparison.Ordinal);
        Assert.Equal(MqttReason.NotAuthorized, await answer);
    }

    [Fact]
    public async Task A_subscription_that_is_never_answered_ends_the_link()
    {
        await using var gate = NewLink();
        _ = gate.Link.SubscribeAsync("t", (_, _) => ValueTask.CompletedTask, CancellationToken.None);
        await gate.StartAsync();
        using var peer = await _server.LoginAsync(Answer.Welcome(false, 0x13, 0x00, 0x00)); // no keep-alive
        await peer.ExpectAsync(0x82);

        Assert.Contains("subscription", (await gate.EventAfterAsync(MqttLinkEventKind.AckTimeout)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_flow_on_when_the_server_sends_more_than_the_handlers_queue_holds()
    {
        var handled = 0;
        var all = new TaskCompletionSource();
        await using var gate = new LinkUnderTest(LinkUnderTest.Options(_server.Port) with { ReceiveMaximum = 2 }, _clock);
        _ = gate.Link.SubscribeAsync("t", (_, _) =>
        {
            if (++handled == 50)
                all.SetResult();
            return ValueTask.CompletedTask;
        }, CancellationToken.None);
        await gate.StartAsync();
        using var peer = await LoginAndGrantAsync();

        for (ushort id = 1; id <= 50; id++)
            await peer.SendAsync(Answer.Message(id, "x"));

        await LinkUnderTest.Within(all.Task, "50 messages");
        for (ushort id = 1; id <= 50; id++)
            Assert.Equal(id, (await peer.ExpectAsync(0x40)).PacketId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a#")]
    [InlineData("#/a")]
    [InlineData("a+/b")]
    public async Task What_is_no_filter_is_refused_on_the_spot(string filter)
    {
        await using var gate = NewLink();
        await Assert.ThrowsAsync<ArgumentException>(() => gate.Link.SubscribeAsync(filter, (_, _) => ValueTask.CompletedTask, CancellationToken.None));
    }

    [Theory] // examples of MQTT 5 sections 4.7.1 and 4.7.2
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/x", true)]
    [InlineData("$share/group/a/+", "a/b", true)]
    public void A_filter_matches_as_the_specification_says(string filter, string topic, bool matches) =>
        Assert.Equal(matches, TopicName.Matches(filter, topic));

    private LinkUnderTest NewLink() => new(LinkUnderTest.Options(_server.Port), _clock);

    private async Task<FakePeer> LoginAndGrantAsync(byte reason = 1)
    {
        var peer = await _server.LoginAsync();
        await peer.SendAsync(Answer.SubAck((await peer.ExpectAsync(0x82)).PacketId, reason));
        return peer;
    }
}
