using EdgeGate.Access;
using EdgeGate.Messages;
using EdgeGate.Messages.Commands;
using EdgeGate.Mqtt;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Kiosk.Notices;

/// <summary>Hears what is announced at every gate of the site. Retained, so a gate that was away hears it when it comes back.</summary>
internal sealed partial class SiteNotices(
    SiteTopics topics, NoticeShelf shelf, CommandKeyRing keys, IMqttLink link, GateClock clock, ILogger<SiteNotices> log) : IHostedService
{
    /// <summary>Why some were, each once until others are taken, or whoever may publish there fills the log. Few: all are our own words.</summary>
    private readonly HashSet<string> _refused = [];

    /// <summary>Subscribes before the uplink logs in.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = link.SubscribeAsync(topics.Notices, (message, _) => Hear(message.Payload.Span), CancellationToken.None); // answered by an event, and asked again at every login
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private ValueTask Hear(ReadOnlySpan<byte> token)
    {
        if (token.IsEmpty)
            return ValueTask.CompletedTask; // whoever wants them gone says so signed: an empty set
        if (Take(token) is { } objection && _refused.Add(objection))
            LogRefused(objection);
        return ValueTask.CompletedTask;
    }

    /// <returns>Why not; null when they are on the screens, or were already.</returns>
    private string? Take(ReadOnlySpan<byte> token)
    {
        if (keys.ReadNotices(token, out var key, out var fault) is not { } set)
            return fault;
        if (set.Site != topics.Site)
            return "they are another site's";
        switch (shelf.Standing(topics.Site) is { } standing ? set.OrderAgainst(standing) : 1)
        {
            case 0:
                return null; // the broker repeats what it retains at each login
            case < 0:
                return "they were issued before those that stand here, or at the same moment and come before them";
        }
        if (clock.Read() is { Grade: not ClockGrade.Unset, Wall: var now } && !key!.IsInTime(DateOnly.FromDateTime(now.DateTime)))
            return $"their key {key.Id} does not hold today";
        try
        {
            shelf.Replace(set);
            _refused.Clear();
            LogTaken(set.Notices.Count, key!.Id);
            return null;
        }
        catch (IOException unwritable)
        {
            return $"they cannot be kept: {unwritable.Message}";
        }
    }

    [LoggerMessage(LogLevel.Information, "The site's notices are {Count} now, signed by {Key}")]
    private partial void LogTaken(int count, string key);

    [LoggerMessage(LogLevel.Warning, "Notices of the site were refused: {Cause}")]
    private partial void LogRefused(string cause);
}
