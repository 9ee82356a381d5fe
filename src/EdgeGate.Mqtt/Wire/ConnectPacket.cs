namespace EdgeGate.Mqtt.Wire;

/// <summary>CONNECT, MQTT 5 section 3.1 and MQTT 3.1.1 section 3.1: who we are, what we can take, and the will.</summary>
/// <param name="login">Its number, for the will.</param>
internal readonly struct ConnectPacket(MqttLinkOptions options, MqttCredentials credentials, MqttVersion version, long login = 1) : IOutgoingPacket
{
    private const byte UserNameFlag = 0x80;
    private const byte PasswordFlag = 0x40;
    private const byte WillRetainFlag = 0x20;
    private const byte WillQos1Flag = 0x08;
    private const byte WillFlag = 0x04;
    private const byte CleanStartFlag = 0x02;

    public byte FirstByte => PacketType.Connect;

    public void WriteBody(ref WireWriter writer)
    {
        writer.String("MQTT");
        writer.Byte((byte)version);
        writer.Byte(Flags());
        writer.UInt16((ushort)options.KeepAlive.TotalSeconds);
        if (version == MqttVersion.V5)
        {
            var properties = WireWriter.Measuring();
            WriteProperties(ref properties);
            writer.VariableByteInteger(properties.Length);
            WriteProperties(ref writer);
        }
        writer.String(options.ClientId);
        if (options.Will is { } will)
            WriteWill(ref writer, will);
        if (credentials.UserName is { } userName)
            writer.String(userName);
        if (credentials.Password is { } password)
            writer.String(password);
    }

    private byte Flags()
    {
        var flags = 0;
        if (options.SessionExpiry == TimeSpan.Zero)
            flags |= CleanStartFlag;
        if (options.Will is { } will)
            flags |= WillFlag | WillQos1Flag | (will.Retain ? WillRetainFlag : 0);
        if (credentials.UserName is not null)
            flags |= UserNameFlag;
        if (credentials.Password is not null)
            flags |= PasswordFlag;
        return (byte)flags;
    }

    private void WriteProperties(ref WireWriter writer)
    {
        if (options.SessionExpiry > TimeSpan.Zero)
            writer.Property(PropertyId.SessionExpiryInterval, (uint)options.SessionExpiry.TotalSeconds);
        writer.Property(PropertyId.ReceiveMaximum, (ushort)options.ReceiveMaximum);
        writer.Property(PropertyId.MaximumPacketSize, (uint)options.MaximumPacketSize);
    }

    private void WriteWill(ref WireWriter writer, MqttWill will)
    {
        if (version == MqttVersion.V5)
        {
            var properties = WireWriter.Measuring();
            WriteWillProperties(ref properties, will);
            writer.VariableByteInteger(properties.Length);
            WriteWillProperties(ref writer, will);
        }
        writer.String(will.Topic);
        writer.Binary(will.Payload(login).Span);
    }

    private static void WriteWillProperties(ref WireWriter writer, MqttWill will)
    {
        if (will.Delay > TimeSpan.Zero)
            writer.Property(PropertyId.WillDelayInterval, (uint)will.Delay.TotalSeconds);
        writer.Property(PropertyId.ContentType, will.ContentType);
        writer.Bytes(will.UserProperties.Span);
    }
}
