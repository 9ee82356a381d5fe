namespace EdgeGate.Mqtt;

/// <summary>A message received for a subscription; the handler may keep it.</summary>
public sealed record MqttInbound
{
    public required string Topic { get; init; }
    public ReadOnlyMemory<byte> Payload { get; init; }
    /// <summary>It was stored at the server before we subscribed: the past, not an event.</summary>
    public bool Retained { get; init; }
    /// <summary>The server may have delivered it before (DUP).</summary>
    public bool Redelivered { get; init; }
    public string? ContentType { get; init; }
    public string? ResponseTopic { get; init; }
    public ReadOnlyMemory<byte> CorrelationData { get; init; }
    public IReadOnlyList<KeyValuePair<string, string>> UserProperties { get; init; } = [];
}

/// <summary>
/// Takes one message; messages come one at a time, in order. The server's copy is acknowledged after the handler has returned, so a
/// process that dies in between gets it again. A handler that throws is reported as <see cref="MqttLinkEventKind.HandlerFailed"/> and the
/// message is given up (reason 131): one that can never be handled must not come back for ever. Heed the token: stopping the link waits for the handler at work.
/// </summary>
public delegate ValueTask MqttInboundHandler(MqttInbound message, CancellationToken cancellationToken);

/// <summary>
/// Takes all messages that have come while the call before was at work, in order: for who commits them together. None is acknowledged at the
/// server before the handler has returned, so what waits is bounded by <see cref="MqttLinkOptions.ReceiveMaximum"/>. Throwing gives up all of them.
/// </summary>
public delegate ValueTask MqttBatchHandler(IReadOnlyList<MqttInbound> messages, CancellationToken cancellationToken);
