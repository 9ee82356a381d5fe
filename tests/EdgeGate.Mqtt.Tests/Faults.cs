using System.Net;
using System.Net.Sockets;

namespace EdgeGate.Mqtt.Tests;

/// <summary>Everything that goes wrong between a client and a server, and what the operator gets to read about it.</summary>
public sealed class Faults : IDisposable
{
    private readonly FakeServer _server = new();
    private readonly Testing.ManualTime _clock = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task A_disconnect_from_the_server_is_told_with_its_reason_and_the_link_comes_back()
    {
        await using var gate = await StartAsync();
        using (var peer = await _server.LoginAsync())
        {
            await gate.EventAsync(MqttLinkEventKind.Up);
            await peer.SendAsync(Answer.Disconnect(139, Answer.ReasonString("back at noon")));
        }

        var down = await gate.EventAsync(MqttLinkEventKind.Down);
        Assert.Equal(MqttReason.ServerShuttingDown, down.Reason);
        Assert.Contains("back at noon", down.Message, StringComparison.Ordinal);
        var first = gate.Link.Limits!.Login;
        var again = _server.LoginAsync();
        await gate.EventAfterAsync(MqttLinkEventKind.Up);
        (await again).Dispose();
        Assert.True(gate.Link.Limits!.Login > first);
    }

    [Fact]
    public async Task Another_client_with_our_id_is_reported_and_not_fought_with()
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync();
        await peer.SendAsync(Answer.Disconnect(142));

        var taken = await gate.EventAsync(MqttLinkEventKind.TakenOver);
        Assert.Contains("'gate-1'", taken.Message, StringComparison.Ordinal);
        Assert.InRange(gate.Link.State.RetryIn!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_server_that_accepts_and_says_nothing_is_given_up_after_the_connect_time_out()
    {
        await using var gate = await StartAsync(MqttVersion.V5);
        using var peer = await _server.AcceptAsync();
        await peer.ExpectAsync(0x10);

        var fault = await gate.EventAfterAsync(MqttLinkEventKind.Unreachable);
        Assert.Contains("did not answer the login within 5 s", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_does_not_answer_is_given_up_after_the_connect_time_out()
    {
        // A full accept queue: Linux drops the SYN, as a firewall would.
        using var deaf = new Socket(SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        deaf.Listen(0);
        var port = ((IPEndPoint)deaf.LocalEndPoint!).Port;
        using var filler = new TcpClient(AddressFamily.InterNetworkV6);
        await filler.ConnectAsync(IPAddress.IPv6Loopback, port);
        await using var gate = new LinkUnderTest(LinkUnderTest.Options(port) with { Endpoints = [new MqttEndpoint("::1", port)] }, _clock);
        await gate.StartAsync();

        var fault = await gate.EventAfterAsync(MqttLinkEventKind.Unreachable);
        Assert.Contains("could not be reached within 5 s", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_listening_is_told_and_tried_again()
    {
        _server.Dispose();
        await using var gate = await StartAsync();

        var fault = await gate.EventAsync(MqttLinkEventKind.Unreachable);
        Assert.Contains("cannot be reached", fault.Message, StringComparison.Ordinal);
        await gate.EventAfterAsync(MqttLinkEventKind.Unreachable);
    }

    [Fact]
    public async Task A_half_open_link_is_found_by_the_unanswered_ping()
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);

        var fault = await gate.EventAfterAsync(MqttLinkEventKind.AckTimeout);
        Assert.Contains("did not answer a ping within 20 s", fault.Message, StringComparison.Ordinal);
        await peer.ExpectAsync(0xC0);
    }

    [Fact]
    public async Task A_server_that_answers_pings_and_acknowledges_nothing_is_dropped()
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync(Answer.Welcome(false, 0x13, 0x00, 0x04)); // Server Keep Alive 4 s
        await gate.EventAsync(MqttLinkEventKind.Up);
        gate.Publish("t"u8, 1);
        await peer.ExpectPublishAsync();

        var pings = AnswerPingsAsync();
        var fault = await gate.EventAfterAsync(MqttLinkEventKind.AckTimeout);

        Assert.Contains("did not acknowledge a message within 20 s", fault.Message, StringComparison.Ordinal);
        Assert.InRange(await pings, 2, 10);

        async Task<int> AnswerPingsAsync()
        {
            var answered = 0;
            for (; await peer.ReadAsync() is { FirstByte: 0xC0 }; answered++)
                await peer.SendAsync(0xD0, 0x00);
            return answered;
        }
    }

    [Theory]
    [InlineData(134, "user name or password")]
    [InlineData(135, "not authorised")]
    [InlineData(133, "client id 'gate-1'")]
    [InlineData(137, "ServerBusy")]
    public async Task A_refused_login_says_what_to_look_at(byte reason, string words)
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync(Answer.Refused(reason, Answer.ReasonString("ask the office")));

        var refused = await gate.EventAsync(MqttLinkEventKind.Refused);
        Assert.Equal((MqttReason)reason, refused.Reason);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.Contains("ask the office", refused.Message, StringComparison.Ordinal);
        Assert.Equal(MqttLinkPhase.Refused, gate.Link.State.Phase);
        var again = _server.LoginAsync();
        await gate.EventAfterAsync(MqttLinkEventKind.Up);
        (await again).Dispose();
    }

    [Theory]
    [InlineData(4, MqttReason.BadUserNameOrPassword)]
    [InlineData(5, MqttReason.NotAuthorized)]
    public async Task A_login_refused_in_the_old_version_says_the_same(byte returnCode, MqttReason reason)
    {
        await using var gate = await StartAsync(MqttVersion.V311);
        using var peer = await _server.LoginAsync(Answer.Old(returnCode));

        Assert.Equal(reason, (await gate.EventAsync(MqttLinkEventKind.Refused)).Reason);
    }

    [Theory]
    [InlineData(new byte[] { 0x20, 0x03, 0x00, 0x84, 0x00 })] // 132, as MQTT 5 says it
    [InlineData(new byte[] { 0x20, 0x02, 0x00, 0x01 })] // return code 1, as MQTT 3.1.1 says it
    [InlineData(new byte[0])] // just closes
    public async Task A_server_that_knows_only_the_old_version_is_spoken_to_in_it(byte[] answer)
    {
        await using var gate = await StartAsync();
        using (var first = await _server.AcceptAsync())
        {
            Assert.Equal(5, (await first.ExpectAsync(0x10)).Body[6]);
            await first.SendAsync(answer);
        }
        using var second = await _server.AcceptAsync();
        Assert.Equal(4, (await second.ExpectAsync(0x10)).Body[6]);
        await second.SendAsync(Answer.Old(returnCode: 0));

        await gate.EventAsync(MqttLinkEventKind.Up);
        Assert.Equal(MqttVersion.V311, gate.Link.Limits!.Version);
        gate.Publish("t"u8, 7);
        var packet = await second.ExpectPublishAsync();
        Assert.Equal("7"u8.ToArray(), packet.Body[5..]); // no property length in between
    }

    [Fact]
    public async Task A_dead_endpoint_is_passed_over_for_the_next()
    {
        using var dead = new FakeServer();
        dead.Dispose();
        var options = LinkUnderTest.Options(_server.Port) with { Endpoints = [new("127.0.0.1", dead.Port), new("127.0.0.1", _server.Port)] };
        await using var gate = await new LinkUnderTest(options, _clock).StartAsync();

        var login = _server.LoginAsync();
        var up = await gate.EventAfterAsync(MqttLinkEventKind.Up);
        Assert.Contains($":{_server.Port}", up.Message, StringComparison.Ordinal);
        (await login).Dispose();
    }

    [Fact]
    public async Task A_server_that_lets_in_and_throws_out_is_not_hammered()
    {
        await using var gate = await StartAsync();
        var longest = TimeSpan.Zero;
        for (var round = 1; round <= 12; round++)
        {
            var login = _server.LoginAsync();
            await gate.EventAfterAsync(MqttLinkEventKind.Up);
            (await login).Dispose();
            await gate.EventAsync(MqttLinkEventKind.Down);

            var pause = gate.Link.State.RetryIn!.Value;
            Assert.InRange(pause, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30));
            Assert.False(_server.SomebodyKnocks);
            longest = pause > longest ? pause : longest;
        }
        Assert.True(longest > TimeSpan.FromSeconds(1), "the pauses grow although every login succeeded");
    }

    [Fact]
    public async Task New_credentials_are_taken_at_the_next_login()
    {
        await using var gate = await StartAsync();
        using (await _server.LoginAsync(Answer.Refused(134)))
            await gate.EventAsync(MqttLinkEventKind.Refused);
        gate.Link.UseCredentials(new MqttCredentials("gate", "secret"));

        var accepted = _server.AcceptAsync();
        while (!accepted.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(accepted, Task.Delay(1, CancellationToken.None));
        }
        using var peer = await accepted;
        var connect = await peer.ExpectAsync(0x10);
        Assert.True(connect.Body.AsSpan().EndsWith((byte[])[0, 4, .. "gate"u8, 0, 6, .. "secret"u8]));
    }

    [Theory]
    [InlineData(new byte[] { 0x34, 0x06, 0x00, 0x01, 0x74, 0x00, 0x01, 0x00 }, 155)] // QoS 2, never asked for
    [InlineData(new byte[] { 0x30, 0x07, 0x00, 0x01, 0x74, 0x03, 0x23, 0x00, 0x01 }, 148)] // topic alias, never allowed
    [InlineData(new byte[] { 0x30, 0xFF, 0xFF, 0x7F }, 149)] // announces 2 MB
    [InlineData(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0xFF }, 129)] // a length of five bytes
    [InlineData(new byte[] { 0x20, 0x03, 0x00, 0x00, 0x00 }, 130)] // a second CONNACK
    [InlineData(new byte[] { 0x40, 0x01, 0x00 }, 129)] // half a packet id
    public async Task A_server_that_breaks_the_protocol_is_told_so_and_left(byte[] wrong, byte reason)
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);

        await peer.SendAsync(wrong);

        Assert.Equal([reason], (await peer.ExpectAsync(0xE0)).Body);
        Assert.Equal((MqttReason)reason, (await gate.EventAsync(MqttLinkEventKind.ProtocolFault)).Reason);
    }

    [Fact]
    public async Task In_the_old_version_such_a_server_is_left_without_a_word_for_a_word_would_take_back_the_will()
    {
        await using var gate = await StartAsync(MqttVersion.V311);
        using var peer = await _server.LoginAsync(Answer.Old(returnCode: 0));
        await gate.EventAsync(MqttLinkEventKind.Up);

        await peer.SendAsync(0x40, 0x01, 0x00);

        await gate.EventAsync(MqttLinkEventKind.ProtocolFault);
        Assert.Null(await peer.ReadAsync());
    }

    [Fact]
    public async Task Something_that_is_no_MQTT_server_is_named_so()
    {
        await using var gate = await StartAsync();
        using var peer = await _server.LoginAsync([.. "HTTP/1.1 400 Bad Request\r\n\r\n"u8]);

        var fault = await gate.EventAsync(MqttLinkEventKind.ProtocolFault);
        Assert.Contains("MQTT", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_name_every_fault_at_once()
    {
        var wrong = new MqttLinkOptions { Endpoints = [], ClientId = "", Window = 0, Credentials = new MqttCredentials(Password: "x") };

        var fault = Assert.Throws<ArgumentException>(() => new MqttLink(wrong, _clock));
        foreach (var words in new[] { "endpoint", "client id", "window", "user name" })
            Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }

    private Task<LinkUnderTest> StartAsync(MqttVersion version = MqttVersion.Auto) =>
        new LinkUnderTest(LinkUnderTest.Options(_server.Port) with { Version = version }, _clock).StartAsync();
}
