using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace EdgeGate.Mqtt.Tests.Interop;

/// <summary>
/// The brokers of Debian that know only MQTT 3.1.1. One test a broker, since RabbitMQ takes long to start. Skipped where they are not
/// installed; <c>./dev interop</c> installs them.
/// </summary>
public sealed class AgainstOtherBrokers
{
    [SkippableTheory, InlineData("nats-server"), InlineData("rabbitmq-server")]
    public async Task Everything_a_gate_needs_works(string name)
    {
        await using var broker = await OtherBroker.StartAsync(name);

        // Version 5 is asked for first, refused, and 3.1.1 taken, without a person's help.
        var received = Channel.CreateUnbounded<MqttInbound>();
        await using var center = new LinkUnderTest(LinkUnderTest.Options(broker.Port, "center"));
        var granted = center.Link.SubscribeAsync("lane/+", (message, stop) => received.Writer.WriteAsync(message, stop), CancellationToken.None);
        await center.StartAsync();
        Assert.Equal(MqttReason.GrantedQos1, await LinkUnderTest.Within(granted, "the subscription"));
        Assert.Equal(MqttVersion.V311, center.Link.Limits!.Version);

        await using var gate = await new LinkUnderTest(LinkUnderTest.Options(broker.Port)).StartAsync();
        await gate.EventAsync(MqttLinkEventKind.Up);
        await gate.PublishAllAsync("lane/1", 1, 2000);
        for (var row = 1; row <= 2000; row++)
            Assert.Equal($"{row}", await NextAsync(received));

        // A state that waits for who comes later (by its exact topic: RabbitMQ keeps none for wildcards), and the command-line clients of another maker.
        Assert.True(gate.Publish("state/gate-1"u8, 7, retain: true));
        Assert.Equal(MqttAckOutcome.Accepted, (await gate.AckAsync()).Outcome);
        Assert.Equal("7", await ClientAsync("mosquitto_sub", broker.Port, "-t", "state/gate-1", "-C", "1", "-W", "20"));
        await ClientAsync("mosquitto_pub", broker.Port, "-q", "1", "-t", "lane/2", "-m", "hello");
        Assert.Equal("hello", await NextAsync(received));

        // Killed without mercy under way, and back: every row is answered.
        var publishing = gate.PublishAllAsync("lane/1", 2001, 4000);
        await NextAsync(received);
        broker.Kill();
        await gate.EventAsync(MqttLinkEventKind.Down);
        await broker.RestartAsync();
        await publishing;
    }

    private static async Task<string> NextAsync(Channel<MqttInbound> received)
    {
        var message = await LinkUnderTest.Within(received.Reader.ReadAsync().AsTask(), "a message");
        return Encoding.UTF8.GetString(message.Payload.Span);
    }

    private static async Task<string> ClientAsync(string program, int port, params string[] arguments)
    {
        using var client = Process.Start(new ProcessStartInfo(program, ["-h", "127.0.0.1", "-p", $"{port}", .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var said = await client.StandardOutput.ReadToEndAsync();
        await client.WaitForExitAsync();
        Assert.Equal(0, client.ExitCode);
        return said.TrimEnd('\n');
    }
}
