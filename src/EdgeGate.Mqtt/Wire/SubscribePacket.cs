namespace EdgeGate.Mqtt.Wire;

/// <summary>SUBSCRIBE for one filter at QoS 1, MQTT 5 section 3.8.</summary>
internal readonly struct SubscribePacket(ushort packetId, string filter, MqttVersion version) : IOutgoingPacket
{
    private const byte AtMostQos1 = 0x01;

    public byte FirstByte => PacketType.Subscribe;

    public void WriteBody(ref WireWriter writer)
    {
        writer.UInt16(packetId);
        if (version == MqttVersion.V5)
            writer.VariableByteInteger(0);
        writer.String(filter);
        writer.Byte(AtMostQos1);
    }
}

/// <summary>SUBACK for one filter, MQTT 5 section 3.9.</summary>
internal readonly record struct SubAckPacket(ushort PacketId, MqttReason Reason)
{
    public static bool TryDecode(ReadOnlySpan<byte> body, MqttVersion version, out SubAckPacket packet)
    {
        var reader = new WireReader(body);
        var packetId = reader.UInt16();
        if (version == MqttVersion.V5)
            reader.Take(reader.VariableByteInteger());
        packet = new(packetId, (MqttReason)reader.Byte());
        return !reader.Malformed && reader.AtEnd;
    }
}
