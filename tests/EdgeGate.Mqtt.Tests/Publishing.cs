namespace EdgeGate.Mqtt.Tests;

/// <summary>Window, order, acks and what comes back, against a server that follows a script.</summary>
public sealed class Publishing : IDisposable
{
    private readonly FakeServer _server = new();
    private readonly Testing.ManualTime _clock = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task A_message_is_acked_when_the_server_has_acknowledged_it()
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);

        Assert.True(gate.Publish("t"u8, 41));
        var packet = await peer.ExpectPublishAsync();
        Assert.False(gate.Link.Acks.TryRead(out _));
        await peer.AcknowledgeAsync(packet.PacketId);

        Assert.Equal(new MqttAck(41, MqttReason.Success), await gate.AckAsync());
    }

    [Theory]
    [InlineData(16, MqttAckOutcome.Accepted)]
    [InlineData(131, MqttAckOutcome.RetryLater)]
    [InlineData(151, MqttAckOutcome.RetryLater)]
    [InlineData(135, MqttAckOutcome.Refused)]
    [InlineData(144, MqttAckOutcome.Refused)]
    [InlineData(153, MqttAckOutcome.Refused)]
    public async Task The_servers_reason_and_its_words_reach_the_caller(byte reason, MqttAckOutcome outcome)
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);
        gate.Publish("t"u8, 1);
        var packet = await peer.ExpectPublishAsync();

        await peer.SendAsync(Answer.PubAck(packet.PacketId, reason, Answer.ReasonString("because")));

        var ack = await gate.AckAsync();
        Assert.Equal(new MqttAck(1, (MqttReason)reason, "because"), ack);
        Assert.Equal(outcome, ack.Outcome);
    }

    [Fact]
    public async Task A_message_larger_than_the_server_takes_is_refused_at_once_and_never_sent()
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync(Answer.Welcome(false, 0x27, 0x00, 0x00, 0x07, 0xD0)); // Maximum Packet Size 2000
        await gate.EventAsync(MqttLinkEventKind.Up);

        Assert.True(gate.Link.TryPublish(new MqttOutgoing { Topic = "t"u8, Payload = new byte[3000] }, 1));
        var ack = await gate.AckAsync();
        Assert.Equal((1, MqttReason.PacketTooLarge, MqttAckOutcome.Refused), (ack.RowId, ack.Reason, ack.Outcome));

        gate.Publish("t"u8, 2);
        Assert.Equal(2, (await peer.ExpectPublishAsync()).Row);
    }

    [Fact]
    public async Task The_largest_message_the_server_takes_is_sent()
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync(Answer.Welcome(false, 0x27, 0x00, 0x00, 0x00, 0x64)); // 100 bytes
        await gate.EventAsync(MqttLinkEventKind.Up);

        // 2 fixed header, 3 topic, 2 packet id, 1 property length
        Assert.True(gate.Link.TryPublish(new MqttOutgoing { Topic = "t"u8, Payload = new byte[92] }, 1));
        Assert.True(gate.Link.TryPublish(new MqttOutgoing { Topic = "t"u8, Payload = new byte[93] }, 2));

        Assert.Equal(98, (await peer.ExpectPublishAsync()).Body.Length);
        Assert.Equal((2, MqttReason.PacketTooLarge), (await gate.AckAsync()) switch { var ack => (ack.RowId, ack.Reason) });
    }

    [Fact]
    public async Task What_would_cost_the_link_is_refused_before_it_is_sent()
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync(Answer.Welcome(false, 0x24, 0x00, 0x25, 0x00)); // Maximum QoS 0, no retain
        await gate.EventAsync(MqttLinkEventKind.Up);

        Assert.True(gate.Publish("lane/#"u8, 1));
        Assert.True(gate.Publish(""u8, 2));
        Assert.True(gate.Publish([0xC3, 0x28], 3)); // not UTF-8
        Assert.True(gate.Publish("t"u8, 4, retain: true));
        Assert.True(gate.Publish("t"u8, 5));

        var reasons = (await gate.AcksAsync(5)).Select(ack => ack.Reason);
        Assert.Equal(
            [MqttReason.TopicNameInvalid, MqttReason.TopicNameInvalid, MqttReason.TopicNameInvalid, MqttReason.RetainNotSupported, MqttReason.QosNotSupported],
            reasons);
    }

    [Fact]
    public async Task A_message_at_most_once_is_answered_when_it_is_on_its_way()
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);

        Assert.True(gate.Link.TryPublish(new MqttOutgoing { Topic = "t"u8, AtMostOnce = true }, 1));

        await peer.ExpectAsync(0x30);
        Assert.Equal(new MqttAck(1, MqttReason.Success), await gate.AckAsync());
    }

    [Fact]
    public async Task The_servers_receive_maximum_narrows_the_window()
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync(Answer.Welcome(false, Answer.ReceiveMaximum(2)));
        await gate.EventAsync(MqttLinkEventKind.Up);

        Assert.True(gate.Publish("t"u8, 1));
        Assert.True(gate.Publish("t"u8, 2));
        Assert.False(gate.Publish("t"u8, 3));
        var room = gate.Link.WaitForRoomAsync(CancellationToken.None);
        Assert.False(room.IsCompleted);

        await peer.AcknowledgeAsync((await peer.ExpectPublishAsync()).PacketId);
        await LinkUnderTest.Within(room.AsTask(), "room");
        Assert.True(gate.Publish("t"u8, 3));
    }

    [Fact]
    public async Task With_the_session_kept_unanswered_messages_go_again_under_their_ids_and_in_order()
    {
        await using var gate = await StartAsync();
        var ids = new List<ushort>();
        using (var first = await _server.LoginAsync())
        {
            await gate.EventAsync(MqttLinkEventKind.Up);
            for (var row = 1; row <= 4; row++)
                gate.Publish("t"u8, row);
            for (var row = 1; row <= 4; row++)
                ids.Add((await first.ExpectPublishAsync()).PacketId);
            await first.AcknowledgeAsync(ids[1]); // out of turn
            Assert.Equal(2, (await gate.AckAsync()).RowId);
        }
        await gate.EventAsync(MqttLinkEventKind.Down);
        Assert.False(gate.Publish("t"u8, 5));

        using var second = await ReloginAsync(gate, Answer.Welcome(sessionPresent: true));
        Assert.True(gate.Publish("t"u8, 5));

        foreach (var row in new[] { 1, 3, 4 })
        {
            var again = await second.ExpectAsync(0x3A); // QoS 1, DUP
            Assert.Equal((row, ids[row - 1]), (again.Row, again.PacketId));
        }
        Assert.Equal(5, (await second.ExpectPublishAsync()).Row);
    }

    [Fact]
    public async Task The_receive_maximum_also_binds_what_is_sent_again()
    {
        await using var gate = await StartAsync();
        using (var first = await _server.LoginAsync())
        {
            await gate.EventAsync(MqttLinkEventKind.Up);
            for (var row = 1; row <= 3; row++)
                gate.Publish("t"u8, row);
            for (var row = 1; row <= 3; row++)
                await first.ExpectPublishAsync();
        }
        await gate.EventAsync(MqttLinkEventKind.Down);
        using var second = await ReloginAsync(gate, Answer.Welcome(sessionPresent: true, Answer.ReceiveMaximum(1)));

        for (var row = 1; row <= 3; row++)
        {
            var again = await second.ExpectAsync(0x3A);
            Assert.Equal(row, again.Row);
            await gate.Link.SubscribeAsync($"fence/{row}", Ignore, new CancellationToken(canceled: true)).ContinueWith(_ => { }, TaskScheduler.Default);
            await second.ExpectAsync(0x82); // whatever could be sent before it would have been
            await second.AcknowledgeAsync(again.PacketId);
        }
        Assert.Equal([1L, 2, 3], (await gate.AcksAsync(3)).Select(ack => ack.RowId));

        static ValueTask Ignore(MqttInbound message, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_the_server_no_longer_takes_after_a_reconnect_is_refused_and_the_rest_goes_on()
    {
        await using var gate = await StartAsync();
        using (await _server.LoginAsync())
        {
            await gate.EventAsync(MqttLinkEventKind.Up);
            gate.Link.TryPublish(new MqttOutgoing { Topic = "t"u8, Payload = new byte[100] }, 1);
            gate.Publish("t"u8, 2);
        }
        await gate.EventAsync(MqttLinkEventKind.Down);
        using var second = await ReloginAsync(gate, Answer.Welcome(sessionPresent: true, 0x27, 0x00, 0x00, 0x00, 0x64)); // 100 bytes

        Assert.Equal((1, MqttReason.PacketTooLarge), await gate.AckAsync() switch { var ack => (ack.RowId, ack.Reason) });
        Assert.Equal(2, (await second.ReadAsync())!.Value.Row); // with or without DUP: it may not have left before
    }

    [Fact]
    public async Task Without_the_session_everything_unanswered_is_handed_back_before_anything_new_is_taken()
    {
        await using var gate = await StartAsync();
        using (var first = await _server.LoginAsync())
        {
            await gate.EventAsync(MqttLinkEventKind.Up);
            for (var row = 1; row <= 3; row++)
                gate.Publish("t"u8, row);
            await first.ExpectPublishAsync();
        }
        await gate.EventAsync(MqttLinkEventKind.Down);
        using var second = await ReloginAsync(gate, Answer.Welcome(sessionPresent: false));

        Assert.False(gate.Publish("t"u8, 4));
        var handedBack = await gate.AcksAsync(3);
        Assert.All(handedBack, ack => Assert.Equal(MqttAckOutcome.OfferAgain, ack.Outcome));
        Assert.Equal([1L, 2, 3], handedBack.Select(ack => ack.RowId));
        Assert.True(gate.Publish("t"u8, 1));
        Assert.Equal(1, (await second.ExpectPublishAsync()).Row);
    }

    [Fact]
    public async Task A_session_under_the_other_version_hands_back_too()
    {
        await using var gate = await StartAsync();
        using (await _server.LoginAsync())
        {
            await gate.EventAsync(MqttLinkEventKind.Up);
            gate.Publish("t"u8, 1);
        }
        await gate.EventAsync(MqttLinkEventKind.Down);
        var login = AcceptOldAsync();
        await gate.EventAfterAsync(MqttLinkEventKind.Up);
        using var old = await login;

        Assert.True((await gate.AckAsync()).Requeue);

        async Task<FakePeer> AcceptOldAsync()
        {
            using (await _server.LoginAsync(Answer.Old(returnCode: 1)))
                return await _server.LoginAsync(Answer.Old(returnCode: 0, sessionPresent: true));
        }
    }

    [Fact]
    public async Task Unread_acks_stop_the_intake_and_reading_them_opens_it_again()
    {
        await using var gate = await StartAsync(window: 1);
        using var peer = await _server.LoginAsync(Answer.Welcome(false, 0x25, 0x00)); // no retain: refused at once
        await gate.EventAsync(MqttLinkEventKind.Up);

        var taken = 0;
        while (gate.Publish("t"u8, taken, retain: true))
            taken++;
        var room = gate.Link.WaitForRoomAsync(CancellationToken.None);

        Assert.Equal(taken, gate.Link.Acks.Count);
        Assert.False(room.IsCompleted);
        await gate.AckAsync();
        await LinkUnderTest.Within(room.AsTask(), "room");
        Assert.True(gate.Publish("t"u8, 9, retain: true));
    }

    [Fact]
    public async Task Stopping_waits_for_the_window_then_says_goodbye()
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);
        gate.Publish("t"u8, 1);
        var packet = await peer.ExpectPublishAsync();

        var stopping = gate.Link.StopAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.False(gate.Publish("t"u8, 2));
        await peer.AcknowledgeAsync(packet.PacketId);
        await peer.ExpectAsync(0xE0);
        peer.Dispose();
        await LinkUnderTest.Within(stopping, "the stop");

        Assert.Equal([new MqttAck(1, MqttReason.Success)], await gate.Link.Acks.ReadAllAsync().ToListAsync());
        Assert.Equal(MqttLinkPhase.Stopped, gate.Link.State.Phase);
    }

    [Fact]
    public async Task What_the_drain_did_not_reach_is_handed_back()
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);
        gate.Publish("t"u8, 1);
        await peer.ExpectPublishAsync();

        var stopping = gate.Link.StopAsync(TimeSpan.Zero, CancellationToken.None);
        await peer.ExpectAsync(0xE0);
        peer.Dispose();
        await LinkUnderTest.Within(stopping, "the stop");

        var ack = Assert.Single(await gate.Link.Acks.ReadAllAsync().ToListAsync());
        Assert.True(ack is { RowId: 1, Requeue: true });
    }

    private Task<LinkUnderTest> StartAsync(int window = 256) =>
        new LinkUnderTest(LinkUnderTest.Options(_server.Port) with { Window = window }, _clock).StartAsync();

    private async Task<FakePeer> ReloginAsync(LinkUnderTest gate, byte[] connAck)
    {
        var login = _server.LoginAsync(connAck);
        await gate.EventAfterAsync(MqttLinkEventKind.Up);
        return await login;
    }
}
