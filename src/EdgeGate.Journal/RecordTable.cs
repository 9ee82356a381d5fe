using Microsoft.Data.Sqlite;

namespace EdgeGate.Journal;

/// <summary>What the store knows apart from its records.</summary>
/// <param name="Gate">Whose records these are: part of every hash.</param>
/// <param name="Acknowledged">The outbox cursor: the far end has everything up to here.</param>
/// <param name="Purged">The newest record that was deleted from the old end, and its hash: where the chain now starts.</param>
/// <param name="Dropped">How many records were deleted unacknowledged, ever.</param>
internal sealed record StoreState(string Gate, long Acknowledged, ChainHead Purged, long Dropped);

/// <summary>
/// The queries that writer, reader, verification and healing share. Every record that comes out has passed its checksum and
/// stands where it should: a number that is missing without a void range is damage, even where SQLite sees none.
/// </summary>
internal static class RecordTable
{
    public const string Schema = """
        create table record (sequence integer primary key, frame blob not null);
        create table state (gate text not null, acknowledged integer not null, purged integer not null, purged_hash blob not null, dropped integer not null);
        create table void_range (first integer primary key, last integer not null, cause integer not null);
        """;

    /// <summary>A page of records may hold this many bytes: a thousand large records must not fill a small board's memory.</summary>
    private const int MaxPageBytes = 4 * 1024 * 1024;

    public static StoreState ReadState(this SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select gate, acknowledged, purged, purged_hash, dropped from state";
        using var row = command.ExecuteReader();
        if (!row.Read() || row.GetFieldValue<byte[]>(3) is not { Length: ChainHash.Length } hash)
            throw Damage(connection, "its state row is missing or broken");
        return new StoreState(row.GetString(0), row.GetInt64(1), new ChainHead(row.GetInt64(2), ChainHash.Read(hash)), row.GetInt64(4));
    }

    public static List<VoidRange> ReadVoidRanges(this SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select first, last, cause from void_range order by first";
        using var row = command.ExecuteReader();
        var ranges = new List<VoidRange>();
        while (row.Read())
            ranges.Add(new VoidRange(row.GetInt64(0), row.GetInt64(1), (VoidCause)row.GetInt32(2)));
        return ranges;
    }

    /// <summary>The newest record, null when there is none.</summary>
    public static JournalRecord? ReadNewest(this SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select sequence, frame from record order by sequence desc limit 1";
        using var row = command.ExecuteReader();
        return row.Read() ? Decode(connection, row) : null;
    }

    /// <summary>
    /// The kept records from <paramref name="from"/> on, at most <paramref name="max"/> and about 4 MiB, in order. Empty only when there
    /// is none up to <paramref name="upTo"/>. Throws <see cref="JournalFailure.Damaged"/> when one that should be there is missing or broken.
    /// </summary>
    public static List<JournalRecord> ReadRecords(this SqliteConnection connection, long from, long upTo, int max)
    {
        // One snapshot for all three, or a purge between them would look like damage.
        using var snapshot = connection.BeginTransaction(deferred: true);
        var expected = Math.Max(from, connection.ReadState().Purged.Sequence + 1);
        var voids = connection.ReadVoidRanges();

        using var command = connection.CreateCommand();
        command.Transaction = snapshot;
        command.CommandText = "select sequence, frame from record where sequence between $from and $upTo order by sequence limit $max";
        command.Parameters.AddWithValue("$from", from);
        command.Parameters.AddWithValue("$upTo", upTo);
        command.Parameters.AddWithValue("$max", max);
        using var row = command.ExecuteReader();
        var records = new List<JournalRecord>();
        long bytes = 0;
        while (row.Read())
        {
            var record = Decode(connection, row);
            if (record.Sequence != expected && record.Sequence != (expected = NextReal(voids, expected)))
                throw Damage(connection, $"record {expected} is missing");
            records.Add(record);
            expected++;
            bytes += record.Payload.Length;
            if (bytes >= MaxPageBytes)
                return records;
        }
        if (records.Count < max && upTo != long.MaxValue && NextReal(voids, expected) <= upTo)
            throw Damage(connection, $"record {NextReal(voids, expected)} is missing");
        return records;
    }

    /// <summary>The first number from <paramref name="sequence"/> on that no void range covers.</summary>
    public static long NextReal(IReadOnlyList<VoidRange> voids, long sequence)
    {
        foreach (var range in voids)
            if (range.First <= sequence && sequence <= range.Last)
                sequence = range.Last + 1;
        return sequence;
    }

    private static JournalRecord Decode(SqliteConnection connection, SqliteDataReader row)
    {
        var sequence = row.GetInt64(0);
        return RecordFrame.TryDecode(row.GetFieldValue<byte[]>(1), out var record) && record.Sequence == sequence
            ? record
            : throw Damage(connection, $"record {sequence} is broken");
    }

    private static JournalException Damage(SqliteConnection connection, string what) =>
        new(JournalFailure.Damaged, $"The journal {connection.DataSource} is damaged: {what}.");
}
