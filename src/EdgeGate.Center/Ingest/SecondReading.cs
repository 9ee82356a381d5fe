using System.Security.Cryptography;
using EdgeGate.Access;
using EdgeGate.Center.Database;
using EdgeGate.Center.Fleet;
using EdgeGate.Messages.Records;
using Npgsql;

namespace EdgeGate.Center.Ingest;

/// <summary>What came of reading again, counted by reason.</summary>
internal sealed class ReadingReport
{
    /// <summary>Reasons quote what gates sent: somebody who makes up a new one each time must not fill the memory.</summary>
    private const int MostReasons = 100;
    private const string Others = "other reasons";

    /// <summary>By the reason for which they had been put aside.</summary>
    public SortedDictionary<string, long> Understood { get; } = new(StringComparer.Ordinal);

    /// <summary>Set aside once, and here since then: the gate sent them again.</summary>
    public long Arrived { get; private set; }

    /// <summary>By the newest reason.</summary>
    public SortedDictionary<string, long> StillAside { get; } = new(StringComparer.Ordinal);

    public long Total => Understood.Values.Sum() + Arrived + StillAside.Values.Sum();

    public void CountUnderstood(string reason) => Count(Understood, reason);

    public void CountStillAside(string reason) => Count(StillAside, reason);

    public void CountArrived() => Arrived++;

    private static void Count(SortedDictionary<string, long> counts, string reason)
    {
        var under = counts.ContainsKey(reason) || counts.Count < MostReasons ? reason : Others;
        counts[under] = counts.GetValueOrDefault(under) + 1;
    }
}

/// <summary>
/// Reads again what could not be taken as it was: after an update the center may know more. A record that was kept without being understood gets the rows it would
/// have had, in one transaction with its new kind, so once. Receipts, chains and numbers stay: it was counted when it came. What was never counted is its gate's to
/// send again, and only told apart here: it has come since, or it has not.
/// </summary>
internal sealed class SecondReading(NpgsqlDataSource database, LaneIds lanes, TimeProvider time)
{
    private const long LockKey = 0x4564_6765_5265_6164; // "EdgeRead"

    /// <summary>Of one gate in one transaction, which holds up the gate's batches.</summary>
    private const int Chunk = 200;


    /// <summary>A message that is not counted is kept up to here.</summary>
    private const int LongestKept = 16 * 1024;

    public const string NoReason = "no reason was kept";
    public const string ReadableNow = "it can be read now: its gate has no receipt for it and sends it again";

    private sealed record Kept(long Sequence, DateTimeOffset At, byte[] Payload);

    private sealed record Aside(GateName Gate, byte[] Digest, string Reason, byte[] Payload);

    /// <summary>The program as far as reading goes: another build of it may understand more.</summary>
    public static Guid Program { get; } = new(SHA256.HashData(
        [.. ((Type[])[typeof(RecordReading), typeof(DecidedRecord), typeof(Outcome)]).SelectMany(type => type.Module.ModuleVersionId.ToByteArray())]).AsSpan(0, 16));

    /// <summary>Whether this program has read everything again that was here when it came.</summary>
    public async Task<bool> IsDoneAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.Sql("select exists (select from reading_again where program = $1)", Program).ScalarAsync<bool>(cancellationToken);
    }

    /// <param name="pause">After each transaction, for those who wait for the gate.</param>
    /// <returns>Null when another process is at it.</returns>
    /// <exception cref="NpgsqlException">What was done until then stays done; the rest is for another time.</exception>
    public async Task<ReadingReport?> ReadAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        await using var holder = await database.OpenConnectionAsync(cancellationToken);
        await using var alone = await AdvisoryLock.TryTakeAsync(holder, LockKey, cancellationToken);
        if (alone is null)
            return null;
        var report = new ReadingReport();
        var gates = await holder.Sql("select id, site, split_part(name, '~', 1) from gate order by id") // a retired one's records still bear its name
            .ListAsync(row => (Id: row.GetInt32(0), Name: new GateName(row.GetString(1), row.GetString(2))), cancellationToken);
        foreach (var (id, name) in gates)
        {
            for (long? from = 0; from is { } after;)
            {
                from = await ReadKeptAsync(id, name, after, report, cancellationToken);
                await Task.Delay(pause, time, cancellationToken);
            }
        }
        await ReadUncountedAsync(pause, report, cancellationToken);
        await holder.Sql("insert into reading_again (program, done_at) values ($1, $2) on conflict (program) do update set done_at = excluded.done_at", Program, time.GetUtcNow()).RunAsync(cancellationToken);
        return report;
    }

    /// <summary>Some records of a gate, in the order of their numbers.</summary>
    /// <returns>The last of them; null when there are no more.</returns>
    private async Task<long?> ReadKeptAsync(int gate, GateName name, long after, ReadingReport report, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var numbers = await connection.Sql("select sequence from record where gate_id = $1 and sequence > $2 and kind = 0 order by sequence limit $3", gate, after, Chunk)
            .ListAsync(row => row.GetInt64(0), cancellationToken);
        if (numbers.Count == 0)
            return null;
        try
        {
            await ReadKeptAsync(connection, gate, name, [.. numbers], report, cancellationToken);
        }
        catch (Exception refused) when (PatientCommit.IsAboutTheData(refused))
        {
            foreach (var number in numbers) // the one that the database does not take must not cost the others theirs
                await ReadAloneAsync(connection, gate, name, number, report, cancellationToken);
        }
        return numbers[^1];
    }

    private async Task ReadAloneAsync(NpgsqlConnection connection, int gate, GateName name, long number, ReadingReport report, CancellationToken cancellationToken)
    {
        try
        {
            await ReadKeptAsync(connection, gate, name, [number], report, cancellationToken);
        }
        catch (Exception refused) when (PatientCommit.IsAboutTheData(refused))
        {
            var reason = PatientCommit.RefusedBecause(refused);
            await connection.Sql("update set_aside set reason = $4 where site = $1 and gate = $2 and sequence = $3", name.Site, name.Gate, number, reason).RunAsync(cancellationToken);
            report.CountStillAside(reason);
        }
    }

    private async Task ReadKeptAsync(NpgsqlConnection connection, int gate, GateName name, long[] numbers, ReadingReport report, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.Sql("select from gate where id = $1 for no key update", gate).RunAsync(cancellationToken); // as every batch of the gate does
        var kept = await connection.Sql("select sequence, at, payload from record where gate_id = $1 and sequence = any($2) and kind = 0 order by sequence for update", gate, numbers)
            .ListAsync(row => new Kept(row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<byte[]>(2)), cancellationToken);
        var understood = new SortedDictionary<(int Gate, long Sequence), IncomingRecord>();
        var still = new List<(byte[] Digest, string Reason)>();
        foreach (var record in kept)
        {
            var read = RecordReading.Read(name, record.Payload, out var damage);
            if (read is { NotUnderstood: null })
                understood.Add((gate, record.Sequence), read with { At = record.At });
            else
                still.Add((SHA256.HashData(record.Payload), read?.NotUnderstood ?? damage!));
        }
        var laneIds = await lanes.ResolveAsync(connection, understood, cancellationToken);
        await KeepAsync(connection, gate, understood, laneIds, cancellationToken);
        await connection.Sql(
            "update set_aside s set reason = n.reason from unnest($3, $4) as n(digest, reason) where s.site = $1 and s.gate = $2 and s.digest = n.digest and s.reason <> n.reason",
            name.Site, name.Gate, still.Select(item => item.Digest).ToArray(), still.Select(item => item.Reason).ToArray()).RunAsync(cancellationToken);
        var reasons = await connection.Sql(
            "delete from set_aside where site = $1 and gate = $2 and digest = any($3) returning reason",
            name.Site, name.Gate, understood.Values.Select(record => SHA256.HashData(record.Payload.Span)).ToArray()).ListAsync(row => row.GetString(0), cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        lanes.Remember(laneIds);
        foreach (var reason in reasons.Concat(Enumerable.Repeat(NoReason, understood.Count - reasons.Count)))
            report.CountUnderstood(reason);
        foreach (var (_, reason) in still)
            report.CountStillAside(reason);
    }

    /// <summary>All that a record's batch would have made of it, except what says how far its gate is.</summary>
    private async Task KeepAsync(
        NpgsqlConnection connection, int gate, SortedDictionary<(int Gate, long Sequence), IncomingRecord> understood, IReadOnlyDictionary<(int Gate, string Lane), int> laneIds, CancellationToken cancellationToken)
    {
        if (understood.Count == 0)
            return;
        await connection.Sql(
            "update record r set kind = n.kind from unnest($2, $3, $4) as n(sequence, at, kind) where r.gate_id = $1 and r.sequence = n.sequence and r.at = n.at",
            gate, understood.Keys.Select(key => key.Sequence).ToArray(), understood.Values.Select(record => record.At).ToArray(), understood.Values.Select(record => (short)record.Kind).ToArray())
            .RunAsync(cancellationToken);
        await RecordRows.WritePassagesAsync(connection, understood, laneIds, cancellationToken);
        await RecordRows.MarkNotTakenAsync(connection, await RecordRows.NotTakenAsync(connection, gate, understood, cancellationToken), cancellationToken);
        foreach (var ((_, sequence), record) in understood)
        {
            if (record.Step is { } step)
                await connection.Sql("insert into clock_step values ($1, $2, $3, $4, $5) on conflict do nothing", gate, sequence, step.First, step.Last, step.By).RunAsync(cancellationToken);
        }
        await FleetFacts.KeepAsync(connection, understood, cancellationToken);
        await FactKeeping.KeepAsync(connection, understood, time.GetUtcNow(), cancellationToken);
    }

    /// <summary>Messages that could not be counted. They are not put anywhere: whatever is among them that counts is sent again until there is a receipt.</summary>
    private async Task ReadUncountedAsync(TimeSpan pause, ReadingReport report, CancellationToken cancellationToken)
    {
        var (site, gate, digest) = ("", "", Array.Empty<byte>());
        while (true)
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            var some = await connection.Sql(
                "select site, gate, digest, reason, payload from set_aside where sequence is null and payload is not null and (site, gate, digest) > ($1, $2, $3) order by site, gate, digest limit $4",
                site, gate, digest, Chunk)
                .ListAsync(row => new Aside(new(row.GetString(0), row.GetString(1)), row.GetFieldValue<byte[]>(2), row.GetString(3), row.GetFieldValue<byte[]>(4)), cancellationToken);
            if (some.Count == 0)
                return;
            foreach (var message in some)
                await ReadUncountedAsync(connection, message, report, cancellationToken);
            (site, gate, digest) = (some[^1].Gate.Site, some[^1].Gate.Gate, some[^1].Digest);
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private static async Task ReadUncountedAsync(NpgsqlConnection connection, Aside message, ReadingReport report, CancellationToken cancellationToken)
    {
        var standing = await connection.Sql("select id, revoked_at is not null from gate where site = $1 and name = $2", message.Gate.Site, message.Gate.Gate)
            .ListAsync(row => (Id: row.GetInt32(0), IsRevoked: row.GetBoolean(1)), cancellationToken);
        var damage = default(string);
        var record = message.Payload.Length < LongestKept ? RecordReading.Read(message.Gate, message.Payload, out damage) : null; // a longer one was cut off
        if (standing is [var gate] && record is not null
            && await connection.Sql("select exists (select from record where gate_id = $1 and sequence = $2 and payload = $3)", gate.Id, record.Sequence, message.Payload).ScalarAsync<bool>(cancellationToken))
        {
            await connection.Sql("delete from set_aside where site = $1 and gate = $2 and digest = $3", message.Gate.Site, message.Gate.Gate, message.Digest).RunAsync(cancellationToken);
            report.CountArrived();
            return;
        }
        // Of a gate that is shut out nothing counts, however well it can be read.
        var reason = standing is [{ IsRevoked: false }] ? record is null ? damage ?? message.Reason : ReadableNow : message.Reason;
        if (reason != message.Reason)
            await connection.Sql("update set_aside set reason = $4 where site = $1 and gate = $2 and digest = $3", message.Gate.Site, message.Gate.Gate, message.Digest, reason).RunAsync(cancellationToken);
        report.CountStillAside(reason);
    }
}
