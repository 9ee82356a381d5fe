using EdgeGate.Center.Database;
using EdgeGate.Center.People;
using Npgsql;

namespace EdgeGate.Center.Ingest;

/// <summary>
/// Puts what records tell beside the records, in their transaction: list versions, proposals of person files, doors, rounds, deliveries. Few of a batch have
/// any, and late ones must not overwrite what came after them.
/// </summary>
internal static class FactKeeping
{
    public static async Task KeepAsync(NpgsqlConnection connection, SortedDictionary<(int Gate, long Sequence), IncomingRecord> fresh, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var ((gate, sequence), record) in fresh)
        {
            if (record.Fact is { } fact)
                await KeepAsync(connection, gate, sequence, record, fact, now, cancellationToken);
        }
    }

    private static Task KeepAsync(NpgsqlConnection connection, int gate, long sequence, IncomingRecord record, RecordFact fact, DateTimeOffset now, CancellationToken cancellationToken) => fact switch
    {
        RecordFact.ListInForce list => connection.Sql(
            """
            insert into gate_register (gate_id, register, version, sequence, at) values ($1, $2, $3, $4, $5)
            on conflict (gate_id, register) do update set version = excluded.version, sequence = excluded.sequence, at = excluded.at where gate_register.sequence < excluded.sequence
            """,
            gate, list.Register, list.Version, sequence, record.At).RunAsync(cancellationToken),
        RecordFact.Concern concern => FileProposals.ProposeAsync(
            connection, concern.Kind, record.Gate.Site, record.Seen!.Person, record.Seen.MaskedName ?? "", record.At, now, (gate, sequence), cancellationToken),
        RecordFact.Door door => connection.Sql(
            """
            insert into person_file_event (file_id, at, kind, by_whom)
            select id, $3, $4, $5 from person_file f where site = $1 and contact = $2 and state = $6 and opened_at <= $3
                and not exists (select from person_file_event e where e.file_id = f.id and e.kind = $7 and e.at > $3) -- it was another's then
            """,
            record.Gate.Site, door.Contact, record.At, (short)(door.IsOpen ? FileEventKind.DoorOpened : FileEventKind.DoorClosed), record.Gate.ToString(), (short)FileState.Open, (short)FileEventKind.ContactBound)
            .RunAsync(cancellationToken),
        RecordFact.Round round => connection.Sql(
            "insert into round (gate_id, sequence, site, building, place, task, at) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
            gate, sequence, record.Gate.Site, round.Building, round.Place, round.Task, round.EnteredAt < record.At ? round.EnteredAt : record.At).RunAsync(cancellationToken),
        RecordFact.Delivery delivery => connection.Sql(
            """
            insert into delivery (site, gate_id, delivery, building, slot, state, sequence, at) values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (gate_id, delivery) do update set building = excluded.building, slot = excluded.slot, state = excluded.state, sequence = excluded.sequence, at = excluded.at
            where delivery.sequence < excluded.sequence
            """,
            record.Gate.Site, gate, delivery.Id, delivery.Building, delivery.Slot, delivery.State, sequence, record.At).RunAsync(cancellationToken),
        _ => throw new InvalidOperationException($"nobody keeps a {fact.GetType().Name}"),
    };
}
