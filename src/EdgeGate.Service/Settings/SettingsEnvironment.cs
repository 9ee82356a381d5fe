using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace EdgeGate.Service.Settings;

/// <summary>Lays EDGEGATE_BROKER__HOST over broker.host and EDGEGATE_LANES__0__ID over lanes[0].id.</summary>
internal static class SettingsEnvironment
{
    private const string Prefix = "EDGEGATE_";
    private const string Joint = "__";
    private const int MaxItems = 256;

    /// <summary>Where the gate's settings are, and the center's, on a machine that has both.</summary>
    private static readonly string[] NotSettings = ["EDGEGATE_SETTINGS", "EDGEGATE_CENTER_CONFIG"];

    public static IEnumerable<KeyValuePair<string, string?>> OfThisProcess =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value));

    public static void Apply(IEnumerable<KeyValuePair<string, string?>> environment, SettingsTree tree)
    {
        // sorted, so that EDGEGATE_LANES, a whole list, comes before EDGEGATE_LANES__0__ID, a part of it
        foreach (var (variable, value) in environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (!variable.StartsWith(Prefix, StringComparison.Ordinal) || NotSettings.Contains(variable, StringComparer.Ordinal) || value is null)
                continue;
            var (members, fault) = Resolve(variable[Prefix.Length..].Split(Joint));
            if (fault is null)
                Apply(variable, value, members, tree);
            else
                tree.Faults.Add(new(variable, null, fault));
        }
    }

    private static void Apply(string variable, string value, List<(string Key, JsonTypeInfo Type)> members, SettingsTree tree)
    {
        JsonNode container = tree.Root;
        foreach (var (key, type) in members[..^1])
        {
            var list = type.Kind == JsonTypeInfoKind.Enumerable;
            if (Get(container, key) is not { } inner)
                Set(container, key, inner = list ? new JsonArray() : new JsonObject(), variable, tree);
            if (list ? inner is not JsonArray : inner is not JsonObject)
                return; // the file has something else in its place: the check says so
            container = inner;
        }
        Set(container, members[^1].Key, Literal(value, members[^1].Type), variable, tree);
    }

    /// <summary>The members that the names lead through, in whatever case they are; or what is wrong with a name.</summary>
    private static (List<(string Key, JsonTypeInfo Type)> Members, string? Fault) Resolve(string[] names)
    {
        var members = new List<(string Key, JsonTypeInfo Type)>();
        var type = SettingsJson.Options.GetTypeInfo(typeof(GateSettings));
        foreach (var name in names)
        {
            if (type.Kind == JsonTypeInfoKind.Enumerable)
            {
                if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= MaxItems)
                    return (members, $"is not a setting: after {Variable(names[..members.Count])}{Joint} comes a number from 0 to {MaxItems - 1}.");
                members.Add((SettingsWords.Index(index), SettingsJson.Options.GetTypeInfo(type.ElementType!)));
            }
            else
            {
                var known = SettingsJson.Members(type).ToList();
                if (known.Find(member => member.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { Key: { } key } found)
                    return (members, SettingsWords.Nearest(name, known.Select(member => member.Key)) is { } near
                        ? $"is not a setting; did you mean {Variable([.. names[..members.Count], near, .. names[(members.Count + 1)..]])}?"
                        : $"is not a setting; names are put together like {Variable(["broker", "host"])}, with two underscores.");
                members.Add((key, SettingsJson.Options.GetTypeInfo(found.Type)));
            }
            type = members[^1].Type;
        }
        return (members, null);
    }

    private static string Variable(string[] names) => Prefix + string.Join(Joint, names).ToUpperInvariant();

    /// <summary>Text stays text; whatever else the setting is written as in the file.</summary>
    private static JsonNode? Literal(string value, JsonTypeInfo type)
    {
        if (type.Kind == JsonTypeInfoKind.None && !SettingsWords.IsBare(type.Type))
            return JsonValue.Create(value);
        try
        {
            return JsonNode.Parse(value, null, new() { MaxDepth = SettingsTree.MaxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return JsonValue.Create(value); // the check says what it should have been
        }
    }

    private static JsonNode? Get(JsonNode container, string key) =>
        container is JsonArray items ? items.ElementAtOrDefault(int.Parse(key, CultureInfo.InvariantCulture)) : container[key];

    private static void Set(JsonNode container, string key, JsonNode? value, string variable, SettingsTree tree)
    {
        if (container is JsonArray items)
        {
            var index = int.Parse(key, CultureInfo.InvariantCulture);
            while (items.Count <= index)
                items.Add(null); // a gap is a fault, unless another variable fills it
            items[index] = value;
        }
        else
        {
            container[key] = value;
        }
        tree.SetOrigin(container, key, variable);
    }
}
