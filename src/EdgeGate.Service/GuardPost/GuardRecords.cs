using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeGate.Access;
using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.GuardPost;

/// <summary>Writes what guards do into the journal. What they typed about people is sealed before it comes near the disk.</summary>
internal sealed class GuardRecords(string site, string gate, GateJournal journal, EvidenceSeal seal, GateClock clock) : IDisposable
{
    private readonly Lock _sealing = new();

    /// <summary>Completes when the record is flushed, as all of these do.</summary>
    /// <exception cref="JournalException">Nothing was written.</exception>
    public ValueTask<long> SessionAsync(GuardSession session, GuardSessionEvent happened, CancellationToken cancellationToken)
    {
        var now = clock.Read();
        var record = new GuardSessionRecord { Guard = session.Guard, Role = session.Role, Event = happened, Clock = ClockRecord.From(now) };
        return AppendAsync(GuardSessionRecord.Type, now, record, RecordShapes.Default.GuardSessionRecord, cancellationToken);
    }

    public ValueTask<long> SignInsRefusedAsync(GuardSignInsRefusedRecord refused, CancellationToken cancellationToken) =>
        AppendAsync(GuardSignInsRefusedRecord.Type, clock.Read(), refused, RecordShapes.Default.GuardSignInsRefusedRecord, cancellationToken);

    public ValueTask<long> ActionAsync(GuardSession session, GuardAction action, CancellationToken cancellationToken)
    {
        var now = clock.Read();
        var record = new GuardActionRecord
        {
            Guard = session.Guard,
            Role = session.Role,
            Action = action.Kind,
            Lane = action.Lane,
            Direction = action.Direction,
            Decision = action.Decision,
            Reason = action.Reason,
            ApprovedBy = action.ApprovedBy,
            Mode = action.Mode,
            Pass = action.Pass,
            Person = action.Person,
            MaskedName = action.MaskedName,
            Form = action.Form,
            EnteredAt = action.EnteredAt,
            Clock = ClockRecord.From(now),
            Sealed = Seal(action.Words),
        };
        return AppendAsync(GuardActionRecord.Type, now, record, RecordShapes.Default.GuardActionRecord, cancellationToken);
    }

    public ValueTask<long> RoundAsync(ClockReading at, RoundRecord round) => AppendAsync(RoundRecord.Type, at, round, RecordShapes.Default.RoundRecord, CancellationToken.None);

    public ValueTask<long> DeliveryAsync(ClockReading at, DeliveryRecord delivery) =>
        AppendAsync(DeliveryRecord.Type, at, delivery, RecordShapes.Default.DeliveryRecord, CancellationToken.None);

    /// <returns>False when the journal takes no records; it tells of that itself, in the log and under /health.</returns>
    public static async Task<bool> WasKeptAsync(ValueTask<long> record)
    {
        try
        {
            await record;
            return true;
        }
        catch (JournalException)
        {
            return false;
        }
    }

    public void Dispose() => seal.Dispose();

    /// <returns>Null when there is nothing to close.</returns>
    public string? Seal(SealedGuardWords? words)
    {
        if (words is null)
            return null;
        var json = JsonSerializer.SerializeToUtf8Bytes(words, RecordShapes.Default.SealedGuardWords);
        lock (_sealing) // several guards may act at once, and the seal is for one thread
            return seal.Seal(json);
    }

    private ValueTask<long> AppendAsync<T>(string type, ClockReading at, T record, JsonTypeInfo<T> shape, CancellationToken cancellationToken) =>
        journal.AppendAsync(
            (sequence, payload) => RecordEnvelope.Write(payload, site, gate, sequence, type, at.Wall, record, shape), cancellationToken);
}

/// <summary>What a guard asked for, before it is on record; the members are those of <see cref="GuardActionRecord"/>.</summary>
/// <param name="Words">What was typed about people; null when nothing was.</param>
internal sealed record GuardAction(GuardActionKind Kind, string? Lane = null, long? Decision = null, string? Reason = null, SealedGuardWords? Words = null)
{
    public Direction? Direction { get; init; }
    public string? ApprovedBy { get; init; }
    public PortalMode? Mode { get; init; }
    public string? Pass { get; init; }
    public string? Person { get; init; }
    public string? MaskedName { get; init; }
    public string? Form { get; init; }
    public DateTimeOffset? EnteredAt { get; init; }
}
