using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Access.Registers;

namespace EdgeGate.Messages.Registers;

/// <summary>What stands at the head of a register's bytes: which version this is, and how it came about. No personal data.</summary>
public sealed record RegisterVersion
{
    public required string Name { get; init; }

    /// <summary>At least 1.</summary>
    public required long Version { get; init; }

    /// <summary>The version that these changes are made to; null for a whole register.</summary>
    public long? Base { get; init; }
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>Who changed it: an account or role, for example <c>guard-3</c>.</summary>
    public required string By { get; init; }

    /// <summary>Why, sealed to the center's key (JWE), since reasons are about people; null when none was given.</summary>
    public string? SealedReason { get; init; }
    public int Added { get; init; }
    public int Changed { get; init; }
    public int Removed { get; init; }

    /// <summary>How many are on the list after it.</summary>
    public int Persons { get; init; }

    /// <summary>The site's zones and hours, in the register that holds them; null in lists of persons.</summary>
    public SitePlan? Plan { get; init; }

    /// <param name="version">In force; null when there is none.</param>
    /// <exception cref="InvalidDataException">Not newer, or a change to another version.</exception>
    public void RequireFollows(long? version)
    {
        if (WhyNotAfter(version) is { } objection)
            throw new InvalidDataException(objection);
    }

    /// <returns>Null when it does follow.</returns>
    public string? WhyNotAfter(long? version) =>
        version >= Version ? $"version {Version} is not newer than {version}"
        : Base is not null && Base != version ? $"it changes version {Base}, and the list is at {version ?? 0}"
        : null;
}

/// <summary>The JSON of registers: a version's head, and the plan as people write it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(LowerCase<RiskLevel>), typeof(LowerCase<DayOfWeek>), typeof(HourAndMinute)])]
[JsonSerializable(typeof(RegisterVersion))]
[JsonSerializable(typeof(RegisterAnnouncement))]
[JsonSerializable(typeof(SitePlan))]
public sealed partial class RegisterShapes : JsonSerializerContext;

internal sealed class LowerCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>Hours and minutes: nobody writes the seconds of an opening time.</summary>
internal sealed class HourAndMinute : JsonConverter<TimeOnly>
{
    public override TimeOnly Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.String && TimeOnly.TryParseExact(reader.GetString(), "HH:mm", out var time)
            ? time
            : throw new JsonException("must be a time of day such as \"07:30\"");

    public override void Write(Utf8JsonWriter writer, TimeOnly value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString("HH:mm"));
}
