using System.Buffers;
using System.Collections.Concurrent;
using System.Threading.Channels;

namespace EdgeGate.Journal;

/// <summary>
/// Everything that writes, by one thread at a time: take what has queued, encode it, commit it, tell the waiters. A lone record is
/// committed at once; those that arrive during its flush share the next one. A thread of its own because a flush blocks for
/// 0.1 to 100 ms, which would starve the few pool threads of a small board. A caller that has a thread of its own, as every
/// serial line has, need not wait for this one to wake, and to be woken by it: see <see cref="TryAppendHere"/>.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The thread disposes of what is its own when it ends.")]
internal sealed class JournalWriter
{
    public const int MaxBatch = 256;
    private const int PurgeAtOnce = 256;
    private const long SpareAtMost = 1024 * 1024;
    private const int CheckpointPages = 1000;

    /// <summary>Short for whoever looks on, long against a flush. Real time: it is the disk that it spares.</summary>
    private static readonly TimeSpan CompanyWithin = TimeSpan.FromMilliseconds(50);

    /// <summary>A commit that carries the cursor writes a seventh more (bench wear) and parses a statement; not carried, it costs a second's records sent again after a power cut.</summary>
    private static readonly TimeSpan CursorCarriedEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ToldWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PurgeEvery = TimeSpan.FromMinutes(1);

    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly Channel<WriterJob> _jobs;
    private readonly ChannelReader<WriterJob> _queue;
    private readonly JournalDirectory _directory;
    private readonly SpaceReserve _space;
    private readonly RetentionClock _ages;
    private readonly ITimer _retry;
    private readonly ITimer _purge;
    private readonly ITimer _tell;
    private readonly ArrayBufferWriter<byte> _payload = new();

    /// <summary>Empty between two turns, but for what a line left to the writer's thread.</summary>
    private readonly List<AppendJob> _batch = new(MaxBatch);

    /// <summary>Held by whoever writes. What is queued is taken only by its holder, or two threads would give numbers in another order than was asked for.</summary>
    private readonly Lock _turn = new();

    /// <summary>Without spinning: waiting for a task would spin first, which took more of the processor than the records themselves.</summary>
    private readonly ManualResetEventSlim _queued = new(initialState: false, spinCount: 0);
    private readonly ManualResetEventSlim _hurry = new(initialState: false, spinCount: 0);
    private readonly ConcurrentQueue<(AppendJob Job, long Sequence)> _settled = new();
    private JournalStore? _store;
    private string? _damage;
    private bool _diskIsFull;

    /// <summary>What may be appended before the store's size is looked at again, in bytes.</summary>
    private long _spare;
    private long _acknowledged;
    private long? _cursorCarried;

    /// <summary>When the oldest record was appended that those who follow were not told of; null when they were told of all.</summary>
    private long? _untoldSince;
    private bool _isTellSet;
    private volatile JournalStatus _status = JournalStatus.NotOpened;

    public JournalWriter(JournalOptions options, TimeProvider time, Channel<WriterJob> queue, JournalDirectory directory)
    {
        (_options, _time, _jobs, _queue, _directory) = (options, time, queue, queue.Reader, directory);
        Tail = new JournalTail(options.TailRecords);
        _ages = new RetentionClock(time);
        _space = new SpaceReserve(new JournalFiles(options.Directory).Reserve, options.ReserveBytes);
        // A full queue takes no timer's job: then records are coming, and they do what the timer would.
        _retry = time.CreateTimer(_ => queue.Writer.TryWrite(new ControlJob(writer => writer.Recover())), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _purge = time.CreateTimer(_ => queue.Writer.TryWrite(new ControlJob(writer => writer.PurgeOld())), null, PurgeEvery, PurgeEvery);
        _tell = time.CreateTimer(_ => TellAtLast(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public JournalStatus Status => _status;

    public JournalTail Tail { get; }

    /// <summary>The outbox cursor as the service moved it; the store follows with a commit, at most once a second, or by itself after a while.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>After every change of <see cref="Status"/>, by the thread that writes; together with the next one's for a record that another follows.</summary>
    public Action StatusChanged { get; init; } = () => { };

    /// <summary>Moves the cursor forward, from any thread. Returns where it was, or null when it is there already.</summary>
    public long? Acknowledge(long upTo)
    {
        while (Acknowledged is var before && upTo > before)
            if (Interlocked.CompareExchange(ref _acknowledged, upTo, before) == before)
                return before;
        return null;
    }

    /// <summary>The thread's whole life: until the queue is completed and empty.</summary>
    public void Run()
    {
        while (WaitForJob())
        {
            WaitForCompany();
            lock (_turn)
                TakeOne();
        }
        lock (_turn)
        {
            FinishBatch();
            Close();
        }
    }

    /// <summary>Tells those whose record could wait that it is on disk: with the others, for each by itself wakes a thread while somebody else waits for the portal.</summary>
    public void CompleteSettled()
    {
        while (_settled.TryDequeue(out var settled))
            settled.Job.Done.SetResult(settled.Sequence);
    }

    /// <summary>Something has queued that is waited for.</summary>
    public void Hurry() => _hurry.Set();

    /// <summary>
    /// Appends on the caller's thread, behind what queued before, when nobody else writes and all is well. False: it is for the queue.
    /// From the scan to the order to open it saves two changes of thread, a third of the time.
    /// </summary>
    public bool TryAppendHere(AppendJob job)
    {
        if (_turn.IsHeldByCurrentThread || !_turn.TryEnter())
            return false; // a record that is made while another is made is for the queue: the batch is under way
        try
        {
            // Healing, a full disk and checkpoints take their time: they are for the thread that has nothing else to do.
            if (_diskIsFull || _status.Failure is not null || _store is not { WalPages: < CheckpointPages })
                return false;
            TakeQueuedAppends(MaxBatch - 1);
            var isNext = !_queue.TryPeek(out _);
            if (isNext)
                _batch.Add(job);
            if (_batch.Count > 0)
                AppendHere();
            return isNext;
        }
        catch (Exception bug)
        {
            // As one on the writer's own thread does: whether the batch is on disk is found out by a new start, and by nobody who goes on.
            Environment.FailFast("the journal's writer failed", bug);
            throw;
        }
        finally
        {
            _turn.Exit();
        }
    }

    /// <summary>Opens the store if it is not open; heals it if it must.</summary>
    public JournalStore EnsureOpen()
    {
        if (_store is not null)
            return _store;
        _store = Guard(() => _directory.OpenStore(_damage, _status.Generation > 0 ? _status.LastSequence : null));
        _damage = null;
        if (_status.Generation == 0)
            _ages.Begin(Guard(() => _store.NewestStamp));
        Acknowledge(_store.State.Acknowledged);
        _status = _status with { Generation = _status.Generation + 1 };
        Publish(_store);
        return _store;
    }

    /// <summary>Writes the cursor alone, when no record came to carry it.</summary>
    public void FlushCursor()
    {
        var store = EnsureOpen();
        if (Acknowledged != store.State.Acknowledged)
            Guard(() => store.CommitState(Acknowledged));
    }

    /// <summary>Declares numbers used that this store does not know of.</summary>
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

    /// <summary>Ends a failure, if the world lets it, before somebody appends: health and screen show it at once.</summary>
    private void Recover()
    {
        var store = EnsureOpen();
        Guard(() => MakeRoom(store, _options.MaxPayloadBytes));
        Publish(store);
    }

    /// <summary>False when there will be no more.</summary>
    private bool WaitForJob()
    {
        var more = _queue.WaitToReadAsync().AsTask().GetAwaiter();
        if (!more.IsCompleted)
        {
            _queued.Reset();
            more.UnsafeOnCompleted(_queued.Set);
            _queued.Wait();
        }
        return more.GetResult();
    }

    /// <summary>
    /// A record that can wait waits for the next one, and both share a flush: at a busy gate half of the writing. That one may be of a caller's
    /// own thread, which takes along what has queued.
    /// </summary>
    private void WaitForCompany()
    {
        WriterJob? waited = null;
        while (_queue.TryPeek(out var first) && first is AppendJob { CanWait: true } && first != waited)
        {
            waited = first;
            if (!_hurry.Wait(CompanyWithin))
                continue; // another may be the first by now
            _hurry.Reset(); // one too many at worst: then a record waits for nothing, and not for long
            return;
        }
    }

    private void TakeOne()
    {
        FinishBatch();
        if (!_queue.TryRead(out var job))
            return; // somebody appended it together with his own
        if (job is AppendJob append)
        {
            _batch.Add(append);
            TakeQueuedAppends(MaxBatch);
            AppendBatch();
        }
        else
        {
            Execute((ControlJob)job);
        }
        CheckpointWhenDue();
    }

    /// <summary>Up to the first job of another kind.</summary>
    private void TakeQueuedAppends(int most)
    {
        while (_batch.Count < most && _queue.TryPeek(out var next) && next is AppendJob append && _queue.TryRead(out _))
            _batch.Add(append);
    }

    private void Execute(ControlJob job)
    {
        try
        {
            job.Run(this);
            job.Done.SetResult(0);
        }
        catch (JournalException failure)
        {
            Fail(failure);
            job.Done.SetException(failure);
        }
    }

    /// <summary>On a line's thread: what takes its time is left to the writer's, with the batch. Until it is done nobody else appends, for there is a failure.</summary>
    private void AppendHere()
    {
        try
        {
            if (IsAppended())
                _batch.Clear();
            else
                _jobs.Writer.TryWrite(new ControlJob(_ => { })); // to wake it; a full queue, or one that was closed, has it awake
        }
        catch (JournalException failure)
        {
            RefuseBatch(failure);
        }
    }

    /// <summary>What a line left here: it goes before everything that is queued.</summary>
    private void FinishBatch()
    {
        if (_batch.Count > 0)
            AppendBatch();
    }

    private void AppendBatch()
    {
        try
        {
            if (!IsAppended())
                Append(EnsureOpen()); // the damage is healed now, or the reserve released
            _batch.Clear();
        }
        catch (JournalException failure)
        {
            RefuseBatch(failure);
        }
    }

    /// <returns>False when another attempt may do it, after what takes its time: healing the damage, or making room.</returns>
    private bool IsAppended()
    {
        try
        {
            Append(EnsureOpen());
            return true;
        }
        catch (JournalException failure) when (failure.Cause is JournalFailure.Damaged or JournalFailure.DiskFull)
        {
            Fail(failure);
            return false;
        }
    }

    private void RefuseBatch(JournalException failure)
    {
        Fail(failure);
        foreach (var job in _batch)
            job.Done.TrySetException(failure);
        _batch.Clear();
    }

    private void Append(JournalStore store)
    {
        var frames = new List<(long Sequence, byte[] Frame)>(_batch.Count);
        var encoded = new List<(AppendJob Job, JournalRecord Record)>(_batch.Count);
        var head = store.Head;
        var next = store.LastSequence + 1;
        long bytes = 0;
        foreach (var job in _batch)
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
            return;
        Guard(() =>
        {
            MakeRoom(store, bytes);
            _directory.Reserve(head.Sequence, store.State);
            store.Commit(frames, head, CursorToCarry(store)); // nothing after this may fail: the records are in
        });
        foreach (var (_, record) in encoded)
            Tail.Add(record); // before anybody is told that it is there
        var failed = _status.Failure is not null;
        _status = StatusOf(store); // before the caller goes on: he may look
        foreach (var (job, record) in encoded)
        {
            if (job.CanWait)
                _settled.Enqueue((job, record.Sequence));
            else
                job.Done.SetResult(record.Sequence);
        }
        if (!(encoded[^1].Job.IsAhead && MayTellLater(failed)))
            Tell(_status);
    }

    /// <summary>Telling wakes a thread, which then publishes, before the portal has moved: it does so a quarter as often, for more at a time.</summary>
    private bool MayTellLater(bool failed)
    {
        if (failed)
            return false; // the end of a failure is news
        _untoldSince ??= _time.GetTimestamp();
        if (!_isTellSet)
            _tell.Change(ToldWithin, Timeout.InfiniteTimeSpan); // one a second at most, and not one a record
        _isTellSet = true;
        return _time.GetElapsedTime(_untoldSince.Value) < CompanyWithin;
    }

    /// <summary>When what was to follow did not: a portal that hangs must not keep the grant from the broker.</summary>
    private void TellAtLast()
    {
        if (!_turn.TryEnter()) // a pool thread must not wait for a disk
        {
            _tell.Change(CompanyWithin, Timeout.InfiniteTimeSpan);
            return;
        }
        try
        {
            _isTellSet = false;
            if (_untoldSince is not null)
                Tell(_status);
        }
        finally
        {
            _turn.Exit();
        }
    }

    private long CursorToCarry(JournalStore store)
    {
        if (Acknowledged == store.State.Acknowledged || (_cursorCarried is { } last && _time.GetElapsedTime(last) < CursorCarriedEvery))
            return store.State.Acknowledged;
        _cursorCarried = _time.GetTimestamp();
        return Acknowledged;
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

    /// <summary>
    /// Deletes from the old end until the batch fits the budget and, when the disk itself is full, into pages that the store already has.
    /// Acknowledged records go first; unacknowledged ones only if the options say so. A store far over a budget that was lowered gives up
    /// what the batch takes, and the rest when nobody waits: gigabytes take minutes, in which nobody would pass.
    /// </summary>
    private void MakeRoom(JournalStore store, long bytes)
    {
        _diskIsFull = !_space.TryHold();
        var needed = 2 * bytes + 32 * StoreConnection.PageSize; // rows do not fill their pages, and the table's upper levels grow too
        _spare -= needed;
        if (_spare >= 0 && !_diskIsFull)
            return;
        long? usedBefore = null;
        while (true)
        {
            var (used, free) = store.Size();
            usedBefore ??= used;
            _spare = Math.Min(_options.DiskBudgetBytes - used - bytes, SpareAtMost);
            if ((_spare >= 0 || usedBefore - used >= needed) && (!_diskIsFull || free >= needed))
                return;
            var acknowledged = Acknowledged;
            if (store.Purge(acknowledged, acknowledged, olderThan: null, PurgeAtOnce) > 0)
                continue;
            if (!_options.DropUnacknowledged || store.Purge(acknowledged, long.MaxValue, olderThan: null, PurgeAtOnce) == 0)
                throw new JournalException(JournalFailure.DiskFull, _diskIsFull
                    ? $"The disk of {_options.Directory} is full."
                    : $"The journal's budget of {_options.DiskBudgetBytes} bytes is used up by records that nobody has acknowledged.");
        }
    }

    /// <summary>Deletes acknowledged records past their retention, and those over the budget, in small batches, as long as nobody waits.</summary>
    private void PurgeOld()
    {
        _space.LookAgain();
        if (_store is not { } store)
            return;
        var (acknowledged, limit) = (Acknowledged, _ages.Read() - _options.Retention);
        Guard(() =>
        {
            int gone;
            do
            {
                var oldest = store.Size().Used > _options.DiskBudgetBytes ? default(DateTimeOffset?) : limit;
                gone = store.Purge(acknowledged, acknowledged, oldest, PurgeAtOnce);
                CheckpointWhenDue(); // the log would grow as large as what goes
            }
            while (gone > 0 && _queue.Count == 0 && _store == store);
        });
        Publish(store, _status.Failure);
    }

    private void Publish(JournalStore store, JournalException? failure = null) => Tell(StatusOf(store, failure));

    private void Tell(JournalStatus status)
    {
        _status = status;
        _untoldSince = null;
        StatusChanged();
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

    /// <summary>
    /// The next append starts from what is on disk. A full disk leaves the store as it is; after anything else the connection may be in a
    /// state that only a new one gets out of.
    /// </summary>
    private void Fail(JournalException failure)
    {
        if (failure.Cause == JournalFailure.DiskFull)
            _space.Release();
        else
            Abandon(failure.Cause == JournalFailure.Damaged ? failure.What : null);
        Tell(_status with { Failure = failure });
        _retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
    }

    private void Abandon(string? damage)
    {
        _damage ??= damage;
        _store?.Dispose();
        _store = null;
        _spare = 0;
        Tail.Clear();
    }

    /// <summary>
    /// After the waiters were told: a checkpoint takes milliseconds and nobody's record depends on it. On a full disk after every commit, so
    /// that the next one begins the WAL anew instead of growing it.
    /// </summary>
    private void CheckpointWhenDue()
    {
        if (_store is not { } store || store.WalPages < (_diskIsFull ? 1 : CheckpointPages))
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

    private void Close()
    {
        _retry.Dispose();
        _purge.Dispose();
        _tell.Dispose();
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
        _queued.Dispose();
    }

    private void Guard(Action work) => Failures.Guard(_options.Directory, work);

    private T Guard<T>(Func<T> work) => Failures.Guard(_options.Directory, work);
}
