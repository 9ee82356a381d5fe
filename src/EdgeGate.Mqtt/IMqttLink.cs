using System.Threading.Channels;

namespace EdgeGate.Mqtt;

/// <summary>
/// A link to an MQTT server that keeps itself alive: it reconnects for ever, holds at most a window of messages, and tells the caller
/// what became of each. The caller's store, not the link, is the truth. All members may be called from any thread.
/// </summary>
public interface IMqttLink : IAsyncDisposable
{
    MqttLinkState State { get; }

    /// <summary>What the server allowed at the last login; null before the first.</summary>
    MqttServerLimits? Limits { get; }

    /// <summary>Raised on the link's own threads, now and then on two at once: do not block in it, and do not throw.</summary>
    event Action<MqttLinkEvent>? Changed;

    /// <summary>Starts connecting and returns at once; faults of the network or the server never throw. Once per link.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Copies the message into the window; sent in the order of these calls, also after a reconnect. True promises one ack.
    /// False, and nothing kept, when there is no room now: offline, window full, too many acks unread, or acks with Requeue unread (so
    /// that what was handed back can be offered before what is new).
    /// </summary>
    /// <param name="message">Judged against topic rules and the server's limits at once; one that cannot be sent is acked as refused.</param>
    /// <param name="rowId">Comes back in the ack.</param>
    bool TryPublish(in MqttOutgoing message, long rowId);

    /// <summary>Completes when there is room; cancelled when the link is stopped. With several callers another may be quicker.</summary>
    ValueTask WaitForRoomAsync(CancellationToken cancellationToken);

    /// <summary>One per accepted message. Bounded: if nobody reads, <see cref="TryPublish"/> says false. Ends when the link has stopped.</summary>
    ChannelReader<MqttAck> Acks { get; }

    /// <summary>
    /// Registers the handler at once, before the returned task is awaited: call it before <see cref="StartAsync"/>, so that messages
    /// that waited in the session find their handler, and do not await there, as the server may be away. Renewed at every login without
    /// session. Filters should not overlap: each matching handler is called for each message.
    /// </summary>
    /// <returns>The server's first answer: 0 or 1 granted, 0x80 and above refused (also raised in <see cref="Changed"/>, and asked again at the next login).</returns>
    /// <exception cref="ArgumentException">Not a topic filter.</exception>
    Task<MqttReason> SubscribeAsync(string filter, MqttInboundHandler handler, CancellationToken cancellationToken);

    /// <summary>Taken at the next login.</summary>
    /// <exception cref="ArgumentException">They cannot be used, for example a certificate without its private key.</exception>
    void UseCredentials(MqttCredentials credentials);

    /// <summary>Takes no more messages, waits up to <paramref name="drain"/> for the window to empty, says goodbye (no will), hands back the rest as Requeue.</summary>
    Task StopAsync(TimeSpan drain, CancellationToken cancellationToken);
}
