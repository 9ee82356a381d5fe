using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Access;
using EdgeGate.Messages.Records;

namespace EdgeGate.Messages.Commands;

/// <summary>The JSON inside a command. Strict, since it comes from outside: nothing unknown, nothing twice, nothing deep.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    AllowOutOfOrderMetadataProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 2,
    Converters = [typeof(KebabCase<PortalMode>)])]
[JsonSerializable(typeof(CommandHeader))]
[JsonSerializable(typeof(GateCommand))]
internal sealed partial class CommandShapes : JsonSerializerContext;

/// <summary>
/// RFC 7515 section 4.1. Only these members are known, so a header with <c>crit</c>, <c>jwk</c>, <c>x5u</c> or any other is refused: a gate
/// believes the keys in its settings and nothing that a token says about itself.
/// </summary>
/// <param name="Typ">Keeps other tokens signed with the same key from being taken for commands (RFC 8725 section 3.11).</param>
internal sealed record CommandHeader(string Alg, string Kid, string Typ);

/// <summary>RFC 7519 section 2: seconds since 1970-01-01T00:00:00Z. Written to the millisecond.</summary>
internal sealed class NumericDate : JsonConverter<DateTimeOffset>
{
    private static readonly decimal Earliest = DateTimeOffset.MinValue.ToUnixTimeSeconds() + 1;
    private static readonly decimal Latest = DateTimeOffset.MaxValue.ToUnixTimeSeconds() - 1;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.Number && reader.TryGetDecimal(out var seconds) && seconds >= Earliest && seconds <= Latest
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : throw new JsonException("not a time in seconds since 1970");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.ToUnixTimeMilliseconds() / 1000m);
}
