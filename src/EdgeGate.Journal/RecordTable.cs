using Microsoft.Data.Sqlite;

namespace EdgeGate.Journal;

/// <summary>
/// The queries that writer, reader, verification and healing share. Every record that comes out has passed its checksum and
/// stands where it should: a number that is missing without a void range is damage, even where SQLite sees none.
/// </summary>
internal static class RecordTable
{
    public const string Schema = """
        create table record (sequence integer primary key, frame blob not null);
        create table state (id integer primary key, frame blob not null);
        """;

    /// <summary>A page of records may hold this many bytes: a thousand large records must not fill a small board's memory.</summary>
    private const int MaxPageBytes = 4 * 1024 * 1024;

    public static StoreState ReadState(this SqliteConnection connection) =>
        connection.Scalar("select frame from state") is byte[] frame && StoreState.TryDecode(frame, out var state)
            ? state
            : throw Damage(connection, "its state row is missing or broken");

    public static void WriteState(this SqliteConnection connection, byte[] frame)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "insert or replace into state values (1, $frame)";
        command.Parameters.AddWithValue("$frame", frame);
        command.ExecuteNonQuery();
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
        // One snapshot for state and records, or a purge between them would look like damage.
        using var snapshot = connection.BeginTransaction(deferred: true);
        return connection.ReadRecordsInSnapshot(from, upTo, max);
    }

    /// <summary>The same within a transaction of the caller's.</summary>
    public static List<JournalRecord> ReadRecordsInSnapshot(this SqliteConnection connection, long from, long upTo, int max)
    {
        var state = connection.ReadState();
        var expected = Math.Max(from, state.Purged + 1);

        using var command = connection.CreateCommand();
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
            if (record.Sequence != expected && record.Sequence != (expected = VoidRange.NextReal(state.VoidRanges, expected)))
                throw Damage(connection, $"record {expected} is missing");
            records.Add(record);
            expected++;
            bytes += record.Payload.Length;
            if (bytes >= MaxPageBytes)
                return records;
        }
        if (records.Count < max && upTo != long.MaxValue && VoidRange.NextReal(state.VoidRanges, expected) <= upTo)
            throw Damage(connection, $"record {VoidRange.NextReal(state.VoidRanges, expected)} is missing");
        return records;
    }

    /// <summary>The time of the first record from <paramref name="from"/> on whose stamp is believed; null when there is none.</summary>
    public static DateTimeOffset? ReadFirstStamp(this SqliteConnection connection, long from, Predicate<DateTimeOffset> believed)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select sequence, frame from record where sequence >= $from order by sequence";
        command.Parameters.AddWithValue("$from", from);
        using var row = command.ExecuteReader();
        while (row.Read())
            if (Decode(connection, row).WrittenAt is var stamp && believed(stamp))
                return stamp;
        return null;
    }

    public static JournalException Damage(SqliteConnection connection, string what) =>
        new(JournalFailure.Damaged, $"The journal {connection.DataSource} is damaged: {what}.");

    private static JournalRecord Decode(SqliteConnection connection, SqliteDataReader row)
    {
        var sequence = row.GetInt64(0);
        return RecordFrame.TryDecode(FrameKind.Record, row.GetFieldValue<byte[]>(1), out var record) && record.Sequence == sequence
            ? record
            : throw Damage(connection, $"record {sequence} is broken");
    }
}
