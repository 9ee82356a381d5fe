using EdgeGate.Access;
using EdgeGate.Center.Database;
using EdgeGate.Messages.Records;
using Npgsql;

namespace EdgeGate.Center.People;

/// <summary>Proposes a file for whom a gate saw with fever, leaving though under quarantine, arriving from outside, or marked as a buyer of medicine. A person decides.</summary>
internal static class FileProposals
{
    /// <summary>The mark in registers, and in a gate's tag rule, of who bought medicine.</summary>
    private const string MedicineFlag = "medicine";

    /// <summary>What rules flag of arrivals begins so: arrival-from-outside, arrival-from-listed-area.</summary>
    private const string ArrivalFlags = "arrival-";

    /// <summary>What the quarantine rule flags when somebody leaves who may not.</summary>
    private const string QuarantineExitFlag = "alarm-quarantine-exit";

    /// <summary>Who was turned down is not proposed for the same again at each passage.</summary>
    private static readonly TimeSpan NotAgainFor = TimeSpan.FromDays(3);

    /// <summary>The most severe cause; null when there is none.</summary>
    public static FileKind? KindOf(DecidedRecord decided)
    {
        var flags = decided.Flags ?? [];
        return decided.Reasons.Contains(DenyReason.TemperatureTooHigh) ? FileKind.Fever
            : flags.Contains(QuarantineExitFlag) || decided.Reasons.Contains(DenyReason.UnderQuarantine) ? FileKind.Quarantine
            : flags.Any(flag => flag.StartsWith(ArrivalFlags, StringComparison.Ordinal)) ? FileKind.Arrival
            : flags.Contains(MedicineFlag) ? FileKind.Medicine
            : null;
    }

    /// <summary>Once for a person and a cause, while it waits for an answer or the file is kept.</summary>
    public static async Task ProposeAsync(
        NpgsqlConnection connection, FileKind kind, string site, byte[] person, string maskedName, DateTimeOffset at, DateTimeOffset now, (int Gate, long Sequence) record,
        CancellationToken cancellationToken)
    {
        if (now - at > NotAgainFor)
            return; // a gate that was long away tells of what is no longer news
        var id = await connection.Sql(
            """
            insert into person_file (site, person, masked_name, unit, kind, state, opened_at, opened_by, until, gate_id, sequence)
            select $1, $2, $3, coalesce((select min(unit) from resident r where r.site = $1 and r.person = $2), ''), $4, $5, $6, 'gate', $6, $7, $8
            where not exists (select from person_file f where f.site = $1 and f.person = $2 and f.kind = $4 and f.state = $9 and f.closed_at > $10)
            on conflict do nothing returning id
            """,
            site, person, maskedName, (short)kind, (short)FileState.Proposed, at, record.Gate, record.Sequence, (short)FileState.Dismissed, now - NotAgainFor).ScalarAsync<long>(cancellationToken);
        if (id > 0)
        {
            await connection.Sql("insert into person_file_event (file_id, at, kind, by_whom) values ($1, $2, $3, 'gate')", id, at, (short)FileEventKind.Proposed).RunAsync(cancellationToken);
        }
    }
}
