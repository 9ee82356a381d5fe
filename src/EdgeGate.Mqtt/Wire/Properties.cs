namespace EdgeGate.Mqtt.Wire;

/// <summary>
/// The property list of a received packet, MQTT 5 section 2.2.2. Walk it with <see cref="Next"/>, read each property that
/// matters from <see cref="Value"/> and <see cref="Skip"/> the others.
/// </summary>
internal ref struct PropertyList
{
    public WireReader Value;

    /// <summary>Takes the list off the front of <paramref name="packet"/>, its length included.</summary>
    public PropertyList(ref WireReader packet)
    {
        Value = new WireReader(packet.Take(packet.VariableByteInteger()));
        if (packet.Malformed)
            Value.Fail();
    }

    public readonly bool Malformed => Value.Malformed;

    public bool Next(out PropertyId id)
    {
        id = Value.AtEnd ? default : (PropertyId)Value.VariableByteInteger();
        return id != default && !Value.Malformed;
    }

    /// <summary>Passes over a property by the type that table 2-4 gives it; an unknown one makes the list malformed, for its length cannot be known.</summary>
    public void Skip(PropertyId id)
    {
        switch (id)
        {
            case PropertyId.PayloadFormatIndicator or PropertyId.RequestProblemInformation or PropertyId.RequestResponseInformation
                or PropertyId.MaximumQos or PropertyId.RetainAvailable or PropertyId.WildcardSubscriptionAvailable
                or PropertyId.SubscriptionIdentifierAvailable or PropertyId.SharedSubscriptionAvailable:
                Value.Byte();
                break;
            case PropertyId.ServerKeepAlive or PropertyId.ReceiveMaximum or PropertyId.TopicAliasMaximum or PropertyId.TopicAlias:
                Value.UInt16();
                break;
            case PropertyId.MessageExpiryInterval or PropertyId.SessionExpiryInterval or PropertyId.WillDelayInterval or PropertyId.MaximumPacketSize:
                Value.UInt32();
                break;
            case PropertyId.SubscriptionIdentifier:
                Value.VariableByteInteger();
                break;
            case PropertyId.ContentType or PropertyId.ResponseTopic or PropertyId.CorrelationData or PropertyId.AssignedClientIdentifier
                or PropertyId.AuthenticationMethod or PropertyId.AuthenticationData or PropertyId.ResponseInformation
                or PropertyId.ServerReference or PropertyId.ReasonString:
                Value.Binary();
                break;
            case PropertyId.UserProperty:
                Value.Binary();
                Value.Binary();
                break;
            default:
                Value.Fail();
                break;
        }
    }
}

/// <summary>Writes single properties; the caller writes the list's length before them.</summary>
internal static class PropertyWriting
{
    extension(ref WireWriter writer)
    {
        public void Property(PropertyId id, ReadOnlySpan<byte> value)
        {
            if (value.IsEmpty)
                return;
            writer.Byte((byte)id);
            writer.Binary(value);
        }

        public void Property(PropertyId id, string? value)
        {
            if (value is null)
                return;
            writer.Byte((byte)id);
            writer.String(value);
        }

        public void Property(PropertyId id, ushort value)
        {
            writer.Byte((byte)id);
            writer.UInt16(value);
        }

        public void Property(PropertyId id, uint value)
        {
            writer.Byte((byte)id);
            writer.UInt32(value);
        }
    }
}
