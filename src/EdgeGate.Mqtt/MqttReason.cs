namespace EdgeGate.Mqtt;

/// <summary>
/// Reason codes of MQTT 5 section 2.4, as far as the packets of this client carry them. Codes of MQTT 3.1.1 are translated.
/// A server may send others; 0x80 and above always mean failure.
/// </summary>
public enum MqttReason : byte
{
    /// <summary>Also "normal disconnection" and "granted QoS 0".</summary>
    Success = 0,
    GrantedQos1 = 1,
    /// <summary>Said by a client that leaves in good order and still wants its will published.</summary>
    DisconnectWithWillMessage = 4,
    /// <summary>Accepted, and nobody subscribed: the message went nowhere.</summary>
    NoMatchingSubscribers = 16,
    UnspecifiedError = 128,
    MalformedPacket = 129,
    ProtocolError = 130,
    ImplementationSpecificError = 131,
    UnsupportedProtocolVersion = 132,
    ClientIdentifierNotValid = 133,
    BadUserNameOrPassword = 134,
    NotAuthorized = 135,
    ServerUnavailable = 136,
    ServerBusy = 137,
    Banned = 138,
    ServerShuttingDown = 139,
    BadAuthenticationMethod = 140,
    KeepAliveTimeout = 141,
    /// <summary>Another client connected with our client id.</summary>
    SessionTakenOver = 142,
    TopicFilterInvalid = 143,
    TopicNameInvalid = 144,
    PacketIdentifierInUse = 145,
    ReceiveMaximumExceeded = 147,
    TopicAliasInvalid = 148,
    PacketTooLarge = 149,
    MessageRateTooHigh = 150,
    QuotaExceeded = 151,
    AdministrativeAction = 152,
    PayloadFormatInvalid = 153,
    RetainNotSupported = 154,
    QosNotSupported = 155,
    UseAnotherServer = 156,
    ServerMoved = 157,
    SharedSubscriptionsNotSupported = 158,
    ConnectionRateExceeded = 159,
    MaximumConnectTime = 160,
    WildcardSubscriptionsNotSupported = 162,
}
