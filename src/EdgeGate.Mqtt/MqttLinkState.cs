namespace EdgeGate.Mqtt;

public enum MqttLinkPhase
{
    Stopped,
    Connecting,
    Online,
    /// <summary>The link fell or could not be made; tried again after <see cref="MqttLinkState.RetryIn"/>.</summary>
    Waiting,
    /// <summary>The server answered and did not let us in; tried again all the same, for somebody may put it right.</summary>
    Refused,
}

/// <param name="Phase">Where the link stands.</param>
/// <param name="RetryIn">How long it waits, counted from the moment this state began.</param>
/// <param name="Cause">Why it is not online, in words for an operator.</param>
public sealed record MqttLinkState(MqttLinkPhase Phase, TimeSpan? RetryIn = null, string? Cause = null);

public enum MqttLinkEventKind
{
    Up,
    /// <summary>An established link ended: closed, reset, or a DISCONNECT from the server.</summary>
    Down,
    /// <summary>No connection: nobody listens, no route, no answer in time.</summary>
    Unreachable,
    /// <summary>The server answered CONNECT with a refusal.</summary>
    Refused,
    TlsFailed,
    /// <summary>The server took a packet and did not answer it within <see cref="MqttLinkOptions.AckTimeout"/>.</summary>
    AckTimeout,
    /// <summary>Another client uses our client id.</summary>
    TakenOver,
    /// <summary>The server sent what the protocol does not allow, or more than we take.</summary>
    ProtocolFault,
    SubscriptionRefused,
    HandlerFailed,
    /// <summary>Stopped on request.</summary>
    Stopped,
}

/// <param name="Kind">What happened.</param>
/// <param name="Message">The same in words, with endpoint, reason string and what to look at.</param>
/// <param name="Reason">The server's reason code, where it gave one.</param>
/// <param name="Error">The exception behind it, where there is one.</param>
public sealed record MqttLinkEvent(MqttLinkEventKind Kind, string Message, MqttReason? Reason = null, Exception? Error = null);

/// <summary>What was agreed with the server at the last CONNECT.</summary>
public sealed record MqttServerLimits
{
    public required MqttVersion Version { get; init; }
    /// <summary>Grows by at least one from login to login of the same link; attempts that failed are counted too.</summary>
    public long Login { get; init; }
    public required bool SessionPresent { get; init; }
    /// <summary>QoS 1 messages the server takes before it has acknowledged one.</summary>
    public required int ReceiveMaximum { get; init; }
    /// <summary>Largest packet we may send, in bytes, header included: the smaller of the server's limit and ours.</summary>
    public required int MaximumPacketSize { get; init; }
    /// <summary>Zero: none.</summary>
    public required TimeSpan KeepAlive { get; init; }
    public required TimeSpan SessionExpiry { get; init; }
    public required bool RetainAvailable { get; init; }
    public required bool Qos1Available { get; init; }
}
