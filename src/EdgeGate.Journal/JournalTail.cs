using System.Diagnostics.CodeAnalysis;

namespace EdgeGate.Journal;

/// <summary>
/// The newest records, still in memory: whoever follows the journal as it grows need not ask the store for what was written a moment ago. With
/// three followers that was a fifth of the processor time of a passage. May be used from any thread.
/// </summary>
internal sealed class JournalTail(int mostRecords)
{
    private const int MostBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<JournalRecord> _records = new();
    private long _bytes;

    /// <summary>One that is committed, and follows those added before.</summary>
    public void Add(JournalRecord record)
    {
        lock (_lock)
        {
            _records.Enqueue(record);
            _bytes += record.Payload.Length;
            while (_records.Count > mostRecords || (_bytes > MostBytes && _records.Count > 1))
                _bytes -= _records.Dequeue().Payload.Length;
        }
    }

    /// <summary>What the store holds may be something else from now on.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _records.Clear();
            _bytes = 0;
        }
    }

    /// <summary>As <see cref="GateJournal.ReadAsync"/>; false when the tail begins later.</summary>
    public bool TryRead(long from, long upTo, int max, [NotNullWhen(true)] out IReadOnlyList<JournalRecord>? records)
    {
        records = null;
        lock (_lock)
        {
            if (!_records.TryPeek(out var first) || first.Sequence > from)
                return false;
            records = [.. _records.SkipWhile(record => record.Sequence < from).TakeWhile(record => record.Sequence <= upTo).Take(max)];
            return true;
        }
    }
}
