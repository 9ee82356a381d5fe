using EdgeGate.Center.Database;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using Npgsql;

namespace EdgeGate.Center.Ingest;

/// <summary>The part of a transaction that moves gates forward: which records are new, how far they reach, and what is kept of it.</summary>
internal sealed class GateBatch(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancellationToken)
{
    /// <summary>Records read back from the database at once, when a gap before them has closed.</summary>
    private const int Chunk = 500;

    private readonly HashSet<int> _moved = [];
    private readonly SortedDictionary<(int Gate, long Sequence), IncomingRecord> _late = [];
    private readonly List<(int Gate, long Sequence, IncomingRecord.ClockStep Step)> _steps = [];

    /// <param name="Read">Null for one read back from the database.</param>
    private sealed record Held(RecordKind Kind, DateTimeOffset At, ReadOnlyMemory<byte> Payload, IncomingRecord? Read);

    /// <summary>One that the gate did not sign, that nobody can check, or that is not newer than the one before, says nothing.</summary>
    public async Task HearTallyAsync(GateProgress gate, MqttInbound message)
    {
        if (gate.SigningKey is not { } key)
            return;
        TallyMessage tally;
        byte[]? json;
        try
        {
            if (!SignedJson.TryVerify(message.Payload.Span, key, out json))
                return;
            tally = GateProgress.ReadTally(json);
        }
        catch (Exception senseless) when (senseless is FormatException or ArgumentException or System.Security.Cryptography.CryptographicException) // the last two: what was pinned is no key
        {
            return;
        }
        var stored = await connection.Sql("select tally::text, tally_up_to from gate_report where gate_id = $1 and tally is not null", gate.Id)
            .ListAsync(row => (Tally: GateProgress.ReadTally(System.Text.Encoding.UTF8.GetBytes(row.GetString(0))), UpTo: row.GetInt64(1)), cancellationToken);
        if (stored is [var before] && before.Tally.Clock.Boot == tally.Clock.Boot && before.Tally.Clock.SinceBoot >= tally.Clock.SinceBoot)
            return; // every process hears each of them, and the broker keeps the last
        // A tally may come later than records that were made after it. What was here when the one before came, it must know; a kept one is the past.
        gate.Hear(tally, stored is [var known] && !message.Retained ? known.UpTo : 0, stored is [var last] ? Math.Min(last.Tally.RefusedReceipts, tally.RefusedReceipts) : tally.RefusedReceipts);
        await connection.Sql(
            """
            insert into gate_report as r (gate_id, tally, tally_at, tally_up_to) values ($1, $2::jsonb, $3, $4)
            on conflict (gate_id) do update set missing_before = greatest((r.tally->>'made')::bigint - r.tally_up_to, 0), tally_before_at = r.tally_at,
                tally = excluded.tally, tally_at = excluded.tally_at, tally_up_to = excluded.tally_up_to
            """,
            gate.Id, System.Text.Encoding.UTF8.GetString(json), now, gate.UpTo).RunAsync(cancellationToken);
    }

    /// <summary>Those that are not here yet, each once, of gates that are known.</summary>
    public async Task<SortedDictionary<(int Gate, long Sequence), IncomingRecord>> SelectNewAsync(
        Dictionary<GateName, GateProgress> gates, IReadOnlyList<IncomingRecord> records)
    {
        var fresh = new SortedDictionary<(int Gate, long Sequence), IncomingRecord>();
        var late = new List<(GateProgress Gate, IncomingRecord Record)>();
        foreach (var record in records)
        {
            if (!gates.TryGetValue(record.Gate, out var gate))
                continue;
            if (record.Sequence > gate.UpTo)
                fresh.TryAdd((gate.Id, record.Sequence), record);
            else if (gate.Letters > 0)
                late.Add((gate, record));
        }
        foreach (var (gate, sequence) in await AheadAmongAsync(gates.Values, fresh.Keys))
            fresh.Remove((gate, sequence));
        foreach (var (gate, record) in late)
        {
            if (!await IsAwaitedLetterAsync(gate, record) || !fresh.TryAdd((gate.Id, record.Sequence), record))
                continue;
            gate.Letters--;
            _late.Add((gate.Id, record.Sequence), record);
            if (record.Step is { } step)
                _steps.Add((gate.Id, record.Sequence, step));
        }
        return fresh;
    }

    /// <summary>Of those that came after their number had been passed over. To be asked when their passages are written.</summary>
    /// <returns>Which decisions led to no passage.</returns>
    public async Task<List<NotTakenPassage>> NotTakenOfLateAsync()
    {
        var notTaken = new List<NotTakenPassage>();
        foreach (var late in _late.GroupBy(record => record.Key.Gate))
            notTaken.AddRange(await RecordRows.NotTakenAsync(connection, late.Key, new(late.ToDictionary()), cancellationToken));
        return notTaken;
    }

    /// <summary>Moves up to the first number that is neither here nor declared void.</summary>
    /// <returns>Which decisions of this gate led to no passage.</returns>
    public async Task<List<NotTakenPassage>> AdvanceAsync(GateProgress gate, SortedDictionary<(int Gate, long Sequence), IncomingRecord> fresh)
    {
        var notTaken = new List<NotTakenPassage>();
        var (from, had) = (gate.UpTo, gate.Ahead > 0);
        var stored = new StoredAhead(this, gate);
        TallyMessage? tally = null;
        while (gate.UpTo < gate.Highest || fresh.ContainsKey((gate.Id, gate.UpTo + 1)))
        {
            var next = gate.UpTo + 1;
            if (await HeldAsync(next) is { } held)
            {
                gate.Take(held.Payload.Span);
                Note(next, held);
                continue;
            }
            tally ??= gate.HasSkips ? await TallyOfAsync(gate) : null;
            if (tally is null || GateProgress.SkipAt(next, tally, gate.Chain) is not { } skip)
                break;
            if (skip.IsLetter)
                gate.Pass(skip);
            else if (await HeldAsync(skip.Last + 1) is { } behind)
            {
                gate.Pass(skip);
                Note(skip.Last + 1, behind);
            }
            else
                break; // the chain can only be taken up again at a record that is here
        }
        if (gate.UpTo > from)
            _moved.Add(gate.Id);
        await KeepAheadAsync(gate, had, fresh);
        return notTaken;

        async Task<Held?> HeldAsync(long sequence) =>
            fresh.TryGetValue((gate.Id, sequence), out var record) ? new Held(record.Kind, record.At, record.Payload, record) : await stored.FindAsync(sequence);

        void Note(long sequence, Held held)
        {
            if (held.Kind is not (RecordKind.Passage or RecordKind.ClockStepped) || (held.Read ?? RecordReading.Read(gate.Name, held.Payload, out _)) is not { } record)
                return;
            if (record.NotTaken is { } without)
                notTaken.Add(new(gate.Id, without.Lane, without.Decision, held.At));
            if (record.Step is { } step)
                _steps.Add((gate.Id, sequence, step));
        }
    }

    public async Task SaveAsync(IReadOnlyList<GateProgress> gates)
    {
        foreach (var gate in gates)
        {
            gate.Settle(now, _moved.Contains(gate.Id));
            foreach (var passed in gate.PassedOver)
            {
                await connection.Sql(
                    "insert into missing (gate_id, first, last, cause, is_letter, chain_before, chain, noted_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                    gate.Id, passed.First, passed.Last, passed.Cause, passed.IsLetter, passed.ChainBefore, passed.Chain, now).RunAsync(cancellationToken);
            }
        }
        foreach (var (gate, sequence, step) in _steps)
        {
            await connection.Sql("insert into clock_step values ($1, $2, $3, $4, $5) on conflict do nothing", gate, sequence, step.First, step.Last, step.By).RunAsync(cancellationToken);
        }
        await connection.Sql(
            """
            update gate g set up_to = n.up_to, chain = n.chain, highest = n.highest, ahead = n.ahead, letters = n.letters, head = n.head, head_chain = n.head_chain, skips = n.skips,
                gap_since = n.gap_since, fault = n.fault
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as n(id, up_to, chain, highest, ahead, letters, head, head_chain, skips, gap_since, fault)
            where g.id = n.id
            """,
            gates.Select(gate => gate.Id).ToArray(), gates.Select(gate => gate.UpTo).ToArray(), gates.Select(gate => gate.Chain).ToArray(),
            gates.Select(gate => gate.Highest).ToArray(), gates.Select(gate => gate.Ahead).ToArray(), gates.Select(gate => gate.Letters).ToArray(),
            gates.Select(gate => gate.Head).ToArray(), gates.Select(gate => gate.HeadChain).ToArray(), gates.Select(gate => gate.HasSkips).ToArray(), gates.Select(gate => gate.GapSince).ToArray(),
            gates.Select(gate => gate.Fault).ToArray()).RunAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<(int Gate, long Sequence)>> AheadAmongAsync(IEnumerable<GateProgress> gates, IEnumerable<(int Gate, long Sequence)> numbers)
    {
        var withAhead = gates.Where(gate => gate.Ahead > 0).Select(gate => gate.Id).ToHashSet();
        var asked = numbers.Where(number => withAhead.Contains(number.Gate)).ToArray();
        return asked.Length == 0 ? [] : await connection.Sql(
            "select a.gate_id, a.sequence from ahead a join unnest($1, $2) as n(gate_id, sequence) on a.gate_id = n.gate_id and a.sequence = n.sequence",
            asked.Select(number => number.Gate).ToArray(), asked.Select(number => number.Sequence).ToArray())
            .ListAsync(row => (row.GetInt32(0), row.GetInt64(1)), cancellationToken);
    }

    /// <summary>It was passed over as a dead letter, and it is the record that the gate meant.</summary>
    private async Task<bool> IsAwaitedLetterAsync(GateProgress gate, IncomingRecord record)
    {
        var awaited = await connection.Sql("select chain_before, chain from missing where gate_id = $1 and first = $2 and is_letter", gate.Id, record.Sequence)
            .ListAsync(row => (Before: row.GetFieldValue<byte[]>(0), Own: row.GetFieldValue<byte[]>(1)), cancellationToken);
        return awaited is [var letter] && RecordChain.Next(gate.Name, record.Sequence, letter.Before, record.Payload.Span).AsSpan().SequenceEqual(letter.Own)
            && await connection.Sql("delete from missing where gate_id = $1 and first = $2", gate.Id, record.Sequence).RunAsync(cancellationToken) == 1;
    }

    private async Task<TallyMessage?> TallyOfAsync(GateProgress gate)
    {
        // It was checked when it came: what is stored is what the gate signed.
        return await connection.Sql("select tally::text from gate_report where gate_id = $1", gate.Id).ScalarAsync<string>(cancellationToken) is { } json
            ? GateProgress.ReadTally(System.Text.Encoding.UTF8.GetBytes(json))
            : null;
    }

    private async Task KeepAheadAsync(GateProgress gate, bool had, SortedDictionary<(int Gate, long Sequence), IncomingRecord> fresh)
    {
        if (had)
            gate.Ahead -= await connection.Sql("delete from ahead where gate_id = $1 and sequence <= $2", gate.Id, gate.UpTo).RunAsync(cancellationToken);
        var ahead = fresh.Where(item => item.Key.Gate == gate.Id && item.Key.Sequence > gate.UpTo).ToArray();
        if (ahead.Length == 0)
            return;
        gate.Ahead += ahead.Length;
        gate.Highest = Math.Max(gate.Highest, ahead[^1].Key.Sequence);
        await connection.Sql(
            "insert into ahead (gate_id, sequence, at) select $1, * from unnest($2, $3)",
            gate.Id, ahead.Select(item => item.Key.Sequence).ToArray(), ahead.Select(item => item.Value.At).ToArray()).RunAsync(cancellationToken);
    }

    /// <summary>Reads back records that came before their turn, a chunk at a time.</summary>
    private sealed class StoredAhead(GateBatch batch, GateProgress gate)
    {
        private Dictionary<long, Held> _chunk = [];
        private (long From, long To) _known = (1, 0);

        public async Task<Held?> FindAsync(long sequence)
        {
            if (gate.Ahead == 0)
                return null;
            if (sequence < _known.From || sequence > _known.To)
                await LoadAsync(sequence);
            return _chunk.GetValueOrDefault(sequence);
        }

        private async Task LoadAsync(long from)
        {
            // While the gap is open the first of them is not the one wanted: no payload is read then.
            var first = await batch.FirstAheadAsync(gate.Id, from);
            _chunk = first == from ? (await batch.ReadAheadAsync(gate.Id, from)).ToDictionary(record => record.Sequence, record => record.Held) : [];
            _known = (from, first != from ? (first ?? long.MaxValue) - 1 : _chunk.Count < Chunk ? long.MaxValue : _chunk.Keys.Max());
        }
    }

    private async Task<long?> FirstAheadAsync(int gate, long from) =>
        await connection.Sql("select min(sequence) from ahead where gate_id = $1 and sequence >= $2", gate, from).ScalarAsync<object>(cancellationToken) as long?;

    private Task<List<(long Sequence, Held Held)>> ReadAheadAsync(int gate, long from) => connection.Sql(
        """
        select a.sequence, r.kind, r.at, r.payload from ahead a join record r on r.gate_id = a.gate_id and r.sequence = a.sequence and r.at = a.at
        where a.gate_id = $1 and a.sequence >= $2 order by a.sequence limit $3
        """,
        gate, from, Chunk)
        .ListAsync(row => (row.GetInt64(0), new Held((RecordKind)row.GetInt16(1), row.GetFieldValue<DateTimeOffset>(2), row.GetFieldValue<byte[]>(3), Read: null)), cancellationToken);
}
