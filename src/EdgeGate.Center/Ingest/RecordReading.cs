using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeGate.Messages.Records;

namespace EdgeGate.Center.Ingest;

/// <summary>
/// Takes a message of a records topic apart. What it is worth is decided in three steps: damaged when gate and number are not certain; else
/// countable; and understood when the type and its members are those this program knows.
/// </summary>
internal static class RecordReading
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16 };
    private static readonly HashSet<string> KnownWithoutFacts =
    [
        StoreHealedRecord.Type, CommandRecord.Type, CommandsRefusedRecord.Type, RegisterChangedRecord.Type, OccupancyCorrectedRecord.Type, SettingsTrialRecord.Type,
        ExitRequestedRecord.Type, PortalEventRecord.Type, DeviceEventRecord.Type, DoorContactRecord.Type, GuardSessionRecord.Type, GuardSignInsRefusedRecord.Type, GuardActionRecord.Type,
    ];

    /// <param name="damage">Why it cannot even be counted, in words; null when there is a record.</param>
    public static IncomingRecord? Read(GateName gate, ReadOnlyMemory<byte> payload, out string? damage)
    {
        try
        {
            using var json = JsonDocument.Parse(payload, Strict);
            return Read(gate, payload, json.RootElement, out damage);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException) // the second for a text that is no Unicode, found when it is read
        {
            damage = "it is no JSON";
            return null;
        }
    }

    private static IncomingRecord? Read(GateName gate, ReadOnlyMemory<byte> payload, JsonElement json, out string? damage)
    {
        if (json.ValueKind is not JsonValueKind.Object || Text(json, "specversion") != "1.0")
            damage = "it is no CloudEvents 1.0 object";
        else if (!long.TryParse(Text(json, "sequence"), out var sequence) || sequence < 1)
            damage = "it has no sequence number";
        else if (Text(json, "source") != $"/edgegate/v1/{gate}" || Text(json, "id") != $"{gate}/{sequence}")
            damage = "its source or id is not that of the gate and number it came for";
        else if (!json.TryGetProperty("time", out var time) || time.ValueKind is not JsonValueKind.String || !time.TryGetDateTimeOffset(out var stamp))
            damage = "it has no time";
        else
        {
            damage = null;
            return Understood(new IncomingRecord { Gate = gate, Sequence = sequence, Stamp = stamp, Kind = RecordKind.NotUnderstood, Payload = payload }, json);
        }
        return null;
    }

    private static IncomingRecord Understood(IncomingRecord record, JsonElement json)
    {
        var type = Text(json, "type");
        try
        {
            return (type, json.TryGetProperty("data", out var data)) switch
            {
                (DecidedRecord.Type, true) => record with { Kind = RecordKind.Decided, Seen = EncounterOf(Data(data, RecordShapes.Default.DecidedRecord)) },
                (PassageRecord.Type, true) => record with { Kind = RecordKind.Passage, NotTaken = NotTakenOf(Data(data, RecordShapes.Default.PassageRecord)) },
                (ClockSteppedRecord.Type, true) => record with { Kind = RecordKind.ClockStepped, Step = StepOf(Data(data, RecordShapes.Default.ClockSteppedRecord)) },
                ({ } known, true) when KnownWithoutFacts.Contains(known) => record with { Kind = RecordKind.Other },
                _ => record with { NotUnderstood = $"type {Short(type)} is none that this center knows: it may be newer than the center" },
            };
        }
        catch (Exception unknown) when (unknown is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            return record with { NotUnderstood = $"its data are not of the form of {Short(type)} that this center knows" };
        }
    }

    private static T Data<T>(JsonElement data, JsonTypeInfo<T> shape) => data.Deserialize(shape) ?? throw new JsonException("no data");

    private static IncomingRecord.Encounter? EncounterOf(DecidedRecord decided) => decided.Person is not { } person ? null
        : Base64Url.DecodeFromChars(person) is { Length: 32 } key
            ? new(Storable(decided.Lane), key, decided.MaskedName is { } name ? Storable(name) : null, decided.Direction, decided.Outcome, decided.Clock.Grade)
            : throw new FormatException("not a person's key");

    private static (string, long)? NotTakenOf(PassageRecord passage) =>
        passage.Passage is PassageOutcome.NotTaken ? (Storable(passage.Lane), passage.Decision) : null;

    private static IncomingRecord.ClockStep? StepOf(ClockSteppedRecord stepped) =>
        stepped is { First: { } first, Last: { } last } ? new(first, last, TimeSpan.FromSeconds(stepped.StepSeconds)) : null;

    /// <summary>PostgreSQL keeps no U+0000 in a text, and nobody's lane or name is that long.</summary>
    private static string Storable(string text) => text.Length <= 64 && !text.Contains('\0') ? text : throw new FormatException("not a name");

    private static string? Text(JsonElement json, string member) =>
        json.TryGetProperty(member, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static string Short(string? type) => type is null ? "(none)" : type[..Math.Min(type.Length, 64)].Replace('\0', '?');
}
