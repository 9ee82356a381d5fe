namespace EdgeGate.Mqtt.Wire;

/// <summary>PUBLISH as we send it, MQTT 5 section 3.3. In MQTT 3.1.1 the properties are left out.</summary>
internal readonly ref struct PublishPacket(MqttOutgoing message, ushort packetId, MqttVersion version) : IOutgoingPacket
{
    public const byte DupFlag = 0x08;
    private const byte Qos1Flag = 0x02;
    private const byte RetainFlag = 0x01;

    private readonly MqttOutgoing _message = message;

    public byte FirstByte => (byte)(PacketType.Publish | (_message.AtMostOnce ? 0 : Qos1Flag) | (_message.Retain ? RetainFlag : 0));

    public void WriteBody(ref WireWriter writer)
    {
        writer.Binary(_message.Topic);
        if (!_message.AtMostOnce)
            writer.UInt16(packetId);
        if (version == MqttVersion.V5)
        {
            var properties = WireWriter.Measuring();
            WriteProperties(ref properties);
            writer.VariableByteInteger(properties.Length);
            WriteProperties(ref writer);
        }
        writer.Bytes(_message.Payload);
    }

    private void WriteProperties(ref WireWriter writer)
    {
        if (_message.ExpiresAfter is { } expiry)
            writer.Property(PropertyId.MessageExpiryInterval, (uint)Math.Clamp(expiry.TotalSeconds, 0, uint.MaxValue));
        writer.Property(PropertyId.ContentType, _message.ContentType);
        writer.Property(PropertyId.ResponseTopic, _message.ResponseTopic);
        writer.Property(PropertyId.CorrelationData, _message.CorrelationData);
        writer.Bytes(_message.UserProperties);
    }
}

/// <summary>PUBLISH as we receive it. Packet id 0 means QoS 0, nothing to acknowledge.</summary>
internal readonly record struct ReceivedPublish(MqttInbound Message, ushort PacketId)
{
    /// <returns>
    /// Null when decoded; else the reason to disconnect with: malformed, QoS 2 (never asked for), or a topic alias (never allowed).
    /// </returns>
    public static MqttReason? TryDecode(byte firstByte, ReadOnlySpan<byte> body, MqttVersion version, out ReceivedPublish packet)
    {
        packet = default;
        var qos = (firstByte >> 1) & 0x03;
        if (qos > 1)
            return qos == 2 ? MqttReason.QosNotSupported : MqttReason.MalformedPacket;

        var reader = new WireReader(body);
        var topic = reader.String();
        var packetId = qos == 0 ? (ushort)0 : reader.UInt16();
        if (qos == 1 && packetId == 0) // section 2.2.1: identifiers are not zero
            reader.Fail();

        string? contentType = null;
        string? responseTopic = null;
        byte[] correlationData = [];
        List<KeyValuePair<string, string>>? userProperties = null;
        if (version == MqttVersion.V5)
        {
            var properties = new PropertyList(ref reader);
            while (properties.Next(out var id))
            {
                switch (id)
                {
                    case PropertyId.TopicAlias: return MqttReason.TopicAliasInvalid;
                    case PropertyId.ContentType: contentType = properties.Value.String(); break;
                    case PropertyId.ResponseTopic: responseTopic = properties.Value.String(); break;
                    case PropertyId.CorrelationData: correlationData = properties.Value.Binary().ToArray(); break;
                    case PropertyId.UserProperty: (userProperties ??= []).Add(new(properties.Value.String(), properties.Value.String())); break;
                    default: properties.Skip(id); break;
                }
            }
            if (properties.Malformed)
                reader.Fail();
        }
        var payload = reader.Rest();
        if (reader.Malformed)
            return MqttReason.MalformedPacket;
        if (topic.Length == 0 || topic.AsSpan().ContainsAny('#', '+'))
            return MqttReason.TopicNameInvalid;
        packet = new(
            new MqttInbound
            {
                Topic = topic,
                Payload = payload.ToArray(),
                Retained = (firstByte & 0x01) != 0,
                Redelivered = (firstByte & PublishPacket.DupFlag) != 0,
                ContentType = contentType,
                ResponseTopic = responseTopic,
                CorrelationData = correlationData,
                UserProperties = userProperties ?? [],
            },
            packetId);
        return null;
    }
}
