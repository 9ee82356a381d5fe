namespace EdgeGate.Mqtt.Wire;

/// <summary>CONNACK, MQTT 5 section 3.2 and MQTT 3.1.1 section 3.2. Properties that are absent have the specification's default.</summary>
internal sealed record ConnAckPacket
{
    public bool SessionPresent { get; private set; }
    public MqttReason Reason { get; private set; }
    public string? ReasonString { get; private set; }
    public string? ServerReference { get; private set; }
    public ushort ReceiveMaximum { get; private set; } = ushort.MaxValue;
    public uint MaximumPacketSize { get; private set; } = uint.MaxValue;
    public byte MaximumQos { get; private set; } = 2;
    public bool RetainAvailable { get; private set; } = true;
    public ushort? ServerKeepAlive { get; private set; }
    public uint? SessionExpiryInterval { get; private set; }

    /// <returns>False when the bytes are no CONNACK of that version.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> body, MqttVersion version, out ConnAckPacket packet)
    {
        packet = new ConnAckPacket();
        var reader = new WireReader(body);
        var flags = reader.Byte();
        packet.SessionPresent = (flags & 0x01) != 0;
        var code = reader.Byte();
        // A server that has never heard of MQTT 5 answers it in the old form, two bytes and no properties.
        if (version == MqttVersion.V311 || (body.Length == 2 && code is > 0 and <= 5))
        {
            packet.Reason = FromReturnCode(code);
        }
        else
        {
            packet.Reason = (MqttReason)code;
            packet.ReadProperties(ref reader);
        }
        return !reader.Malformed && (flags & 0xFE) == 0 && packet.ReceiveMaximum > 0 && packet.MaximumPacketSize > 0;
    }

    private void ReadProperties(ref WireReader reader)
    {
        var properties = new PropertyList(ref reader);
        while (properties.Next(out var id))
        {
            switch (id)
            {
                case PropertyId.ReasonString: ReasonString = properties.Value.String(); break;
                case PropertyId.ServerReference: ServerReference = properties.Value.String(); break;
                case PropertyId.ReceiveMaximum: ReceiveMaximum = properties.Value.UInt16(); break;
                case PropertyId.MaximumPacketSize: MaximumPacketSize = properties.Value.UInt32(); break;
                case PropertyId.MaximumQos: MaximumQos = properties.Value.Byte(); break;
                case PropertyId.RetainAvailable: RetainAvailable = properties.Value.Byte() != 0; break;
                case PropertyId.ServerKeepAlive: ServerKeepAlive = properties.Value.UInt16(); break;
                case PropertyId.SessionExpiryInterval: SessionExpiryInterval = properties.Value.UInt32(); break;
                default: properties.Skip(id); break;
            }
        }
        if (properties.Malformed)
            reader.Fail();
    }

    /// <summary>The return codes of MQTT 3.1.1 table 3.1, said as the reason codes that MQTT 5 gave them.</summary>
    private static MqttReason FromReturnCode(byte code) => code switch
    {
        0 => MqttReason.Success,
        1 => MqttReason.UnsupportedProtocolVersion,
        2 => MqttReason.ClientIdentifierNotValid,
        3 => MqttReason.ServerUnavailable,
        4 => MqttReason.BadUserNameOrPassword,
        5 => MqttReason.NotAuthorized,
        _ => MqttReason.UnspecifiedError,
    };
}
