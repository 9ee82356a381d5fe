using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeGate.Journal;
using Microsoft.Data.Sqlite;

namespace EdgeGate.PowerCut;

/// <summary>What a boot found in its store, held against the <see cref="Ledger"/>, before it wrote anything. Counts are of records.</summary>
internal sealed record Findings
{
    public long Records { get; init; }

    /// <summary>Acknowledged and not there.</summary>
    public long Lost { get; init; }

    /// <summary>Acknowledged, and another record has the number now.</summary>
    public long Replaced { get; init; }

    /// <summary>There, but not as written.</summary>
    public long Broken { get; init; }

    /// <summary>Numbers left out before the last one.</summary>
    public long Gaps { get; init; }

    /// <summary>What the store itself finds wrong.</summary>
    public string? Fault { get; init; }

    [JsonIgnore] public bool AreClean => Lost == 0 && Replaced == 0 && Broken == 0 && Gaps == 0 && Fault is null;

    public static async Task<Findings> InspectAsync(IRecordStore store, Ledger ledger, CancellationToken cancellationToken)
    {
        long records = 0, acknowledged = 0, replaced = 0, broken = 0, gaps = 0, expected = 1;
        string? fault = null;
        try
        {
            await foreach (var (sequence, payload) in store.ReadAllAsync(cancellationToken))
            {
                records++;
                gaps += sequence - expected;
                expected = sequence + 1;
                var writtenBy = TestRecord.BootOf(sequence, payload.Span);
                if (writtenBy is null)
                    broken++;
                if (!ledger.BootOf.TryGetValue(sequence, out var promisedBy))
                    continue; // its acknowledgement was cut short
                acknowledged++;
                if (writtenBy is not null && writtenBy != promisedBy)
                    replaced++;
            }
            fault = store.FindFault();
        }
        catch (Exception unreadable) when (unreadable is JournalException or SqliteException)
        {
            fault = unreadable.Message;
        }
        return new Findings
        {
            Records = records,
            Lost = ledger.Count - acknowledged,
            Replaced = replaced,
            Broken = broken,
            Gaps = gaps,
            Fault = fault,
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, FindingsJson.Default.Findings);

    public static Findings FromJson(string json) => JsonSerializer.Deserialize(json, FindingsJson.Default.Findings)!;
}

[JsonSerializable(typeof(Findings))]
internal sealed partial class FindingsJson : JsonSerializerContext;
