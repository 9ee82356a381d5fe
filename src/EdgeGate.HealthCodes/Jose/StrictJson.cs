using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace EdgeGate.HealthCodes.Jose;

/// <summary>JSON from outside: no comments, no property twice, limited depth.</summary>
internal static class StrictJson
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Parses an object; false for anything else. The caller disposes of the document.</summary>
    public static bool TryParseObject(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        try
        {
            var parsed = JsonDocument.Parse(utf8, Strict);
            if (parsed.RootElement.ValueKind == JsonValueKind.Object)
                document = parsed;
            else
                parsed.Dispose();
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return false; // the second: half a surrogate pair in a name, which the search for names that come twice trips over
        }
        return document is not null;
    }

    /// <summary>The text of a property; null when there is none or it is no text, or no valid text.</summary>
    public static string? Text(this JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.Text() : null;

    /// <summary>The text; null when it is no text, or no valid text.</summary>
    public static string? Text(this JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // an escaped lone surrogate: JSON allows it, .NET's strings from JSON do not
        }
    }

    public static double? Number(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : null;

    /// <summary>The elements of an array; none when there is no array of this name.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];
}
