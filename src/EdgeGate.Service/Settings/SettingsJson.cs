using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace EdgeGate.Service.Settings;

/// <summary>How settings look in JSON: the one contract that binding, checking and the schema share.</summary>
internal static class SettingsJson
{
    private static readonly JsonNamingPolicy NameOfEnum = JsonNamingPolicy.KebabCaseLower;

    /// <summary>
    /// Whole sections may be missing when it binds, for looking at the sound part of a faulty file; <see cref="IsRequired"/> says what must be there.
    /// One contract for both, for making one takes 0.1 s of a start.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = Create();

    public static bool IsRequired(JsonPropertyInfo property) => property.AttributeProvider!.IsDefined(typeof(RequiredMemberAttribute), inherit: false);

    public static JsonTypeInfo<T> ShapeOf<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    // Not made by the source generator: what it makes sets every init-only member, and so loses the initial values that are our defaults.
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The records are in this assembly, which is kept whole.")]
    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
            AllowOutOfOrderMetadataProperties = true, // "kind" may stand anywhere in its object
            Converters = { new JsonStringEnumConverter(NameOfEnum, allowIntegerValues: false), new TimeOfDayConverter() },
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // for terminals and editors, never for HTML
            WriteIndented = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(type =>
            {
                foreach (var section in type.Type == typeof(GateSettings) ? type.Properties : [])
                    section.IsRequired = false;
            }),
        };
        options.MakeReadOnly();
        return options;
    }

    /// <summary>The value in the record's type; null when it is none, and for objects, lists and null.</summary>
    public static object? TryBind(JsonNode? node, Type type)
    {
        if (node is not JsonValue value)
            return null;
        if (type.IsEnum && !(value.TryGetValue(out string? name) && Names(type).Contains(name, StringComparer.Ordinal)))
            return null; // binding would take any case, and several names with commas
        try
        {
            return value.Deserialize(Options.GetTypeInfo(type));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static IEnumerable<string> Names(Type enumType) => Enum.GetNames(enumType).Select(NameOfEnum.ConvertName);

    public static IEnumerable<ValidationAttribute> Limits(JsonPropertyInfo property) =>
        property.AttributeProvider!.GetCustomAttributes(typeof(ValidationAttribute), inherit: false).Cast<ValidationAttribute>();

    /// <summary>Every key an object of this type may have; where there are kinds, of any kind.</summary>
    public static IEnumerable<(string Key, Type Type)> Members(JsonTypeInfo type) => type.PolymorphismOptions is { } kinds
        ? kinds.DerivedTypes.SelectMany(kind => Members(Options.GetTypeInfo(kind.DerivedType)))
            .Prepend((kinds.TypeDiscriminatorPropertyName, typeof(string))).Distinct()
        : type.Properties.Select(property => (property.Name, property.PropertyType));

    /// <summary>Hours and minutes: nobody writes the seconds of an opening time.</summary>
    private sealed class TimeOfDayConverter : JsonConverter<TimeOnly>
    {
        public override TimeOnly Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TimeOnly.TryParseExact(reader.GetString(), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
                ? time
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, TimeOnly value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString("HH:mm", CultureInfo.InvariantCulture));
    }
}
