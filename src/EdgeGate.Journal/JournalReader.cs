using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace EdgeGate.Journal;

/// <summary>
/// Reads a journal that another process may be writing: for list, tail, export and verify. Never writes, never checkpoints.
/// Throws <see cref="JournalException"/>. Not thread-safe. A store healed meanwhile needs a new reader.
/// </summary>
public sealed class JournalReader : IDisposable
{
    private const int PageOfRecords = 1000;
    private readonly string _path;
    private readonly SqliteConnection _connection;

    private JournalReader(string path, SqliteConnection connection)
    {
        _path = path;
        _connection = connection;
    }

    public static JournalReader Open(string directory)
    {
        var path = new JournalFiles(directory).Store;
        if (!File.Exists(path))
            throw new JournalException($"There is no journal in {directory}.");
        return Failures.Guard(path, () =>
        {
            var reader = new JournalReader(path, StoreConnection.OpenReader(path));
            reader._connection.CheckIsOurs();
            return reader;
        });
    }

    /// <summary>The same view as <see cref="GateJournal.Status"/>, as of the last commit.</summary>
    public JournalStatus ReadStatus() => Guard(() =>
    {
        using var snapshot = _connection.BeginTransaction(deferred: true);
        var state = _connection.ReadState();
        var head = _connection.ReadNewest() is { } newest ? new ChainHead(newest.Sequence, newest.Hash) : new ChainHead(state.Purged, state.PurgedHash);
        return new JournalStatus
        {
            LastSequence = Math.Max(head.Sequence, state.VoidRanges is [.., var end] ? end.Last : 0),
            Head = head,
            PurgedUpTo = state.Purged,
            VoidRanges = state.VoidRanges,
            Dropped = state.Dropped,
            DeadLetters = state.DeadLetters,
        };
    });

    /// <summary>The outbox cursor on disk; the running service may be a little ahead.</summary>
    public long ReadAcknowledgedUpTo() => Guard(() => _connection.ReadState().Acknowledged);

    /// <summary>At most <paramref name="max"/> records and about 4 MiB; empty only when there is none from <paramref name="from"/> on.</summary>
    public IReadOnlyList<JournalRecord> Read(long from, int max) => Guard(() => _connection.ReadRecords(from, long.MaxValue, max));

    /// <summary>All records of a range, page by page.</summary>
    public async IAsyncEnumerable<JournalRecord> ReadAllAsync(
        long from, long upTo = long.MaxValue, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (from <= upTo)
        {
            var page = await Task.Run(() => Guard(() => _connection.ReadRecords(from, upTo, PageOfRecords)), cancellationToken);
            if (page.Count == 0)
                yield break;
            foreach (var record in page)
                yield return record;
            from = page[^1].Sequence + 1;
        }
    }

    /// <summary>
    /// Walks the whole chain, oldest to newest, and says what is wrong first. Takes a few seconds for a million records.
    /// <paramref name="head"/>, when given, is what the far end last heard: a journal cut off before it, or with another record there, fails.
    /// </summary>
    public VerifyReport Verify(ChainHead? head = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return Guard(() => VerifyChain(head, cancellationToken));
        }
        catch (JournalException damage) when (damage.Cause == JournalFailure.Damaged)
        {
            return new VerifyReport(0, default, new ChainFault(1, ChainFaultKind.Unreadable, damage.Message));
        }
    }

    public void Dispose() => _connection.Dispose();

    private VerifyReport VerifyChain(ChainHead? claimed, CancellationToken cancellationToken)
    {
        using var snapshot = _connection.BeginTransaction(deferred: true);
        var chain = new ChainWalk(_connection.ReadState(), claimed);
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = "select sequence, frame from record order by sequence";
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (chain.Add(row.GetInt64(0), row.GetFieldValue<byte[]>(1)) is { } fault)
                    return chain.Report(fault);
            }
        }
        catch (SqliteException failure)
        {
            return chain.Report(new ChainFault(chain.Expected, ChainFaultKind.Unreadable, failure.Message));
        }
        return chain.Report(chain.End());
    }

    private T Guard<T>(Func<T> read) => Failures.Guard(_path, read);
}
