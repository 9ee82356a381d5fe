using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace EdgeGate.Messages.Tests.Documents;

/// <summary>
/// JSON Schema of a type as its own serializer context writes it, explained by the type's documentation comments. What readers may rely on: members
/// that cannot be null are always there, others are left out; further members may come with newer programs.
/// </summary>
internal sealed class TypeSchema(DocumentationComments comments)
{
    public JsonObject Of(JsonTypeInfo type)
    {
        var schema = type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe }).AsObject();
        return (JsonObject)WithoutReferences(schema, schema);
    }

    private JsonNode Describe(JsonSchemaExporterContext context, JsonNode node)
    {
        if (node is not JsonObject schema)
        {
            if (context.TypeInfo.Type != typeof(DateTimeOffset))
                return node;
            schema = new JsonObject { ["type"] = "number" }; // of a converter that the exporter cannot look into: RFC 7519's NumericDate
        }
        if (schema["type"] is JsonArray types) // a member that is null is left out
            schema["type"] = types.First(type => type!.GetValue<string>() != "null")!.DeepClone();
        if (schema.TryGetPropertyValue("default", out var usual) && usual is null)
            schema.Remove("default");
        if (schema["enum"] is JsonArray values)
        {
            foreach (var nothing in values.Where(value => value is null).ToArray())
                values.Remove(nothing);
            schema["type"] = "string"; // the exporter leaves it out
        }
        if (context.TypeInfo.Kind is JsonTypeInfoKind.Object && context.TypeInfo.PolymorphismOptions is null)
            Members(schema, context.TypeInfo);
        if (context.PropertyInfo is { } property)
            Explain(schema, comments.Of(property));
        else if (context.TypeInfo.Kind is JsonTypeInfoKind.Object)
            Explain(schema, comments.Of(context.TypeInfo.Type));
        return schema;
    }

    private static void Members(JsonObject schema, JsonTypeInfo type)
    {
        schema.Remove("required");
        schema.Remove("additionalProperties");
        var constants = (schema["properties"] as JsonObject)?.Where(member => (member.Value as JsonObject)?["const"] is not null).Select(member => member.Key) ?? [];
        var always = type.Properties.Where(property => property.Get is not null && !property.IsGetNullable && Nullable.GetUnderlyingType(property.PropertyType) is null).Select(property => property.Name);
        schema["required"] = new JsonArray([.. constants.Concat(always).Distinct(StringComparer.Ordinal).Select(name => (JsonNode)name)]);
    }

    private static void Explain(JsonObject schema, string? words)
    {
        if (words is not null && !schema.ContainsKey("$ref"))
            schema.Insert(0, "description", words);
    }

    /// <summary>The exporter refers to a type's first place; a schema that is put elsewhere needs them whole. No type here holds itself.</summary>
    private static JsonNode WithoutReferences(JsonNode node, JsonObject root)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } members when members["$ref"] is { } reference:
                var target = reference.GetValue<string>().Split('/').Skip(1).Aggregate((JsonNode)root, (at, step) => at is JsonArray array ? array[int.Parse(step)]! : at[step.Replace("~1", "/", StringComparison.Ordinal)]!);
                return WithoutReferences(target, root);
            case JsonObject members:
                return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : WithoutReferences(member.Value, root))));
            case JsonArray items:
                return new JsonArray([.. items.Select(item => item is null ? null : WithoutReferences(item, root))]);
            default:
                return node.DeepClone();
        }
    }
}
