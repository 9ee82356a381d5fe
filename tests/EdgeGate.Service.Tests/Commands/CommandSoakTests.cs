using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Testing;
using Xunit.Abstractions;

namespace EdgeGate.Service.Tests.Commands;

/// <summary>
/// Bad commands of every sort through a real mosquitto to a real link that keeps breaking: ten at each reconnect. Twenty reconnects; as
/// many as <c>COMMANDS_SOAK</c> says when it is set (1000 makes the 10,000 commands of the promise).
/// </summary>
public sealed class CommandSoakTests(ITestOutputHelper output)
{
    private const int BadOnesPerReconnect = 10;
    private static readonly int Reconnects = int.Parse(Environment.GetEnvironmentVariable("COMMANDS_SOAK") ?? "20");

    /// <param name="sessionKept">True: what was published meanwhile waits in the session. False: the broker hands out its retained one anew each time.</param>
    [SkippableTheory, InlineData(true), InlineData(false)]
    public async Task No_bad_command_moves_the_portal_over_many_reconnects_and_each_is_on_record(bool sessionKept)
    {
        Skip.IfNot(TestBroker.IsInstalled, TestBroker.NotInstalled);
        await using var broker = await TestBroker.StartAsync();
        await using var road = new BreakableRoad(broker.Port);
        await using var link = LinkTo(road.Port, "gate", sessionKept ? TimeSpan.FromHours(1) : TimeSpan.Zero);
        await using var gate = await GateUnderCommand.StartAsync(link: link);
        await using var sender = new Sender(LinkTo(broker.Port, "sender", TimeSpan.Zero));
        await sender.StartAsync();
        await link.StartAsync(CancellationToken.None);
        using var done = new CancellationTokenSource();
        var answers = ForgetAsync(link.Acks, done.Token);
        await sender.UntilHeardAsync();
        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        string? used = null;
        var bad = 0;
        for (var reconnect = 0; reconnect < Reconnects; reconnect++)
        {
            // While the gate is away: these wait, and one of them is retained for every later login too.
            await road.BreakAsync(link);
            string[] early = [.. Enumerable.Range(0, 4).Select(_ => gate.Sign(gate.OpenOnce()))];
            gate.Time.Advance(TimeSpan.FromSeconds(4));
            foreach (var token in early)
                await sender.PublishAsync(token, retain: token == early[0]);
            road.Mend();
            await sender.UntilHeardAsync();

            // While it is there.
            string[] late =
            [
                used ?? "nothing yet",
                gate.Sign(gate.OpenOnce() with { IssuedAt = gate.Time.GetUtcNow().AddMinutes(-2), Expires = gate.Time.GetUtcNow().AddMinutes(-1) }),
                gate.Sign(gate.OpenOnce() with { Gate = "estate/gate-2" }),
                CommandToken.Sign(gate.OpenOnce(), GateUnderCommand.KeyId, thief),
                CommandToken.Sign(gate.OpenOnce(), "thief", thief),
                gate.Sign(gate.OpenOnce())[..^10],
            ];
            foreach (var token in late)
                await sender.PublishAsync(token);
            bad += (sessionKept ? early.Length : 1) + late.Length;

            // What comes over one road comes in order: when this one is answered, all before it were judged.
            var good = gate.OpenOnce();
            used = gate.Sign(good);
            Assert.Equal(CommandOutcome.Taken, (await sender.AskAsync(used, good.Id)).Outcome);
            Assert.Equal(reconnect + 1, gate.Portal.Asked.Count);
        }

        await link.StopAsync(TimeSpan.Zero, CancellationToken.None);
        await done.CancelAsync();
        await answers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await gate.StopAsync();
        Assert.Equal(Reconnects, gate.Portal.Asked.Count);
        Assert.All(gate.Portal.Asked, opening => Assert.NotNull(opening.NewestOnDisk));
        var refused = Enum.GetValues<CommandReason>().ToDictionary(reason => reason, gate.Refused);
        Assert.True(refused.Values.Sum() >= bad, $"{bad} bad commands, {refused.Values.Sum()} refusals on record"); // more where the broker sent one twice
        Assert.True(refused[sessionKept ? CommandReason.Queued : CommandReason.Retained] >= Reconnects);
        output.WriteLine($"{Reconnects} reconnects, {bad} bad commands of {Reconnects * BadOnesPerReconnect} sent: "
            + $"{string.Join(", ", refused.Where(count => count.Value > 0).Select(count => $"{count.Key} {count.Value}"))}; {gate.Records().Count} records; portal opened {Reconnects} times for {Reconnects} good ones");
    }

    /// <summary>In the gate the uplink reads them; unread they would stop the link.</summary>
    private static async Task ForgetAsync(ChannelReader<MqttAck> acks, CancellationToken done)
    {
        while (await acks.WaitToReadAsync(done))
            acks.TryRead(out _);
    }

    private static MqttLink LinkTo(int port, string clientId, TimeSpan sessionExpiry) => new(
        new MqttLinkOptions
        {
            Endpoints = [new MqttEndpoint("127.0.0.1", port)],
            ClientId = clientId,
            SessionExpiry = sessionExpiry,
            BackoffMinimum = TimeSpan.FromMilliseconds(1),
            BackoffMaximum = TimeSpan.FromMilliseconds(5),
        },
        TimeProvider.System);

    private sealed class Sender(MqttLink link) : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource<CommandReply>> _asked = new();
        private long _row;

        public async Task StartAsync()
        {
            var listening = link.SubscribeAsync(GateUnderCommand.Topics.Replies, Listen, CancellationToken.None);
            await link.StartAsync(CancellationToken.None);
            await listening.InTime();
        }

        /// <summary>Returns when the gate's subscription stands: the broker says of each message whether anybody gets it.</summary>
        public async Task UntilHeardAsync()
        {
            while (await PublishAsync("does anybody hear this?") is MqttReason.NoMatchingSubscribers)
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        /// <summary>Returns when the broker has it.</summary>
        public async Task<MqttReason> PublishAsync(string token, bool retain = false)
        {
            Assert.True(link.TryPublish(
                new MqttOutgoing { Topic = Encoding.UTF8.GetBytes(GateUnderCommand.Topics.Commands), Payload = Encoding.ASCII.GetBytes(token), Retain = retain }, ++_row));
            var ack = await link.Acks.ReadAsync().InTime();
            Assert.Equal(MqttAckOutcome.Accepted, ack.Outcome);
            return ack.Reason;
        }

        public async Task<CommandReply> AskAsync(string token, string id)
        {
            var asked = _asked[id] = new TaskCompletionSource<CommandReply>(TaskCreationOptions.RunContinuationsAsynchronously);
            await PublishAsync(token);
            return await asked.Task.InTime();
        }

        public ValueTask DisposeAsync() => link.DisposeAsync();

        private ValueTask Listen(MqttInbound message, CancellationToken cancellationToken)
        {
            var reply = JsonSerializer.Deserialize(message.Payload.Span, RecordShapes.Default.CommandReply)!;
            if (reply.Id is { } id && _asked.TryGetValue(id, out var asked))
                asked.TrySetResult(reply);
            return ValueTask.CompletedTask;
        }
    }
}
