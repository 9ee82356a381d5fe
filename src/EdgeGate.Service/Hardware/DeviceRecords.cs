using System.Threading.Channels;
using EdgeGate.Access;
using EdgeGate.Journal;

namespace EdgeGate.Service.Hardware;

/// <summary>What happened to a device, before it is on record.</summary>
/// <param name="Words">Empty where the event says it all.</param>
internal sealed record DeviceWord<TEvent>(string Device, TEvent Event, string Words, ClockReading At)
    where TEvent : struct, Enum;

/// <summary>
/// What devices tell, on its way into the journal: off their lines' loops, which must not wait for the disk. While the journal takes nothing it waits, and is tried
/// again, once more when the gate stops. Bounded: of more than <see cref="Most"/> the oldest is left out that the same device has told again since; where there is none, the oldest.
/// </summary>
/// <param name="lost">Told at a stop of how many words, of which devices, are not on record and never will be.</param>
internal sealed class DeviceRecords<TEvent>(
    Func<DeviceWord<TEvent>, Task> record, Action<DeviceWord<TEvent>, JournalException> notYet, Action<int, string, Exception> lost, TimeProvider time)
    where TEvent : struct, Enum
{
    public const int Most = 256;

    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly LinkedList<DeviceWord<TEvent>> _waiting = [];
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Add(DeviceWord<TEvent> word)
    {
        lock (_lock)
        {
            _waiting.AddLast(word);
            if (_waiting.Count > Most)
                LeaveOneOut();
        }
        _news.Writer.TryWrite(true);
    }

    /// <summary>Puts on record what is told, in order, until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (await _news.Reader.WaitToReadAsync(stopping))
        {
            _news.Reader.TryRead(out _);
            for (var isNews = true; Oldest() is { } word;)
            {
                try
                {
                    await record(word.Value);
                    Remove(word);
                    isNews = true;
                }
                catch (JournalException broken)
                {
                    if (isNews)
                        notYet(word.Value, broken); // once, however long it takes
                    isNews = false;
                    await Task.Delay(RetryAfter, time, stopping);
                }
            }
        }
    }

    /// <summary>At a stop, when nothing runs any more: one more attempt at what waits.</summary>
    /// <param name="cancellationToken">When the stop may take no longer.</param>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (; Oldest() is { } word; Remove(word))
                await record(word.Value).WaitAsync(cancellationToken);
        }
        catch (Exception broken) when (broken is JournalException or OperationCanceledException)
        {
            lock (_lock)
                lost(_waiting.Count, string.Join(", ", _waiting.Select(word => word.Device).Distinct(StringComparer.Ordinal)), broken);
        }
    }

    private LinkedListNode<DeviceWord<TEvent>>? Oldest()
    {
        lock (_lock)
            return _waiting.First;
    }

    private void Remove(LinkedListNode<DeviceWord<TEvent>> word)
    {
        lock (_lock)
        {
            if (word.List is not null) // or it was left out while it was written
                _waiting.Remove(word);
        }
    }

    private void LeaveOneOut()
    {
        var lastOf = new Dictionary<(string, TEvent), DeviceWord<TEvent>>();
        foreach (var word in _waiting)
            lastOf[(word.Device, word.Event)] = word;
        var overtaken = _waiting.First!;
        while (overtaken is not null && ReferenceEquals(lastOf[(overtaken.Value.Device, overtaken.Value.Event)], overtaken.Value))
            overtaken = overtaken.Next;
        _waiting.Remove(overtaken ?? _waiting.First!);
    }
}
