using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace EdgeGate.Journal;

/// <summary>
/// Makes a new store of everything whole in a damaged one, with the numbers that are gone recorded as void, and puts it in place.
/// <para>
/// Numbers. Never given again: whatever the salvage found, the mark reserved, the store knew as purged or void. Where the last number
/// is certain (clean close, or the process still runs) everything missing below is <see cref="VoidCause.Damaged"/>. Otherwise the
/// numbers between the newest whole record and the mark are <see cref="VoidCause.Unknown"/>: at most 1,256 of them. The far end learns
/// both from the heal record, which is the first after them, and so can account for every number.
/// </para>
/// <para>
/// A salvage prefers one record too many to one lost: it may bring back a record whose commit a power cut interrupted, but none
/// that was purged, and none whose appender this process told that it failed.
/// </para>
/// </summary>
internal sealed class Healing(JournalFiles files, JournalOptions options, DateTimeOffset now)
{
    private const int RecordsPerCommit = 10_000;

    /// <summary>Brings the mark up to the new store's last number, before that store takes its place.</summary>
    public required Action<long, StoreState> SetMark { get; init; }

    /// <summary>The last record whose appender was told that it is kept, when this process has told any.</summary>
    public required long? LastTold { get; init; }

    public HealReport Heal(string reason, Mark? mark, long? certainLast)
    {
        files.DeleteUnfinished();
        HealReport report;
        using (var connection = StoreConnection.OpenWriter(files.Unfinished))
        {
            connection.MarkAsOurs();
            connection.Execute(RecordTable.Schema);
            var state = Collect(connection);
            report = Complete(connection, state, reason, mark, certainLast);
            connection.PrepareCleanClose(); // the finished store is one file
        }
        File.Move(files.Unfinished, files.Finished);
        return report with { SetAsideIn = files.PutFinishedInPlace(now, options.KeepDamagedStores) };
    }

    /// <summary>Copies every whole record and returns the newest state found.</summary>
    private StoreState? Collect(SqliteConnection connection)
    {
        using var salvage = new Salvage(files.Store, files.Wal);
        using var insert = connection.CreateCommand();
        // Two whole records with one number: the earlier is a commit that failed and was written again. Bytes 17 to 24 are the time.
        insert.CommandText = """
            insert into record values ($sequence, $frame)
            on conflict (sequence) do update set frame=excluded.frame where substr(excluded.frame, 17, 8) > substr(record.frame, 17, 8)
            """;
        var sequence = insert.Parameters.Add("$sequence", SqliteType.Integer);
        var content = insert.Parameters.Add("$frame", SqliteType.Blob);
        StoreState? newest = null;
        var inTransaction = 0;
        var transaction = connection.BeginTransaction();
        try
        {
            foreach (var (kind, frame) in salvage.Frames())
            {
                if (kind == FrameKind.State)
                {
                    if (StoreState.TryDecode(frame, out var state) && state.Revision >= (newest?.Revision ?? 0)
                        && string.Equals(state.Gate, options.GateId, StringComparison.Ordinal))
                        newest = state;
                    continue;
                }
                insert.Transaction = transaction;
                sequence.Value = BinaryPrimitives.ReadInt64BigEndian(frame.AsSpan(8));
                content.Value = frame;
                insert.ExecuteNonQuery();
                if (++inTransaction < RecordsPerCommit)
                    continue;
                inTransaction = 0;
                transaction.Commit();
                connection.Execute("pragma wal_checkpoint(truncate)"); // or the log would grow as large as the store
                transaction.Dispose();
                transaction = connection.BeginTransaction();
            }
            transaction.Commit();
        }
        finally
        {
            transaction.Dispose();
        }
        return newest;
    }

    private HealReport Complete(SqliteConnection connection, StoreState? found, string reason, Mark? mark, long? certainLast)
    {
        using var transaction = connection.BeginTransaction();
        var state = found ?? new StoreState { Gate = options.GateId, Acknowledged = mark?.Acknowledged ?? 0 };
        if (mark is { } known && known.Purged.Sequence > state.Purged)
            state = state with { Purged = known.Purged.Sequence, PurgedHash = known.Purged.Hash };
        connection.Execute($"delete from record where sequence <= {state.Purged} or sequence > {LastTold ?? long.MaxValue}");

        var newest = connection.ReadNewest();
        var last = Math.Max(Math.Max(newest?.Sequence ?? 0, state.Purged), state.VoidRanges is [.., var end] ? end.Last : 0);
        last = Math.Max(last, certainLast ?? mark?.ReservedUpTo ?? 0);
        var lost = FindMissing(connection, state, last, certainLast is not null);
        var report = new HealReport
        {
            At = now,
            Reason = reason,
            SetAsideIn = null,
            Salvaged = (long)connection.Scalar("select count(*) from record")!, // this once: every record was just copied
            NewlyVoid = lost,
        };

        var head = newest is null ? state.PurgedHash : newest.Hash;
        if (options.WriteHealRecord is { } write)
        {
            var payload = new ArrayBufferWriter<byte>();
            write(report, ++last, payload);
            head = ChainHash.Next(options.GateId, last, head, payload.WrittenSpan);
            using var insert = connection.CreateCommand();
            insert.CommandText = "insert into record values ($sequence, $frame)";
            insert.Parameters.AddWithValue("$sequence", last);
            insert.Parameters.AddWithValue("$frame", RecordFrame.Encode(FrameKind.Record, last, now, head, payload.WrittenSpan));
            insert.ExecuteNonQuery();
        }
        state = state with
        {
            Revision = state.Revision + 1,
            Acknowledged = Math.Min(state.Acknowledged, last),
            VoidRanges = [.. state.VoidRanges.Concat(lost).OrderBy(range => range.First)],
            DeadLetters = [.. state.DeadLetters.Where(letter => !lost.Exists(range => range.First <= letter.Sequence && letter.Sequence <= range.Last))],
        };
        connection.WriteState(state.Encode(now));
        SetMark(last, state);
        transaction.Commit();
        return report;
    }

    private static List<VoidRange> FindMissing(SqliteConnection connection, StoreState state, long last, bool lastIsCertain)
    {
        var missing = new List<VoidRange>();
        var expected = state.Purged + 1;
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "select sequence from record order by sequence";
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                AddUpTo(row.GetInt64(0) - 1, VoidCause.Damaged);
                expected = row.GetInt64(0) + 1;
            }
        }
        AddUpTo(last, lastIsCertain ? VoidCause.Damaged : VoidCause.Unknown);
        return missing;

        // What is missing from expected to there, around the ranges that were void before.
        void AddUpTo(long there, VoidCause cause)
        {
            foreach (var range in state.VoidRanges)
            {
                if (range.Last < expected || range.First > there)
                    continue;
                if (range.First > expected)
                    missing.Add(new VoidRange(expected, range.First - 1, cause));
                expected = range.Last + 1;
            }
            if (expected <= there)
                missing.Add(new VoidRange(expected, there, cause));
            expected = Math.Max(expected, there + 1);
        }
    }
}
