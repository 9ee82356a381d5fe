using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeGate.Access;
using EdgeGate.Messages.Records;

namespace EdgeGate.Center.Ingest;

/// <summary>
/// Takes a message of a records topic apart. What it is worth is decided in three steps: damaged when gate and number are not certain; else
/// countable; and understood when the type and its members are those this program knows.
/// </summary>
internal static class RecordReading
{
    /// <summary>More than from any date that a clock begins with until today.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromDays(100 * 366);
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16 };
    private static readonly HashSet<string> KnownWithoutFacts =
    [
        StoreHealedRecord.Type, RecordsDroppedRecord.Type, CommandRecord.Type, CommandsRefusedRecord.Type, OccupancyCorrectedRecord.Type,
        ExitRequestedRecord.Type, PortalEventRecord.Type, DeviceSwapRecord.Type, DeviceEventRecord.Type, GuardSessionRecord.Type, GuardSignInsRefusedRecord.Type,
    ];

    // Written by devices and guards; only these members of theirs are read here.
    private const string DoorContact = "edgegate.door-contact.v1", Round = "edgegate.round.v1", Delivery = "edgegate.delivery.v1";

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
        else if (sequence > IncomingRecord.HighestNumber)
            damage = "its sequence number is higher than any gate can have reached";
        else if (Text(json, "source") != $"/edgegate/v1/{gate}" || Text(json, "id") != $"{gate}/{sequence}")
            damage = "its source or id is not that of the gate and number it came for";
        else if (!json.TryGetProperty("time", out var time) || time.ValueKind is not JsonValueKind.String || !time.TryGetDateTimeOffset(out var stamp))
            damage = "it has no time";
        else
        {
            damage = null;
            return Understood(new IncomingRecord { Gate = gate, Sequence = sequence, Stamp = stamp, Kind = RecordKind.NotUnderstood, Alarm = AlarmOf(json), Payload = payload }, json);
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
                (DecidedRecord.Type, true) => Decided(record, Data(data, RecordShapes.Default.DecidedRecord)),
                (GuardActionRecord.Type, true) => record with { Kind = RecordKind.Other, Seen = EncounterOf(Data(data, RecordShapes.Default.GuardActionRecord)) },
                (PassageRecord.Type, true) => record with { Kind = RecordKind.Passage, NotTaken = NotTakenOf(Data(data, RecordShapes.Default.PassageRecord)) },
                (ClockSteppedRecord.Type, true) => record with { Kind = RecordKind.ClockStepped, Step = StepOf(record.Sequence, Data(data, RecordShapes.Default.ClockSteppedRecord)) },
                (SettingsTrialRecord.Type, true) => record with { Kind = RecordKind.Other, Trial = TrialOf(Data(data, RecordShapes.Default.SettingsTrialRecord)) },
                (RegisterChangedRecord.Type, true) => record with { Kind = RecordKind.Other, Fact = FactOf(Data(data, RecordShapes.Default.RegisterChangedRecord)) },
                (DoorContact, true) => record with { Kind = RecordKind.Other, Fact = new RecordFact.Door(Storable(data, "contact"), data.GetProperty("open").GetBoolean()) },
                (Round, true) => record with { Kind = RecordKind.Other, Fact = new RecordFact.Round(BuildingOf(data), Storable(data, "place"), Storable(data, "task"), EnteredAt(data)) },
                (Delivery, true) => record with { Kind = RecordKind.Other, Fact = new RecordFact.Delivery(Storable(data, "delivery"), BuildingOf(data), SlotOf(data), Storable(data, "state")) },
                ({ } known, true) when KnownWithoutFacts.Contains(known) => record with { Kind = RecordKind.Other },
                _ => record with { NotUnderstood = $"type {Short(type)} is none that this center knows: it may be newer than the center" },
            };
        }
        // The last two: null where the form has none. A record's shapes let it through, for what newer gates may leave out.
        catch (Exception unknown) when (unknown is JsonException or InvalidOperationException or FormatException or OverflowException or KeyNotFoundException or ArgumentException or NullReferenceException)
        {
            return record with { NotUnderstood = $"its data are not of the form of {Short(type)} that this center knows" };
        }
    }

    private static T Data<T>(JsonElement data, JsonTypeInfo<T> shape) => data.Deserialize(shape) ?? throw new JsonException("no data");

    /// <summary>What a guard did to bring it about came first.</summary>
    private static IncomingRecord Decided(IncomingRecord record, DecidedRecord decided) => decided.GuardActions?.All(action => action > 0 && action < record.Sequence) is false ? throw new FormatException("no records before this one") : record with
    {
        Kind = RecordKind.Decided,
        Seen = EncounterOf(decided),
        Fact = decided.Person is not null && People.FileProposals.KindOf(decided) is { } kind ? new RecordFact.Concern(kind) : null,
    };

    private static RecordFact.ListInForce? FactOf(RegisterChangedRecord changed) =>
        Access.Registers.ListWord.IsValid(changed.Register) ? new(changed.Register, changed.Version) : null;

    private static IncomingRecord.Encounter? EncounterOf(DecidedRecord decided) => decided.Person is not { } person ? null
        : new(Storable(decided.Lane), KeyOf(person), decided.MaskedName is { } name ? Storable(name) : null, decided.Direction, decided.Outcome, decided.Clock.Grade);

    /// <summary>For whom a guard opened; the passage that follows names this record as it does a decision.</summary>
    private static IncomingRecord.Encounter? EncounterOf(GuardActionRecord action) =>
        action is { Action: GuardActionKind.OpenOnce, Person: { } person, Lane: { } lane, Direction: { } direction }
            ? new(Storable(lane), KeyOf(person), action.MaskedName is { } name ? Storable(name) : null, direction, Outcome.Granted, action.Clock.Grade)
            : null;

    private static byte[] KeyOf(string person) => Base64Url.DecodeFromChars(person) is { Length: 32 } key ? key : throw new FormatException("not a person's key");

    private static (string, long)? NotTakenOf(PassageRecord passage) =>
        passage.Passage is PassageOutcome.NotTaken ? (Storable(passage.Lane), passage.Decision) : null;

    /// <summary>A gate can only have noticed it about records before this one.</summary>
    private static IncomingRecord.ClockStep? StepOf(long own, ClockSteppedRecord stepped) => stepped is not { First: { } first, Last: { } last } ? null
        : first >= 1 && first <= last && last < own && Math.Abs(stepped.StepSeconds) <= LongestStep.TotalSeconds
            ? new(first, last, TimeSpan.FromSeconds(stepped.StepSeconds))
            : throw new FormatException("no step that a clock made");

    private static IncomingRecord.SettingsTrial TrialOf(SettingsTrialRecord trial) => new(Storable(trial.Command), trial.Confirmed, trial.Cause is { } cause ? Short(cause) : null);

    /// <summary>Also of a record that is not understood: whoever made it wanted somebody to look.</summary>
    private static IncomingRecord.AlarmWord? AlarmOf(JsonElement json) => Text(json, "alarm") is not { } word ? null
        : new(Short(word), json.TryGetProperty("data", out var data) && data.ValueKind is JsonValueKind.Object && Text(data, "lane") is { } lane ? Short(lane) : null);

    /// <summary>Guards' settings may write a building as units begin: 3-.</summary>
    private static string BuildingOf(JsonElement data) => Storable(data, "building").TrimEnd('-');

    private static int? SlotOf(JsonElement data) => data.TryGetProperty("slot", out var slot) && slot.ValueKind is JsonValueKind.Number ? slot.GetInt32() : null;

    /// <summary>When it was done, where a phone told it later; by the phone's clock, so never after the record itself.</summary>
    private static DateTimeOffset? EnteredAt(JsonElement data) =>
        data.TryGetProperty("enteredAt", out var entered) && entered.ValueKind is JsonValueKind.String && entered.TryGetDateTimeOffset(out var at) ? at.ToUniversalTime() : null;

    /// <summary>Empty where the member is missing: a guard may leave out what a place has not.</summary>
    private static string Storable(JsonElement data, string member) => Storable(Text(data, member) ?? "");

    /// <summary>PostgreSQL keeps no U+0000 in a text, and nobody's lane or name is that long.</summary>
    private static string Storable(string text) => text.Length <= 64 && !text.Contains('\0') ? text : throw new FormatException("not a name");

    private static string? Text(JsonElement json, string member) =>
        json.TryGetProperty(member, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static string Short(string? type) => type is null ? "(none)" : StorableText.Cut(type, 64);
}
