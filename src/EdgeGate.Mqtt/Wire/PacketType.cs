namespace EdgeGate.Mqtt.Wire;

/// <summary>First byte of a packet, flags included where they are fixed, MQTT 5 section 2.1.</summary>
internal static class PacketType
{
    public const byte Connect = 0x10;
    public const byte ConnAck = 0x20;
    /// <summary>The lower four bits carry DUP, QoS and RETAIN.</summary>
    public const byte Publish = 0x30;
    public const byte PubAck = 0x40;
    public const byte Subscribe = 0x82;
    public const byte SubAck = 0x90;
    public const byte PingReq = 0xC0;
    public const byte PingResp = 0xD0;
    public const byte Disconnect = 0xE0;
}
