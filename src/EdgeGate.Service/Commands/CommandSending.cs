using System.Text;
using System.Text.Json;
using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Commands;

/// <summary>The other side of a command: publishes one with the broker login of the settings and waits for the gate's answer.</summary>
internal static class CommandSending
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal abstract record Result
    {
        private Result() { }

        public sealed record Answered(CommandReply Reply) : Result;

        /// <param name="Why">In words, with what to look at.</param>
        public sealed record NoAnswer(string Why) : Result;
    }

    public static async Task<Result> SendAsync(
        string token, GateCommand command, GateSettings settings, BrokerSettings broker, TimeProvider time, CancellationToken cancellationToken)
    {
        if (command.Gate.Split('/') is not [var site, var gate])
            return new Result.NoAnswer($"\"{command.Gate}\" names no gate: write site/gate");
        var topics = new GateTopics(site, gate);
        MqttLinkOptions options;
        try
        {
            options = UplinkSetup.LinkOptionsOf(settings, broker, topics) with
            {
                ClientId = $"command-{Guid.NewGuid():N}", // with the gate's own it would throw the gate out
                SessionExpiry = TimeSpan.Zero,
            };
        }
        catch (BrokerFileException unusable)
        {
            return new Result.NoAnswer(unusable.Message);
        }
        await using var link = new MqttLink(options, time);
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var answer = new TaskCompletionSource<CommandReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        var step = $"there is no connection to {broker.Host}:{broker.Port}";
        try
        {
            var listening = link.SubscribeAsync(topics.Replies, Listen, either.Token);
            await link.StartAsync(either.Token);
            if (await listening >= MqttReason.UnspecifiedError)
                return new Result.NoAnswer($"the broker does not let this login read {topics.Replies}");
            step = $"the broker took nothing on {topics.Commands}";
            while (!TryPublish())
                await link.WaitForRoomAsync(either.Token);
            if (await link.Acks.ReadAsync(either.Token) is { Reason: >= MqttReason.NoMatchingSubscribers } refused)
                return new Result.NoAnswer(refused.Reason is MqttReason.NoMatchingSubscribers
                    ? $"nobody listens on {topics.Commands}: the gate is away, or has no commands.keys in its settings"
                    : $"the broker does not take it: {refused.Reason} {refused.Text}");
            step = "the broker has the command and the gate says nothing: it is away, or has no commands.keys in its settings";
            return new Result.Answered(await answer.Task.WaitAsync(either.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Result.NoAnswer($"No answer within {Patience.TotalSeconds:0} s: {link.State.Cause ?? step}");
        }

        bool TryPublish() => link.TryPublish(
            new MqttOutgoing
            {
                Topic = Encoding.UTF8.GetBytes(topics.Commands),
                Payload = Encoding.ASCII.GetBytes(token),
                CorrelationData = Encoding.ASCII.GetBytes(command.Id),
                ResponseTopic = Encoding.UTF8.GetBytes(topics.Replies),
                ExpiresAfter = command.Expires - command.IssuedAt,
            },
            rowId: 1);

        ValueTask Listen(MqttInbound message, CancellationToken ending)
        {
            try
            {
                // By the id; by the correlation data when the gate could not tell whose command it was. MQTT 3.1.1 knows only the first.
                if (JsonSerializer.Deserialize(message.Payload.Span, RecordShapes.Default.CommandReply) is { } reply
                    && (reply.Id == command.Id || Encoding.UTF8.GetString(message.CorrelationData.Span) == command.Id))
                    answer.TrySetResult(reply);
            }
            catch (JsonException)
            {
                // somebody else's message on this topic: ours may still come
            }
            return ValueTask.CompletedTask;
        }
    }
}
