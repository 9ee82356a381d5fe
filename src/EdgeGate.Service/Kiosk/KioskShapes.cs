using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace EdgeGate.Service.Kiosk;

/// <summary>The JSON that the kiosk's page receives.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KioskMessage))]
[JsonSerializable(typeof(KioskCorner))]
internal sealed partial class KioskShapes : JsonSerializerContext;

internal static class KioskJson
{
    /// <summary>Chinese as itself: half the bytes, and `curl` on the stream can be read.</summary>
    public static KioskShapes Shapes { get; } = new(new JsonSerializerOptions(KioskShapes.Default.Options) { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) });
}
