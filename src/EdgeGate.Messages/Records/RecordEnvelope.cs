using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeGate.Messages.Records;

/// <summary>
/// CloudEvents 1.0, JSON format, structured mode: one self-contained JSON object, so that it works over MQTT 3.1.1 too. The
/// bytes are made once, before the record is journaled, and are the same on every delivery.
/// </summary>
public static class RecordEnvelope
{
    public const string ContentType = "application/cloudevents+json";

    /// <summary>Whether this record also goes to <see cref="GateTopics.Alarms"/>. Told by the member before the data, where no text of a person's can stand.</summary>
    public static bool IsAlarm(ReadOnlySpan<byte> record) => record.IndexOf("\"alarm\":\""u8) is >= 0 and var at && at < record.IndexOf("\"data\":{"u8);

    /// <param name="time">Wall time of the fact, with offset; what it is worth stands in the data's <c>clock</c>.</param>
    /// <param name="alarm">A word when somebody should look at once; goes out as the extension attribute <c>alarm</c>.</param>
    public static void Write<T>(
        IBufferWriter<byte> to, string site, string gate, long sequence, string type, DateTimeOffset time, T data, JsonTypeInfo<T> shape, string? alarm = null)
    {
        using var json = new Utf8JsonWriter(to);
        json.WriteStartObject();
        json.WriteString("specversion", "1.0");
        json.WriteString("id", $"{site}/{gate}/{sequence}");
        json.WriteString("source", $"/edgegate/v1/{site}/{gate}");
        json.WriteString("type", type);
        json.WriteString("time", time);
        json.WriteString("datacontenttype", "application/json");
        // A string, as the CloudEvents sequence extension wants it: its integers end at 2^31.
        json.WriteString("sequence", sequence.ToString());
        if (alarm is not null)
            json.WriteString("alarm", alarm);
        json.WritePropertyName("data");
        JsonSerializer.Serialize(json, data, shape);
        json.WriteEndObject();
    }
}
