namespace EdgeGate.Mqtt.Transport;

/// <summary>Why there is no link, or no longer one. Thrown wherever it is noticed, caught once, by the loop that tries again.</summary>
internal sealed class LinkDownException(MqttLinkEventKind kind, string message, MqttReason? reason = null, Exception? inner = null)
    : IOException(message, inner)
{
    public MqttLinkEventKind Kind => kind;

    public MqttReason? Reason => reason;

    /// <summary>A server that knows only MQTT 3.1.1 would have answered like this.</summary>
    public bool OlderVersionMayWork { get; init; }
}
