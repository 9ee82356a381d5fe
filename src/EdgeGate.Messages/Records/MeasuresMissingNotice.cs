using System.Buffers;
using System.Text.Json;

namespace EdgeGate.Messages.Records;

/// <summary>To <see cref="SiteTopics.Reminders"/>: of so many persons under observation a measure that was due has not come. Who they are stands at the center only.</summary>
/// <param name="Due">When it was due.</param>
public sealed record MeasuresMissingNotice(DateTimeOffset Due, int Missing)
{
    public const string Type = "edgegate.measures-missing.v1";

    /// <summary>As a CloudEvents 1.0 object of the site's center; the id is the same however often it is told.</summary>
    public byte[] Write(string site, DateTimeOffset time)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("id", $"{site}/measures-missing/{Due.UtcDateTime:yyyyMMdd'T'HHmm'Z'}");
            json.WriteString("source", $"/edgegate/v1/{site}/center");
            json.WriteString("type", Type);
            json.WriteString("time", time);
            json.WriteString("datacontenttype", "application/json");
            json.WritePropertyName("data");
            JsonSerializer.Serialize(json, this, RecordShapes.Default.MeasuresMissingNotice);
            json.WriteEndObject();
        }
        return bytes.WrittenSpan.ToArray();
    }
}
