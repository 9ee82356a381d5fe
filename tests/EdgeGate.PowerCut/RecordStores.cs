using System.Buffers;
using System.Runtime.CompilerServices;
using EdgeGate.Journal;
using Microsoft.Data.Sqlite;

namespace EdgeGate.PowerCut;

internal enum StoreKind
{
    /// <summary>The product.</summary>
    Journal,

    /// <summary>The control, which a power cut must hurt.</summary>
    Control,
}

/// <summary>A store the bench can cut the power of.</summary>
internal interface IRecordStore : IAsyncDisposable
{
    /// <summary>Gives the record its number, keeps it, and returns the number once the store says that it is durable.</summary>
    Task<long> AppendAsync(Func<long, byte[]> write, CancellationToken cancellationToken);

    /// <summary>All records in order.</summary>
    IAsyncEnumerable<(long Sequence, ReadOnlyMemory<byte> Payload)> ReadAllAsync(CancellationToken cancellationToken);

    /// <summary>What the store itself finds wrong, null when nothing.</summary>
    string? FindFault();
}

/// <summary>The real journal, by its public surface only.</summary>
internal sealed class JournalUnderTest(GateJournal journal, string directory) : IRecordStore
{
    private const int PageOfRecords = 1000;

    public static async Task<JournalUnderTest> OpenAsync(string directory, TimeProvider time, CancellationToken cancellationToken) =>
        new(await GateJournal.OpenAsync(new JournalOptions { Directory = directory, GateId = "bench" }, time, cancellationToken), directory);

    public async Task<long> AppendAsync(Func<long, byte[]> write, CancellationToken cancellationToken)
    {
        var sequence = await journal.AppendAsync((number, payload) => payload.Write(write(number)), cancellationToken);
        journal.Acknowledge(sequence - 10); // so that commits carry the cursor too, as a gate's do
        return sequence;
    }

    public async IAsyncEnumerable<(long Sequence, ReadOnlyMemory<byte> Payload)> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long next = 1;
        while (await journal.ReadAsync(next, PageOfRecords, cancellationToken) is [.., var last] page)
        {
            foreach (var record in page)
                yield return (record.Sequence, record.Payload);
            next = last.Sequence + 1;
        }
    }

    public string? FindFault()
    {
        var status = journal.Status;
        if (status.Failure is { } failure)
            return failure.Message;
        // Healing may give up numbers, so only damage may cause it. The directory also tells of a heal in a boot that was cut before it reported.
        if (status.LastHeal is { } heal)
            return $"the power cut was taken for damage: {heal.Reason}";
        if (Directory.GetDirectories(directory, "damaged-*") is [var aside, ..])
            return $"the power cut was taken for damage: there is {Path.GetFileName(aside)}";
        if (status.VoidRanges is [var first, ..])
            return $"numbers {first.First} to {first.Last} are void";
        using var reader = JournalReader.Open(directory);
        return reader.Verify(status.Head).Fault?.Detail;
    }

    public ValueTask DisposeAsync() => journal.DisposeAsync();
}

/// <summary>
/// SQLite in WAL mode with synchronous=NORMAL, which returns from a commit before anything is flushed: what a service gets that takes the usual advice.
/// A bench that finds nothing lost here finds nothing.
/// </summary>
internal sealed class NormalStore : IRecordStore
{
    private readonly SqliteConnection _connection;
    private readonly Lock _writing = new();
    private long _last;

    private NormalStore(SqliteConnection connection)
    {
        _connection = connection;
        _last = (long)Scalar("select coalesce(max(sequence), 0) from record")!;
    }

    public static NormalStore Open(string directory)
    {
        Directory.CreateDirectory(directory);
        var connection = new SqliteConnection($"Data Source={Path.Combine(directory, "control.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            pragma journal_mode=wal;
            pragma synchronous=normal;
            create table if not exists record (sequence integer primary key, payload blob not null);
            """;
        command.ExecuteNonQuery();
        return new NormalStore(connection);
    }

    public Task<long> AppendAsync(Func<long, byte[]> write, CancellationToken cancellationToken)
    {
        lock (_writing)
        {
            var sequence = _last + 1;
            using var command = _connection.CreateCommand();
            command.CommandText = "insert into record values ($sequence, $payload)";
            command.Parameters.AddWithValue("$sequence", sequence);
            command.Parameters.AddWithValue("$payload", write(sequence));
            command.ExecuteNonQuery();
            _last = sequence;
            return Task.FromResult(sequence);
        }
    }

    public async IAsyncEnumerable<(long Sequence, ReadOnlyMemory<byte> Payload)> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = "select sequence, payload from record order by sequence";
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            yield return (row.GetInt64(0), row.GetFieldValue<byte[]>(1));
    }

    public string? FindFault() => Scalar("pragma integrity_check(1)") is "ok" ? null : "SQLite's integrity check fails";

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private object? Scalar(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
