using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;

namespace EdgeGate.Service.Demo;

/// <summary>What each party counted on its own: the people, the journal, the portal, the acknowledgements, the subscriber, the center.</summary>
internal sealed record DemoTally
{
    public required int Presented { get; init; }
    public required int Decided { get; init; }
    public required int Granted { get; init; }
    public required int Denied { get; init; }
    public required int Guard { get; init; }
    public required int Opened { get; init; }
    public required long Journaled { get; init; }
    public required long Acknowledged { get; init; }
    public required int Received { get; init; }
    public required int Doubled { get; init; }

    /// <summary>In the center's database; null without a center.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Committed { get; init; }
    public required double Seconds { get; init; }

    /// <summary>What does not add up, in words; empty when all is well.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Faults => [.. FindFaults()];

    /// <param name="site">Its gate has stopped. What its journal held before this run does not count.</param>
    public static async Task<DemoTally> CountAsync(int presented, DemoSite site, TimeSpan took, CancellationToken cancellationToken)
    {
        using var reader = JournalReader.Open(site.JournalDirectory);
        var before = site.RecordsBefore;
        var outcomes = new Dictionary<string, int>();
        await foreach (var record in reader.ReadAllAsync(before + 1, cancellationToken: cancellationToken))
        {
            using var json = JsonDocument.Parse(record.Payload);
            if (json.RootElement.GetProperty("type").GetString() != DecidedRecord.Type)
                continue;
            var outcome = json.RootElement.GetProperty("data").GetProperty("outcome").GetString()!;
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }
        return new DemoTally
        {
            Presented = presented,
            Decided = outcomes.Values.Sum(),
            Granted = outcomes.GetValueOrDefault("granted"),
            Denied = outcomes.GetValueOrDefault("denied"),
            Guard = outcomes.GetValueOrDefault("guard"),
            Opened = site.Lane.Openings.Count,
            Journaled = reader.ReadStatus().LastSequence - before,
            Acknowledged = reader.ReadAcknowledgedUpTo() - before,
            Received = site.Subscriber.Order.Count(sequence => sequence > before),
            Doubled = site.Subscriber.Doubled,
            Committed = site.Center is { } center ? await center.CountAsync(before, cancellationToken) : null,
            Seconds = Math.Round(took.TotalSeconds, 1),
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, TallyShapes.Default.DemoTally);

    private IEnumerable<string> FindFaults()
    {
        if (Presented != Decided)
            yield return $"{Presented} people presented themselves and {Decided} decisions were made";
        if (Opened != Granted)
            yield return $"{Granted} were granted passage and the portal opened {Opened} times";
        // A decision each, and what came of it for each grant.
        if (Journaled != Decided + Granted)
            yield return $"{Decided} decisions and {Granted} grants make {Decided + Granted} records, and the journal holds {Journaled}";
        if (Acknowledged != Journaled)
            yield return $"{Journaled} records are in the journal and {Acknowledged} are acknowledged";
        if (Received != Journaled)
            yield return $"{Journaled} records are in the journal and the subscriber received {Received}";
        if (Committed is { } committed && committed != Journaled)
            yield return $"{Journaled} records are in the journal and the center committed {committed}";
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DemoTally))]
internal sealed partial class TallyShapes : JsonSerializerContext;
