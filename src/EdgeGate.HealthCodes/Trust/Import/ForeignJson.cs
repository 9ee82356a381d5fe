using System.Text.Json;
using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.HealthCodes.Trust.Import;

/// <summary>JSON of another's making.</summary>
internal static class ForeignJson
{
    /// <exception cref="FormatException">It is no JSON object.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, string what) =>
        StrictJson.TryParseObject(utf8, out var document) ? document : throw new FormatException($"it is not {what}: no JSON object, or one with a property twice");
}
