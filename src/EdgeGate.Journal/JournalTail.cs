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

    /// <summary>A ring of <see cref="_count"/> records from <see cref="_oldest"/> on, their numbers rising.</summary>
    private readonly JournalRecord?[] _ring = new JournalRecord?[mostRecords];
    private int _oldest, _count;
    private long _bytes;

    /// <summary>One that is committed, and follows those added before.</summary>
    public void Add(JournalRecord record)
    {
        lock (_lock)
        {
            if (_ring.Length == 0)
                return;
            while (_count == _ring.Length || (_count > 0 && _bytes + record.Payload.Length > MostBytes))
                DropOldest();
            _ring[(_oldest + _count++) % _ring.Length] = record;
            _bytes += record.Payload.Length;
        }
    }

    /// <summary>What the store holds may be something else from now on.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            while (_count > 0)
                DropOldest();
        }
    }

    /// <summary>As <see cref="GateJournal.ReadAsync"/>; false when the tail begins later.</summary>
    public bool TryRead(long from, long upTo, int max, [NotNullWhen(true)] out IReadOnlyList<JournalRecord>? records)
    {
        records = null;
        lock (_lock)
        {
            if (_count == 0 || At(0).Sequence > from)
                return false;
            var first = FirstFrom(from);
            var end = first;
            while (end < _count && end - first < max && At(end).Sequence <= upTo)
                end++;
            var found = new JournalRecord[end - first];
            for (var i = 0; i < found.Length; i++)
                found[i] = At(first + i);
            records = found;
            return true;
        }
    }

    private JournalRecord At(int position) => _ring[(_oldest + position) % _ring.Length]!;

    /// <summary>The position of the first record with this number or a higher one; the count when there is none.</summary>
    private int FirstFrom(long sequence)
    {
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (At(middle).Sequence < sequence)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private void DropOldest()
    {
        _bytes -= At(0).Payload.Length;
        _ring[_oldest] = null;
        _oldest = (_oldest + 1) % _ring.Length;
        _count--;
    }
}
