using System.Text.Json;
using EdgeGate.Access.Registers;
using EdgeGate.Messages;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Occupancy;

/// <summary>Tells the other gates this one's counters, and hears theirs. Retained messages are the past on purpose: counters have no age.</summary>
internal sealed class OccupancyExchange(SiteOccupancy occupancy, PassageFollower follower, IMqttLink link, RetainedOutbox retained, GateTopics topics) : IHostedService
{
    private const int LongestMessage = 1024;

    /// <summary>Before the uplink, which starts after this, logs in: so that the old count of this gate is heard before a new one replaces it.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        occupancy.OwnChanged += Tell;
        if (occupancy.Own is { } own)
            Tell(own);
        _ = link.SubscribeAsync(topics.OccupancyOfAll, HearAsync, CancellationToken.None); // answered by an event, and asked again at every login
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        occupancy.OwnChanged -= Tell;
        return Task.CompletedTask;
    }

    private void Tell(OccupancyMessage own) => retained.Set(topics.Occupancy, JsonSerializer.SerializeToUtf8Bytes(own, RecordShapes.Default.OccupancyMessage));

    /// <summary>What is no such message, or speaks for another gate than its topic names, is passed over.</summary>
    private ValueTask HearAsync(MqttInbound message, CancellationToken cancellationToken)
    {
        if (Parse(message) is not { } heard)
            return ValueTask.CompletedTask;
        if (heard.Gate == topics.Gate)
            follower.HearOwn(heard);
        else
            occupancy.Hear(heard);
        return ValueTask.CompletedTask;
    }

    private static OccupancyMessage? Parse(MqttInbound message)
    {
        try
        {
            var heard = message.Payload.Length is > 0 and <= LongestMessage ? JsonSerializer.Deserialize(message.Payload.Span, RecordShapes.Default.OccupancyMessage) : null;
            return heard is { In: >= 0, Out: >= 0, Epoch: > 0 } && ListWord.IsValid(heard.Gate) && message.Topic.EndsWith('/' + heard.Gate, StringComparison.Ordinal) ? heard : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
