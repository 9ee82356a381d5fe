using EdgeGate.Mqtt.Wire;

namespace EdgeGate.Mqtt;

/// <summary>A message to publish. Lives on the stack; <see cref="IMqttLink.TryPublish"/> copies it.</summary>
public readonly ref struct MqttOutgoing
{
    /// <summary>UTF-8, without wildcards.</summary>
    public required ReadOnlySpan<byte> Topic { get; init; }
    public ReadOnlySpan<byte> Payload { get; init; }
    public bool Retain { get; init; }
    /// <summary>QoS 0: its ack says only that it was handed to the network. Otherwise QoS 1.</summary>
    public bool AtMostOnce { get; init; }

    // From here on MQTT 5 only: silently left out on a 3.1.1 link, so nothing essential may live here alone.

    /// <summary>The server drops the message when it could not deliver it for so long; whole seconds count.</summary>
    public TimeSpan? ExpiresAfter { get; init; }
    public ReadOnlySpan<byte> ContentType { get; init; }
    public ReadOnlySpan<byte> ResponseTopic { get; init; }
    public ReadOnlySpan<byte> CorrelationData { get; init; }
    /// <summary>From <see cref="MqttUserProperties.Encode"/>, once per kind of message.</summary>
    public ReadOnlySpan<byte> UserProperties { get; init; }
}

/// <summary>Name and value pairs in the form they have on the wire, MQTT 5 section 3.3.2.3.7.</summary>
public static class MqttUserProperties
{
    public static byte[] Encode(params ReadOnlySpan<(string Name, string Value)> pairs)
    {
        var size = WireWriter.Measuring();
        Write(ref size, pairs);
        var bytes = new byte[size.Length];
        var writer = new WireWriter(bytes);
        Write(ref writer, pairs);
        return bytes;
    }

    private static void Write(ref WireWriter writer, scoped ReadOnlySpan<(string Name, string Value)> pairs)
    {
        foreach (var (name, value) in pairs)
        {
            writer.Property(PropertyId.UserProperty, name);
            writer.String(value);
        }
    }
}
