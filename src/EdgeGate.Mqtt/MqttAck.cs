namespace EdgeGate.Mqtt;

/// <summary>
/// What became of one message. Every <see cref="IMqttLink.TryPublish"/> that returned true is answered by exactly one.
/// </summary>
/// <param name="RowId">The number given to <see cref="IMqttLink.TryPublish"/>.</param>
/// <param name="Reason">The server's word; or ours, when the message was refused before sending.</param>
/// <param name="Text">Reason string for the operator, if there is one.</param>
/// <param name="Requeue">The link fell and the server kept no session: nothing is known about this message, offer it again.</param>
public readonly record struct MqttAck(long RowId, MqttReason Reason, string? Text = null, bool Requeue = false)
{
    public MqttAckOutcome Outcome => this switch
    {
        { Requeue: true } => MqttAckOutcome.OfferAgain,
        { Reason: < MqttReason.UnspecifiedError } => MqttAckOutcome.Accepted,
        { Reason: MqttReason.QuotaExceeded or MqttReason.ImplementationSpecificError or MqttReason.UnspecifiedError } => MqttAckOutcome.RetryLater,
        _ => MqttAckOutcome.Refused,
    };
}

public enum MqttAckOutcome
{
    /// <summary>The server has it. Whether it keeps it is another question: a broker that is killed may forget.</summary>
    Accepted,
    /// <summary>Not known to have arrived, nothing wrong with it: offer it again at once, in the order of these acks.</summary>
    OfferAgain,
    /// <summary>The server is short of something: offer it again after a pause.</summary>
    RetryLater,
    /// <summary>This message will never be taken as it is: set it aside for a person to look at.</summary>
    Refused,
}
