using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EdgeGate.Service.Tests.Settings;

/// <summary>
/// As much of a JSON Schema validator (draft 2020-12) as the settings' schema needs. It throws on a keyword it does not
/// know, so that nothing passes unchecked.
/// </summary>
internal static class JsonSchemaCheck
{
    public static bool Accepts(JsonObject schema, JsonNode? value) =>
        schema.All(keyword => Accepts(keyword.Key, keyword.Value!, schema, value));

    private static bool Accepts(string keyword, JsonNode limit, JsonObject schema, JsonNode? value) => keyword switch
    {
        "$schema" or "title" or "description" or "default" or "allowComments" or "allowTrailingCommas" => true,
        "format" => limit.GetValue<string>() is "uri",
        "type" => limit is JsonArray types ? types.Any(type => IsOfType(type!, value)) : IsOfType(limit, value),
        "enum" => limit.AsArray().Any(allowed => JsonNode.DeepEquals(allowed, value)),
        "const" => JsonNode.DeepEquals(limit, value),
        "anyOf" => limit.AsArray().Any(alternative => Accepts(alternative!.AsObject(), value)),
        "pattern" => value?.GetValueKind() != JsonValueKind.String || Matches(value.GetValue<string>(), limit.GetValue<string>()),
        "minimum" => value?.GetValueKind() != JsonValueKind.Number || Number(value) >= Number(limit),
        "maximum" => value?.GetValueKind() != JsonValueKind.Number || Number(value) <= Number(limit),
        "minItems" => value is not JsonArray items || items.Count >= limit.GetValue<int>(),
        "maxItems" => value is not JsonArray items || items.Count <= limit.GetValue<int>(),
        "items" => value is not JsonArray items || items.All(item => Accepts(limit.AsObject(), item)),
        "required" => value is not JsonObject members || limit.AsArray().All(key => members.ContainsKey(key!.GetValue<string>())),
        "properties" => value is not JsonObject members || limit.AsObject()
            .All(property => !members.TryGetPropertyValue(property.Key, out var member) || Accepts(property.Value!.AsObject(), member)),
        "additionalProperties" => limit.GetValue<bool>() || value is not JsonObject members
            || members.All(member => schema["properties"]!.AsObject().ContainsKey(member.Key)),
        _ => throw new NotSupportedException($"schema keyword {keyword}"),
    };

    private static bool IsOfType(JsonNode type, JsonNode? value) => (type.GetValue<string>(), value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) or ("null", JsonValueKind.Null) or ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => double.IsInteger(Number(value!)),
        _ => false,
    };

    private static bool Matches(string text, string pattern) =>
        Regex.IsMatch(text, pattern, RegexOptions.ECMAScript, TimeSpan.FromSeconds(10));

    private static double Number(JsonNode node) => node.Deserialize<double>();
}
