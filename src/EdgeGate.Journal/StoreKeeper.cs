using System.Buffers;
using System.Threading.Channels;

namespace EdgeGate.Journal;

/// <summary>
/// The journal's store for as long as the journal is open: opened when somebody needs it, healed, kept within its budget, given up after a failure and opened anew. All that
/// changes it is for whoever has the writer's turn (<see cref="JournalWriter"/>) and throws <see cref="JournalException"/>.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The writer's thread closes it when it ends.")]
internal sealed class StoreKeeper
{
    private const int CheckpointPages = 1000;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PurgeEvery = TimeSpan.FromMinutes(1);

    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly ChannelReader<WriterJob> _queue;
    private readonly JournalDirectory _directory;
    private readonly DiskBudget _budget;
    private readonly RetentionClock _ages;
    private readonly ITimer _retry;
    private readonly ITimer _purge;
    private readonly ArrayBufferWriter<byte> _payload = new();
    private JournalStore? _store;
    private string? _damage;
    private volatile JournalStatus _status = JournalStatus.NotOpened;

    public StoreKeeper(JournalOptions options, TimeProvider time, Channel<WriterJob> queue, Announcer announcer)
    {
        (_options, _time, _queue, Announcer) = (options, time, queue.Reader, announcer);
        _directory = new JournalDirectory(options, time);
        _budget = new DiskBudget(options);
        _ages = new RetentionClock(time);
        Cursor = new AcknowledgedCursor(time);
        Tail = new JournalTail(options.TailRecords);
        // A full queue takes no timer's job: then records are coming, and they do what the timer would.
        _retry = time.CreateTimer(_ => queue.Writer.TryWrite(new ControlJob(store => store.Recover())), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _purge = time.CreateTimer(_ => queue.Writer.TryWrite(new ControlJob(store => store.PurgeOld())), null, PurgeEvery, PurgeEvery);
    }

    /// <summary>May be read by any thread.</summary>
    public JournalStatus Status => _status;

    public JournalTail Tail { get; }

    public AcknowledgedCursor Cursor { get; }

    /// <summary>Tells of every change of <see cref="Status"/>; of records that were appended by <see cref="Append"/>, its caller does.</summary>
    public Announcer Announcer { get; }

    /// <summary>Nothing is due that takes its time: healing, a full disk, a checkpoint.</summary>
    public bool CanAppendAtOnce => !_budget.IsDiskFull && _status.Failure is null && _store is { WalPages: < CheckpointPages };

    /// <summary>Opens the store if it is not open; heals it if it must.</summary>
    public JournalStore EnsureOpen()
    {
        if (_store is not null)
            return _store;
        _store = Guard(() => _directory.OpenStore(_damage, _status.Generation > 0 ? _status.LastSequence : null));
        _damage = null;
        if (_status.Generation == 0)
            _ages.Begin(Guard(() => _store.NewestStamp));
        Cursor.MoveTo(_store.State.Acknowledged);
        _status = _status with { Generation = _status.Generation + 1 };
        Publish(_store);
        return _store;
    }

    /// <summary>
    /// On return those it names are on disk, with these numbers, and <see cref="Status"/> has them; a job whose writer threw was told so and is left out.
    /// On an exception none is on disk.
    /// </summary>
    public IReadOnlyList<(AppendJob Job, JournalRecord Record)> Append(IReadOnlyCollection<AppendJob> batch)
    {
        var store = EnsureOpen();
        var frames = new List<(long Sequence, byte[] Frame)>(batch.Count);
        var encoded = new List<(AppendJob Job, JournalRecord Record)>(batch.Count);
        var head = store.Head;
        var next = store.LastSequence + 1;
        long bytes = 0;
        foreach (var job in batch)
        {
            if (!TryWritePayload(job, next))
                continue;
            head = new ChainHead(next, ChainHash.Next(_options.GateId, next, head.Hash, _payload.WrittenSpan));
            var now = DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds()); // as frames have it
            var frame = RecordFrame.Encode(FrameKind.Record, next, now, head.Hash, _payload.WrittenSpan);
            frames.Add((next, frame));
            encoded.Add((job, new JournalRecord(next, now, head.Hash, frame.AsMemory(RecordFrame.HeaderLength))));
            bytes += frame.Length;
            next++;
        }
        if (frames.Count == 0)
            return encoded;
        Guard(() =>
        {
            _budget.MakeRoom(store, Cursor, bytes);
            _directory.Reserve(head.Sequence, store.State);
            store.Commit(frames, head, Cursor.ToCarry(store.State.Acknowledged)); // nothing after this may fail: the records are in
        });
        foreach (var (_, record) in encoded)
            Tail.Add(record); // before anybody is told that it is there
        _status = StatusOf(store);
        return encoded;
    }

    /// <summary>Writes the cursor alone, when no record came to carry it.</summary>
    public void FlushCursor()
    {
        var store = EnsureOpen();
        if (Cursor.Position is var position && position != store.State.Acknowledged)
            Guard(() => store.CommitState(position));
    }

    /// <summary>For tests: numbers that nobody can account for any more.</summary>
    public void RaiseNext(long next)
    {
        var store = EnsureOpen();
        if (next - 1 <= store.LastSequence)
            return;
        Guard(() =>
        {
            _directory.Reserve(next - 1, store.State);
            store.AddVoid(next - 1, VoidCause.Unknown);
        });
        Publish(store);
    }

    /// <summary>Returns whether the record is set aside: false when <see cref="DeadLetter.Most"/> are already.</summary>
    public bool SetAside(DeadLetter letter)
    {
        var store = EnsureOpen();
        var known = store.State.DeadLetters;
        if (known.Any(other => other.Sequence == letter.Sequence))
            return true;
        if (known.Count >= DeadLetter.Most)
            return false;
        Guard(() => store.CommitDeadLetters([.. known.Append(letter).OrderBy(one => one.Sequence)]));
        Publish(store);
        return true;
    }

    /// <summary>A dead letter no more.</summary>
    public void TakeBack(long sequence)
    {
        var store = EnsureOpen();
        var left = store.State.DeadLetters.Where(letter => letter.Sequence != sequence).ToArray();
        if (left.Length == store.State.DeadLetters.Count)
            return;
        Guard(() => store.CommitDeadLetters(left));
        Publish(store);
    }

    /// <summary>A reader of store <paramref name="generation"/> found damage.</summary>
    public void HealNow(int generation, string damage)
    {
        if (generation == _status.Generation)
            Abandon(damage);
        EnsureOpen();
    }

    /// <summary>
    /// The next append starts from what is on disk. A full disk leaves the store as it is; after anything else the connection may be in a
    /// state that only a new one gets out of.
    /// </summary>
    public void Fail(JournalException failure)
    {
        if (failure.Cause == JournalFailure.DiskFull)
            _budget.ReleaseReserve();
        else
            Abandon(failure.Cause == JournalFailure.Damaged ? failure.What : null);
        _status = _status with { Failure = failure };
        Announcer.Tell();
        _retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// After the waiters were told: a checkpoint takes milliseconds and nobody's record depends on it. On a full disk after every commit, so
    /// that the next one begins the WAL anew instead of growing it.
    /// </summary>
    public void CheckpointWhenDue()
    {
        if (_store is not { } store || store.WalPages < (_budget.IsDiskFull ? 1 : CheckpointPages))
            return;
        try
        {
            Guard(() => store.Checkpoint());
        }
        catch (JournalException failure)
        {
            Fail(failure);
        }
    }

    public void Close()
    {
        _retry.Dispose();
        _purge.Dispose();
        Announcer.Dispose();
        try
        {
            if (_store is { } store)
            {
                FlushCursor();
                Guard(() => _directory.Close(store));
            }
        }
        catch (JournalException failure)
        {
            Fail(failure); // every record is in the WAL; the next start finds it there
        }
        _store = null; // nobody appends any more
        _directory.Dispose();
    }

    /// <summary>Ends a failure, if the world lets it, before somebody appends: health and screen show it at once.</summary>
    private void Recover()
    {
        var store = EnsureOpen();
        Guard(() => _budget.MakeRoom(store, Cursor, _options.MaxPayloadBytes));
        Publish(store);
    }

    /// <summary>Deletes acknowledged records past their retention, and those over the budget, in small batches, as long as nobody waits.</summary>
    private void PurgeOld()
    {
        _budget.LookAgain();
        if (_store is not { } store)
            return;
        var limit = _ages.Read() - _options.Retention;
        Guard(() =>
        {
            bool isGone;
            do
            {
                isGone = _budget.TryPurge(store, Cursor, limit);
                CheckpointWhenDue(); // the log would grow as large as what goes
            }
            while (isGone && _queue.Count == 0 && _store == store);
        });
        Publish(store, _status.Failure);
    }

    private bool TryWritePayload(AppendJob job, long sequence)
    {
        if (job.Done.Task.IsCompleted) // its writer threw in the batch's first attempt
            return false;
        _payload.ResetWrittenCount();
        try
        {
            job.Write(sequence, _payload);
            if (_payload.WrittenCount > _options.MaxPayloadBytes)
                throw new InvalidOperationException($"A record of {_payload.WrittenCount} bytes is larger than the journal's limit of {_options.MaxPayloadBytes}.");
            return true;
        }
#pragma warning disable CA1031 // whatever the caller's code throws belongs to the caller
        catch (Exception failure)
#pragma warning restore CA1031
        {
            job.Done.SetException(failure);
            return false;
        }
    }

    private void Publish(JournalStore store, JournalException? failure = null)
    {
        _status = StatusOf(store, failure);
        Announcer.Tell();
    }

    private JournalStatus StatusOf(JournalStore store, JournalException? failure = null) => new()
    {
        LastSequence = store.LastSequence,
        Head = store.Head,
        PurgedUpTo = store.State.Purged,
        VoidRanges = store.State.VoidRanges,
        Dropped = store.State.Dropped,
        DeadLetters = store.State.DeadLetters,
        Commits = store.Commits,
        BytesWritten = store.BytesWritten,
        Failure = failure,
        LastHeal = _directory.LastHeal,
        Generation = _status.Generation,
    };

    private void Abandon(string? damage)
    {
        _damage ??= damage;
        _store?.Dispose();
        _store = null;
        _budget.Forget();
        Tail.Clear();
    }

    private void Guard(Action work) => Failures.Guard(_options.Directory, work);

    private T Guard<T>(Func<T> work) => Failures.Guard(_options.Directory, work);
}
