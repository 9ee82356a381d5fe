using System.Text.Json;
using EdgeGate.Access.Registers;
using EdgeGate.Messages;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.Uplink;

namespace EdgeGate.Service.Occupancy;

/// <summary>Tells the other gates this one's counters, and hears theirs. Retained messages are the past on purpose: counters have no age.</summary>
internal sealed class OccupancyExchange(SiteOccupancy occupancy, PassageFollower follower, IMqttLink link, RetainedOutbox retained, GateTopics topics, TimeProvider time) : IHostedService, IDisposable
{
    private const int LongestMessage = 1024;

    /// <summary>After one change the next waits this long: in a crowd the counters would cost the link as much as the records.</summary>
    internal static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);

    /// <summary>After a login what the broker retains has come by then.</summary>
    internal static readonly TimeSpan HeardWithin = TimeSpan.FromSeconds(3);

    private readonly Lock _telling = new();
    private ITimer? _later, _heard;
    private long? _toldAt;

    /// <summary>Before the uplink, which starts after this, logs in: so that the old count of this gate is heard before a new one replaces it.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _later = time.CreateTimer(_ => Tell(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _heard = time.CreateTimer(_ => occupancy.IsComplete = link.State.Phase is MqttLinkPhase.Online, state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        occupancy.IsComplete = false;
        link.Changed += OnLinkChanged;
        occupancy.OwnChanged += OnOwnChanged;
        Tell();
        _ = link.SubscribeAsync(topics.OccupancyOfAll, HearAsync, CancellationToken.None); // answered by an event, and asked again at every login
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        occupancy.OwnChanged -= OnOwnChanged;
        link.Changed -= OnLinkChanged;
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _later?.Dispose();
        _heard?.Dispose();
    }

    private void OnLinkChanged(MqttLinkEvent change)
    {
        if (change.Kind is MqttLinkEventKind.Up)
            _heard!.Change(HeardWithin, Timeout.InfiniteTimeSpan);
        else if (link.State.Phase is not MqttLinkPhase.Online)
            occupancy.IsComplete = false;
    }

    private void OnOwnChanged(OccupancyMessage own)
    {
        lock (_telling)
        {
            if (_toldAt is { } told && TellEvery - time.GetElapsedTime(told) is { Ticks: > 0 } left)
                _later!.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
            else
                Tell();
        }
    }

    private void Tell()
    {
        lock (_telling)
        {
            if (occupancy.Own is not { } own)
                return;
            _toldAt = time.GetTimestamp();
            retained.Set(topics.Occupancy, JsonSerializer.SerializeToUtf8Bytes(own, RecordShapes.Default.OccupancyMessage));
        }
    }

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
            return heard is not null && SiteOccupancy.CanBeOfPeople(heard) && ListWord.IsValid(heard.Gate) && message.Topic.EndsWith('/' + heard.Gate, StringComparison.Ordinal) ? heard : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
