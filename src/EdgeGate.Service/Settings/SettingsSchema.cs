using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace EdgeGate.Service.Settings;

/// <summary>JSON Schema (draft 2020-12) of gate.json, made from the records, so that editors complete, explain and underline.</summary>
internal static class SettingsSchema
{
    public static string Create()
    {
        var exporter = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe };
        var schema = SettingsJson.Options.GetJsonSchemaAsNode(typeof(GateSettings), exporter).AsObject();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "gate.json, the settings of an EdgeGate gate");
        // not of the draft, but what Visual Studio Code looks for before it underlines them
        schema.Insert(2, "allowComments", true);
        schema.Insert(3, "allowTrailingCommas", true);
        schema["required"] = new JsonArray([.. SettingsJson.Options.GetTypeInfo(typeof(GateSettings)).Properties.Where(SettingsJson.IsRequired).Select(section => (JsonNode)section.Name)]);
        return schema.ToJsonString(SettingsJson.Options);
    }

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode node)
    {
        var type = context.TypeInfo.Type;
        JsonNode text = Nullable.GetUnderlyingType(type) is null ? "string" : new JsonArray("string", "null");
        if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(TimeOnly))
            return new JsonObject { ["type"] = text, ["pattern"] = "^([01][0-9]|2[0-3]):[0-5][0-9]$" };
        if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(DateOnly))
            return new JsonObject { ["type"] = text, ["pattern"] = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$" };
        if (node is not JsonObject schema)
            return node;
        schema.Remove("$comment"); // names .NET types
        if (context.BaseTypeInfo is not null)
            schema.Insert(0, "description", SettingsWords.Description(context.TypeInfo.Type));
        if (schema["properties"] is JsonObject properties && context.TypeInfo.CreateObject?.Invoke() is { } defaults)
        {
            foreach (var property in context.TypeInfo.Properties)
                Describe(properties[property.Name]!.AsObject(), property, defaults);
        }
        return schema;
    }

    private static void Describe(JsonObject schema, JsonPropertyInfo property, object defaults)
    {
        schema.Insert(0, "description", SettingsWords.Description(property.AttributeProvider));
        foreach (var limit in SettingsJson.Limits(property))
            Describe(schema, limit);
        var type = SettingsJson.Options.GetTypeInfo(property.PropertyType);
        if (type.Kind != JsonTypeInfoKind.Object && !SettingsJson.IsRequired(property) && property.Get!(defaults) is { } value)
            schema["default"] = JsonSerializer.SerializeToNode(value, type);
    }

    private static void Describe(JsonObject schema, ValidationAttribute limit)
    {
        switch (limit)
        {
            case PatternAttribute pattern:
                schema["pattern"] = pattern.Pattern;
                break;
            case DurationAttribute: // the draft has no limits for it
                schema["description"] = $"{schema["description"]} Must be {SettingsWords.Of(limit)}.";
                break;
            case RangeAttribute range:
                schema["minimum"] = Number(range.Minimum);
                schema["maximum"] = Number(range.Maximum);
                break;
            case AllowedValuesAttribute allowed:
                schema["enum"] = JsonSerializer.SerializeToNode(allowed.Values, SettingsJson.ShapeOf<object?[]>());
                break;
            case CountAttribute count:
                if (count.Least > 0)
                    schema["minItems"] = count.Least;
                schema["maxItems"] = count.Most;
                break;
            case StringLengthAttribute text:
                if (text.MinimumLength > 0)
                    schema["minLength"] = text.MinimumLength;
                schema["maxLength"] = text.MaximumLength;
                break;
            default:
                throw new NotSupportedException($"{limit.GetType()} has no words in JSON Schema yet.");
        }
    }

    private static decimal Number(object limit) => Convert.ToDecimal(limit, CultureInfo.InvariantCulture);
}
