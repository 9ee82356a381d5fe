namespace EdgeGate.Mqtt.Wire;

/// <summary>DISCONNECT, MQTT 5 section 3.14, in both directions. Success is "normal disconnection", and the server discards the will.</summary>
internal readonly record struct DisconnectPacket(MqttReason Reason, string? ReasonString, MqttVersion Version) : IOutgoingPacket
{
    public byte FirstByte => PacketType.Disconnect;

    public void WriteBody(ref WireWriter writer)
    {
        if (Version == MqttVersion.V5 && Reason != MqttReason.Success)
            writer.Byte((byte)Reason);
    }

    public static bool TryDecode(ReadOnlySpan<byte> body, MqttVersion version, out DisconnectPacket packet)
    {
        var reader = new WireReader(body);
        var (reason, text) = ReasonAndText.Read(ref reader, version);
        packet = new(reason, text, version);
        return !reader.Malformed;
    }
}

/// <summary>PINGREQ, MQTT 5 section 3.12.</summary>
internal readonly struct PingReqPacket : IOutgoingPacket
{
    public byte FirstByte => PacketType.PingReq;

    public void WriteBody(ref WireWriter writer)
    {
    }
}
