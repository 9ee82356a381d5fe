using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Enrolment;

/// <summary>Changes whole sections of gate.json and leaves every other byte as it is: people write comments there.</summary>
internal static class SettingsEdit
{
    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = SettingsTree.MaxDepth };

    /// <param name="text">The file: an object, comments allowed.</param>
    /// <param name="sections">For each section its new value, made from the one that stands there; null when none does.</param>
    /// <returns>Sections that were not there stand first.</returns>
    /// <exception cref="JsonException">Not JSON, or no object.</exception>
    public static byte[] Apply(byte[] text, IReadOnlyDictionary<string, Func<JsonNode?, JsonNode>> sections)
    {
        if (text.AsSpan().StartsWith(Encoding.UTF8.Preamble))
            text = text[Encoding.UTF8.Preamble.Length..];
        var (start, places) = PlacesOf(text);
        var edited = new List<byte>(text.Length + 1024);
        edited.AddRange(text[..start]);
        foreach (var (name, make) in sections.Where(section => !places.ContainsKey(section.Key)))
            edited.AddRange(Encoding.UTF8.GetBytes($"\n  \"{name}\": {Text(make(null))},"));
        var at = start;
        foreach (var (name, (from, to)) in places.OrderBy(place => place.Value.From))
        {
            if (!sections.TryGetValue(name, out var make))
                continue;
            edited.AddRange(text[at..from]);
            edited.AddRange(Encoding.UTF8.GetBytes(Text(make(JsonNode.Parse(text.AsSpan(from..to), documentOptions: Lenient)))));
            at = to;
        }
        edited.AddRange(text[at..]);
        return [.. edited];
    }

    /// <returns>Where the object begins, behind its brace, and where the value of each of its members stands.</returns>
    private static (int Start, Dictionary<string, (int From, int To)> Places) PlacesOf(byte[] text)
    {
        var reader = new Utf8JsonReader(text, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = SettingsTree.MaxDepth });
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            throw new JsonException("it must be an object { … }");
        var start = (int)reader.BytesConsumed;
        var places = new Dictionary<string, (int From, int To)>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var from = (int)reader.TokenStartIndex;
            reader.Skip();
            places[name] = (from, (int)reader.BytesConsumed);
        }
        return (start, places);
    }

    private static string Text(JsonNode value) => value.ToJsonString(Written).ReplaceLineEndings("\n  ");
}
