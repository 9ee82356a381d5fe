using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeGate.Service.Settings;

/// <summary>
/// The settings as written, not yet checked: JSON, and for every member where it was written. JsonNode knows no lines,
/// so the tree is built here.
/// </summary>
internal sealed class SettingsTree
{
    public const int MaxDepth = 16;

    private readonly Dictionary<(JsonNode Parent, string Key), string> _origins = [];
    private byte[] _text = [];
    private int _counted;
    private int _line = 1;

    public JsonObject Root { get; private set; } = [];
    public List<SettingsFinding> Faults { get; } = [];

    /// <summary>For example <c>line 12</c> or <c>EDGEGATE_BROKER__HOST</c>; null when the member came with its parent.</summary>
    public string? Origin(JsonNode parent, string key) => _origins.GetValueOrDefault((parent, key));

    public void SetOrigin(JsonNode parent, string key, string origin) => _origins[(parent, key)] = origin;

    /// <summary>Reads JSON with comments and trailing commas. False, and one fault, when there is nothing to go on with.</summary>
    public bool Parse(byte[] text, string file)
    {
        // Windows editors put a byte order mark first; RFC 8259 section 8.1 lets a reader ignore it.
        _text = text.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text;
        if (ParseText() is not var (where, fault))
            return true;
        Faults.Add(new(file, where, fault));
        return false;
    }

    private (string? Where, string Fault)? ParseText()
    {
        if (_text is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            return (null, "is UTF-16 text: save it as UTF-8.");
        if (_text.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
            return (null, "is empty: \"edgegate config sample\" prints settings to start from.");
        var reader = new Utf8JsonReader(
            _text,
            new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            var root = Value(ref reader);
            reader.Read(); // throws when something follows
            Root = root as JsonObject ?? [];
            return root is JsonObject ? null : (null, "must be an object { … }" + SettingsWords.Not(root));
        }
        catch (JsonException broken)
        {
            return (Place(broken), "cannot be read as JSON: " + broken.Message.Split(" LineNumber:")[0]);
        }
        catch (InvalidOperationException) // what GetString says to bytes of another encoding, and to \ud800 by itself
        {
            return ($"line {LineAt(reader.TokenStartIndex)}", "is not UTF-8 text (perhaps GBK): save it as UTF-8.");
        }
    }

    private JsonNode? Value(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = new JsonObject();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var (key, line) = (reader.GetString()!, $"line {LineAt(reader.TokenStartIndex)}");
                    reader.Read();
                    if (members.TryAdd(key, Value(ref reader)))
                        SetOrigin(members, key, line);
                    else
                        Faults.Add(new(SettingsWords.Key(key), line, $"is given twice, first on {Origin(members, key)}."));
                }
                return members;
            case JsonTokenType.StartArray:
                var items = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    SetOrigin(items, SettingsWords.Index(items.Count), $"line {LineAt(reader.TokenStartIndex)}");
                    items.Add(Value(ref reader));
                }
                return items;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            default:
                return JsonNode.Parse(ref reader);
        }
    }

    /// <summary>Counts on from the last call: offsets only grow.</summary>
    private int LineAt(long offset)
    {
        _line += _text.AsSpan(_counted..(int)offset).Count((byte)'\n');
        _counted = (int)offset;
        return _line;
    }

    private string Place(JsonException broken)
    {
        var rest = _text.AsSpan();
        for (var line = 0; line < broken.LineNumber; line++)
            rest = rest[(rest.IndexOf((byte)'\n') + 1)..];
        var before = rest[..(int)Math.Min(broken.BytePositionInLine ?? 0, rest.Length)];
        return $"line {broken.LineNumber + 1}, column {Encoding.UTF8.GetCharCount(before) + 1}";
    }
}
