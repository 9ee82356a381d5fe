using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeGate.Journal;

/// <summary>
/// What the store knows apart from its records, kept in one row as JSON in a frame, so that a salvage can find it like a record.
/// </summary>
internal sealed record StoreState
{
    /// <summary>Whose records these are: part of every hash.</summary>
    public required string Gate { get; init; }

    /// <summary>Counts the writes of this state: of several found in a damaged file the highest is the newest.</summary>
    public long Revision { get; init; }

    /// <summary>The outbox cursor: the far end has everything up to here.</summary>
    public long Acknowledged { get; init; }

    /// <summary>The newest record deleted from the old end: where the kept chain starts.</summary>
    public long Purged { get; init; }

    /// <summary>That record's hash, which the first kept record builds on.</summary>
    public ChainHash PurgedHash { get; init; }

    /// <summary>Records deleted undelivered, ever: unacknowledged, or dead letters.</summary>
    public long Dropped { get; init; }

    /// <summary>Numbers without a record, in order; forgotten when both purged and acknowledged.</summary>
    public IReadOnlyList<VoidRange> VoidRanges { get; init; } = [];

    /// <summary>In order; forgotten when purged, or when the far end took them after all.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters { get; init; } = [];

    public byte[] Encode(DateTimeOffset now) =>
        RecordFrame.Encode(FrameKind.State, Revision, now, default, JsonSerializer.SerializeToUtf8Bytes(this, StoreStateJson.Default.StoreState));

    public static bool TryDecode(byte[] frame, [NotNullWhen(true)] out StoreState? state)
    {
        try
        {
            state = RecordFrame.TryDecode(FrameKind.State, frame, out var found)
                ? JsonSerializer.Deserialize(found.Payload.Span, StoreStateJson.Default.StoreState)
                : null;
        }
        catch (JsonException)
        {
            state = null; // of a later version; whole, and of no use here
        }
        return state is not null;
    }
}

[JsonSerializable(typeof(StoreState))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
internal sealed partial class StoreStateJson : JsonSerializerContext;

/// <summary>A hash as 64 hexadecimal digits.</summary>
public sealed class ChainHashJsonConverter : JsonConverter<ChainHash>
{
    public override ChainHash Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var digits = reader.GetString();
        return digits is { Length: 2 * ChainHash.Length } ? ChainHash.Read(Convert.FromHexString(digits)) : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, ChainHash value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.ToString());
    }
}
