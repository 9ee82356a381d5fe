using System.Security.Cryptography;
using EdgeGate.Access;
using EdgeGate.Center.Database;
using EdgeGate.Center.Enrolment;
using EdgeGate.Center.Fleet;
using EdgeGate.Messages.Privacy;
using Npgsql;

namespace EdgeGate.Center.Ingest;

/// <summary>The center has everything of this gate up to here, on disk.</summary>
internal sealed record Receipt(GateName Gate, long UpTo, byte[] Chain);

/// <summary>
/// Commits a batch in one transaction, whoever else commits at the same time. The rows of its gates are locked first, in the order of their ids; from
/// then on each gate's row says which numbers are here, so a record is written once however often it comes, and no index has to be asked for it.
/// </summary>
/// <param name="keptDays">Records older than this are not kept under their own day.</param>
internal sealed class RecordStore(NpgsqlDataSource database, Partitions partitions, LaneIds lanes, IngestCounters counters, TimeProvider time, int keptDays)
{
    /// <summary>Of one gate: a broken one must not fill the disk with what nobody will read.</summary>
    private const int MostSetAside = 10_000;

    /// <summary>Of a message that is not kept among the records, in bytes.</summary>
    private const int LongestKept = 16 * 1024;

    /// <summary>No gate ran before this: an earlier stamp is from a clock that nobody had set.</summary>
    private static readonly DateTimeOffset ClockWasSet = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <returns>A receipt for every gate of the batch, also for those that only repeated themselves: a receipt may have been lost.</returns>
    /// <exception cref="NpgsqlException">Nothing was committed, or nobody knows; the same batch again does no harm.</exception>
    public async Task<IReadOnlyList<Receipt>> CommitAsync(Intake intake, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var records = intake.Records.Select(record => Placed(record, now)).ToArray();
        await partitions.MakeAsync([.. records.Select(record => Partitions.DayOf(record.At)).Distinct()], cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var known = await LockAsync(connection, intake.Gates, cancellationToken);
        var gates = known.Where(gate => gate.Value.Revoked is null).ToDictionary();
        await HearStatesAsync(connection, intake, gates, now, cancellationToken);
        var batch = new GateBatch(connection, now, cancellationToken);
        foreach (var (name, gate) in gates)
        {
            if (intake.Tallies.TryGetValue(name, out var tally))
                await batch.HearTallyAsync(gate, tally);
        }
        var fresh = await batch.SelectNewAsync(gates, records);
        var laneIds = await lanes.ResolveAsync(connection, fresh, cancellationToken);
        await RecordRows.WriteAsync(connection, fresh, now, cancellationToken);
        await RecordRows.WritePassagesAsync(connection, fresh, laneIds, cancellationToken);
        var notTaken = await batch.NotTakenOfLateAsync();
        foreach (var gate in gates.Values)
            notTaken.AddRange(await batch.AdvanceAsync(gate, fresh));
        await batch.SaveAsync([.. gates.Values]);
        await RecordRows.MarkNotTakenAsync(connection, notTaken, cancellationToken);
        await FleetFacts.KeepAsync(connection, fresh, cancellationToken);
        await FactKeeping.KeepAsync(connection, fresh, now, cancellationToken);
        await SetAsideAsync(connection, SetAside(intake, known), now, cancellationToken);
        await CountUnknownAsync(connection, intake, known, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        lanes.Remember(laneIds);
        counters.Committed(records: fresh.Count, repeated: intake.Records.Count(record => gates.ContainsKey(record.Gate)) - fresh.Count, damaged: intake.Damaged.Count);
        return [.. gates.Values.Where(gate => gate.UpTo > 0).Select(gate => new Receipt(gate.Name, gate.UpTo, gate.Chain))];
    }

    /// <summary>For the one message that the database does not take.</summary>
    public async Task SetAsideAsync(DamagedMessage message, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await SetAsideAsync(connection, [message], time.GetUtcNow(), cancellationToken);
        counters.Committed(records: 0, repeated: 0, damaged: 1);
    }

    /// <summary>
    /// With when it happened, as well as the center knows: the gate's stamp, unless no clock that was ever set could have made it. What the gate says later
    /// about its clock (clock-stepped) puts it right. One that comes so late that its day is not kept any more is counted and kept, and nobody was seen today by it.
    /// </summary>
    private IncomingRecord Placed(IncomingRecord record, DateTimeOffset now)
    {
        var (earliest, latest) = Possible(now, keptDays);
        if (record.Stamp >= earliest && record.Stamp <= latest)
            return record with { At = record.Stamp.ToUniversalTime() };
        var isTooLate = record.Stamp < earliest && record.Stamp >= ClockWasSet && record.Seen is { Clock: not ClockGrade.Unset };
        return isTooLate ? record with { At = now, Seen = null, Fact = null } : record with { At = now };
    }

    /// <summary>When what is kept now can have happened, by a clock that was ever set.</summary>
    internal static (DateTimeOffset Earliest, DateTimeOffset Latest) Possible(DateTimeOffset now, int keptDays) => (now.AddDays(-keptDays), now.AddDays(1));

    private static async Task<Dictionary<GateName, GateProgress>> LockAsync(NpgsqlConnection connection, IReadOnlyList<GateName> names, CancellationToken cancellationToken)
    {
        var rows = await connection.Sql(
            """
            select g.id, g.site, g.name, g.signing_key->>'X', g.signing_key->>'Y', g.up_to, g.chain, g.highest, g.ahead, g.letters, g.head, g.head_chain, g.gap_since, g.fault, g.skips,
                'the gate was revoked on ' || to_char(g.revoked_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ': ' || g.revoked_why
            from gate g join unnest($1, $2) as named(site, name) on g.site = named.site and g.name = named.name
            order by g.id for no key update of g
            """,
            names.Select(name => name.Site).ToArray(), names.Select(name => name.Gate).ToArray())
            .ListAsync(
                row => new GateProgress(row.GetInt32(0), new GateName(row.GetString(1), row.GetString(2)))
                {
                    SigningKey = row.IsDBNull(3) ? null : new P256Key(row.GetString(3), row.GetString(4)),
                    UpTo = row.GetInt64(5),
                    Chain = row.GetFieldValue<byte[]>(6),
                    Highest = row.GetInt64(7),
                    Ahead = row.GetInt32(8),
                    Letters = row.GetInt32(9),
                    Head = row.GetInt64(10),
                    HeadChain = row.Maybe<byte[]>(11),
                    GapSince = row.MaybeTime(12),
                    Fault = row.Maybe<string>(13),
                    HasSkips = row.GetBoolean(14),
                    Revoked = row.Maybe<string>(15),
                },
                cancellationToken);
        return rows.ToDictionary(gate => gate.Name);
    }

    /// <summary>A record that counts keeps its bytes where records are; only the reason stands here. Of a revoked gate nothing counts, and all is kept here.</summary>
    private static IEnumerable<DamagedMessage> SetAside(Intake intake, Dictionary<GateName, GateProgress> known)
    {
        foreach (var message in intake.Damaged)
        {
            if (known.TryGetValue(message.Gate, out var gate))
                yield return message with { Reason = gate.Revoked ?? message.Reason };
        }
        foreach (var record in intake.Records)
        {
            if (!known.TryGetValue(record.Gate, out var gate))
                continue;
            if (gate.Revoked is { } revoked)
                yield return new DamagedMessage(record.Gate, revoked, record.Payload);
            else if (record.NotUnderstood is { } reason)
                yield return new DamagedMessage(record.Gate, reason, record.Payload, record.Sequence);
        }
    }

    private static async Task SetAsideAsync(NpgsqlConnection connection, IEnumerable<DamagedMessage> messages, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Few, and each once: the same bytes again only count.
        var aside = messages.GroupBy(message => (message.Gate, Digest: Convert.ToHexString(SHA256.HashData(message.Payload.Span)))).Select(same => (Message: same.First(), same.Key.Digest, Times: same.LongCount())).ToArray();
        if (aside.Length == 0)
            return;
        await connection.Sql(
            """
            with come as materialized (
                select * from unnest($1, $2, $3, $4, $5, $6, $7) with ordinality as c(site, gate, digest, sequence, reason, payload, times, place)),
            held as materialized (
                select g.site, g.gate, (select coalesce(sum(messages), 0) from set_aside_count c where c.site = g.site and c.gate = g.gate) as messages from (select distinct site, gate from come) g)
            insert into set_aside (site, gate, digest, sequence, reason, payload, first_at, last_at, times)
            select site, gate, digest, sequence, reason, payload, $8, $8, times
            from (select come.*, held.messages + row_number() over (partition by site, gate order by place) as number from come join held using (site, gate)) numbered
            where number <= $9 order by site, gate, place
            on conflict (site, gate, digest) do update set times = set_aside.times + excluded.times, last_at = excluded.last_at
            """,
            aside.Select(item => item.Message.Gate.Site).ToArray(), aside.Select(item => item.Message.Gate.Gate).ToArray(), aside.Select(item => Convert.FromHexString(item.Digest)).ToArray(),
            aside.Select(item => item.Message.Sequence).ToArray(), aside.Select(item => item.Message.Reason).ToArray(),
            aside.Select(item => item.Message.Sequence is null ? item.Message.Payload[..Math.Min(item.Message.Payload.Length, LongestKept)].ToArray() : null).ToArray(), aside.Select(item => item.Times).ToArray(),
            now, MostSetAside).RunAsync(cancellationToken);
    }

    private static async Task HearStatesAsync(
        NpgsqlConnection connection, Intake intake, Dictionary<GateName, GateProgress> gates, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var (name, state) in intake.States)
        {
            if (!gates.TryGetValue(name, out var gate))
                continue;
            var key = state.SigningKey is { } offered ? System.Text.Json.JsonSerializer.Serialize(new { offered.X, offered.Y }) : null;
            await Tickets.RedeemAsync(connection, gate, state, now, cancellationToken);
            // The order of GateStateMessage.IsOlderThan: what comes late, or again, changes nothing.
            await connection.Sql(
                """
                insert into gate_report as r (gate_id, online, online_at, version, offered_key, session) values ($1, $2, $3, $4, $5::jsonb, $6)
                on conflict (gate_id) do update set online = excluded.online,
                    online_at = case when (r.online, r.session) is distinct from (excluded.online, excluded.session) then excluded.online_at else r.online_at end,
                    version = coalesce(excluded.version, r.version), offered_key = coalesce(excluded.offered_key, r.offered_key), session = excluded.session
                where excluded.session < r.session is not true and (excluded.session = r.session and excluded.online and not r.online) is not true
                """,
                gate.Id, state.Online, now, state.Version, key, state.Session).RunAsync(cancellationToken);
            if (gate.SigningKey is null && key is not null)
                await connection.Sql("update gate set signing_key = $2::jsonb where id = $1 and pins_first_key", gate.Id, key).RunAsync(cancellationToken);
        }
    }

    private static async Task CountUnknownAsync(
        NpgsqlConnection connection, Intake intake, Dictionary<GateName, GateProgress> gates, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var unknown = intake.Records.Select(record => record.Gate).Concat(intake.Damaged.Select(damaged => damaged.Gate))
            .Where(gate => !gates.ContainsKey(gate)).CountBy(gate => gate).OrderBy(gate => gate.Key.ToString(), StringComparer.Ordinal).ToArray();
        if (unknown.Length == 0)
            return;
        await connection.Sql(
            """
            insert into unknown_gate (site, name, messages, first_at, last_at) select site, name, messages, $4, $4 from unnest($1, $2, $3) as u(site, name, messages)
            on conflict (site, name) do update set messages = unknown_gate.messages + excluded.messages, last_at = excluded.last_at
            """,
            unknown.Select(gate => gate.Key.Site).ToArray(), unknown.Select(gate => gate.Key.Gate).ToArray(), unknown.Select(gate => (long)gate.Value).ToArray(), now)
            .RunAsync(cancellationToken);
    }
}
