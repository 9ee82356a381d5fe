namespace EdgeGate.Mqtt.Wire;

/// <summary>PUBACK, MQTT 5 section 3.4, in both directions. Reason and properties are left out for success and in MQTT 3.1.1.</summary>
internal readonly record struct PubAckPacket(ushort PacketId, MqttReason Reason, string? ReasonString, MqttVersion Version) : IOutgoingPacket
{
    public byte FirstByte => PacketType.PubAck;

    public void WriteBody(ref WireWriter writer)
    {
        writer.UInt16(PacketId);
        if (Version == MqttVersion.V5 && Reason != MqttReason.Success)
            writer.Byte((byte)Reason);
    }

    public static bool TryDecode(ReadOnlySpan<byte> body, MqttVersion version, out PubAckPacket packet)
    {
        var reader = new WireReader(body);
        var packetId = reader.UInt16();
        var (reason, text) = ReasonAndText.Read(ref reader, version);
        packet = new(packetId, reason, text, version);
        return !reader.Malformed;
    }
}

/// <summary>How PUBACK and DISCONNECT end: a reason code and properties, each of which may be missing (sections 3.4.2 and 3.14.2).</summary>
internal static class ReasonAndText
{
    public static (MqttReason Reason, string? Text) Read(ref WireReader reader, MqttVersion version)
    {
        if (version == MqttVersion.V311 || reader.AtEnd)
            return (MqttReason.Success, null);
        var reason = (MqttReason)reader.Byte();
        if (reader.AtEnd)
            return (reason, null);
        string? text = null;
        var properties = new PropertyList(ref reader);
        while (properties.Next(out var id))
        {
            if (id == PropertyId.ReasonString)
                text = properties.Value.String();
            else
                properties.Skip(id);
        }
        if (properties.Malformed)
            reader.Fail();
        return (reason, text);
    }
}
