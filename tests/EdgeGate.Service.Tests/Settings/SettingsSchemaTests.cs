using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using EdgeGate.Service.Settings;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Service.Tests.Settings;

public class SettingsSchemaTests
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private static readonly JsonObject Schema = JsonNode.Parse(SettingsSchema.Create())!.AsObject();

    private static JsonNode Sample() => JsonNode.Parse(SettingsFile.Sample, null, Lenient)!;

    [Fact]
    public void The_schema_says_which_draft_it_follows() =>
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)Schema["$schema"]);

    [Fact]
    public void The_schema_accepts_the_sample_and_the_least_a_gate_needs()
    {
        Assert.True(JsonSchemaCheck.Accepts(Schema, Sample()));
        Assert.True(JsonSchemaCheck.Accepts(Schema, JsonNode.Parse(SmallSettings.Text, null, Lenient)));
    }

    [Fact]
    public void The_schema_explains_every_key_of_the_records_and_allows_no_other() =>
        Assert.InRange(KeysExplained(Schema, SettingsJson.Options.GetTypeInfo(typeof(GateSettings))), 80, int.MaxValue);

    private static int KeysExplained(JsonObject schema, JsonTypeInfo type)
    {
        if (type.PolymorphismOptions is { } kinds)
        {
            return kinds.DerivedTypes.Sum(kind =>
            {
                var branch = schema["anyOf"]!.AsArray()
                    .Single(branch => kind.TypeDiscriminator!.Equals((string?)branch!["properties"]!["kind"]!["const"]));
                return 1 + KeysExplained(branch!.AsObject(), SettingsJson.Options.GetTypeInfo(kind.DerivedType));
            });
        }
        if (type.Kind == JsonTypeInfoKind.Enumerable)
            return KeysExplained(schema["items"]!.AsObject(), SettingsJson.Options.GetTypeInfo(type.ElementType!));
        if (type.Kind != JsonTypeInfoKind.Object)
            return 0;
        Assert.False((bool)schema["additionalProperties"]!);
        Assert.Equal(
            type.Properties.Select(property => property.Name).Order(),
            schema["properties"]!.AsObject().Select(property => property.Key).Where(key => key is not "kind").Order());
        return type.Properties.Sum(property =>
        {
            var member = schema["properties"]![property.Name]!.AsObject();
            Assert.EndsWith(".", (string?)member["description"], StringComparison.Ordinal);
            return 1 + KeysExplained(member, SettingsJson.Options.GetTypeInfo(property.PropertyType));
        });
    }

    [Fact]
    public void Defaults_are_those_of_the_records()
    {
        Assert.Equal("00:00:10", (string?)Schema["properties"]!["lanes"]!["items"]!["properties"]!["window"]!["default"]);
        Assert.Equal([115200, 9600], Schema["properties"]!["lanes"]!["items"]!["properties"]!["readers"]!["items"]!["anyOf"]!.AsArray().Take(2).Select(kind => (int)kind!["properties"]!["baud"]!["default"]!));
    }

    /// <summary>
    /// One value of the sample is changed at a time. Only what a schema cannot say (limits of time spans, rules between
    /// settings) may be refused by the gate alone.
    /// </summary>
    [Fact]
    public void Editor_and_gate_do_not_contradict_each_other()
    {
        string?[] values =
        [
            "null", "true", "1", "-1", "37.5", "1e99", "\"\"", "\"x\"", "\"00:00:05\"", "\"07:30\"", "\"/x\"",
            "[]", "[\"identity\"]", "{}", "{\"kind\":\"text\"}", null,
        ];
        var changes =
            from place in Gen.Choose(0, Places(Sample()).Count() - 1)
            from value in Gen.Elements(values)
            from added in Gen.Elements(false, false, true)
            select (Place: place, Value: value, Added: added);
        Prop.ForAll(changes.ToArbitrary(), change =>
        {
            var settings = Sample();
            Change(Places(settings).ElementAt(change.Place), change.Value, change.Added);
            var faults = SmallSettings.Parse(settings.ToJsonString()) is SettingsResult.Invalid invalid ? invalid.Faults : [];
            var accepted = JsonSchemaCheck.Accepts(Schema, settings);
            Assert.True(
                accepted ? !faults.Any(SchemaCanSay) : faults.Count > 0,
                $"schema {(accepted ? "accepts" : "refuses")}, gate says: {string.Join('\n', faults)}\n{settings}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static bool SchemaCanSay(SettingsFinding fault) =>
        fault.Text.StartsWith("is missing", StringComparison.Ordinal)
        || fault.Text.StartsWith("is not a setting", StringComparison.Ordinal)
        || (fault.Text.Contains(", not ", StringComparison.Ordinal)
            && !fault.Text.Contains("from 00:", StringComparison.Ordinal)
            && !fault.Path.StartsWith("rules.temperature", StringComparison.Ordinal));

    private static IEnumerable<JsonNode> Places(JsonNode node) =>
        (node switch { JsonObject members => members.Select(member => member.Value), JsonArray items => items, _ => [] })
            .SelectMany(inner => Places(inner!)).Prepend(node);

    private static void Change(JsonNode place, string? value, bool added)
    {
        var node = value is null ? null : JsonNode.Parse(value);
        if (added && place is JsonObject members)
            members["added"] = node;
        else if (place.Parent is JsonObject parent && value is null)
            parent.Remove(place.GetPropertyName());
        else if (place.Parent is not null)
            place.ReplaceWith(node);
    }
}
