using System.Collections.Concurrent;
using System.Threading.Channels;

namespace EdgeGate.Journal;

/// <summary>
/// Whose turn it is to write, one thread at a time: take what has queued, have it committed, tell the waiters. A lone record is
/// committed at once; those that arrive during its flush share the next one. A thread of its own because a flush blocks for
/// 0.1 to 100 ms, which would starve the few pool threads of a small board. A caller that has a thread of its own, as every
/// serial line has, need not wait for this one to wake, and to be woken by it: see <see cref="TryAppendHere"/>.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The thread disposes of what is its own when it ends.")]
internal sealed class JournalWriter(StoreKeeper store, Channel<WriterJob> jobs)
{
    public const int MaxBatch = 256;

    /// <summary>Short for whoever looks on, long against a flush. Real time: it is the disk that it spares.</summary>
    private static readonly TimeSpan CompanyWithin = TimeSpan.FromMilliseconds(50);

    private readonly ChannelReader<WriterJob> _queue = jobs.Reader;

    /// <summary>Empty between two turns, but for what a line left to the writer's thread.</summary>
    private readonly List<AppendJob> _batch = new(MaxBatch);

    /// <summary>Held by whoever writes. What is queued is taken only by its holder, or two threads would give numbers in another order than was asked for.</summary>
    private readonly Lock _turn = new();

    /// <summary>Without spinning: waiting for a task would spin first, which took more of the processor than the records themselves.</summary>
    private readonly ManualResetEventSlim _queued = new(initialState: false, spinCount: 0);
    private readonly ManualResetEventSlim _hurry = new(initialState: false, spinCount: 0);
    private readonly ConcurrentQueue<(AppendJob Job, long Sequence)> _settled = new();

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
            store.Close();
        }
        _queued.Dispose();
    }

    /// <summary>Something has queued that is waited for.</summary>
    public void Hurry() => _hurry.Set();

    /// <summary>Tells those whose record could wait that it is on disk: with the others, for each by itself wakes a thread while somebody else waits for the portal.</summary>
    public void CompleteSettled()
    {
        while (_settled.TryDequeue(out var settled))
            settled.Job.Done.SetResult(settled.Sequence);
    }

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
            if (!store.CanAppendAtOnce)
                return false; // what takes its time is for the thread that has nothing else to do
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
        store.CheckpointWhenDue();
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
            job.Run(store);
            job.Done.SetResult(0);
        }
        catch (JournalException failure)
        {
            store.Fail(failure);
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
                jobs.Writer.TryWrite(new ControlJob(_ => { })); // to wake it; a full queue, or one that was closed, has it awake
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
                Append(); // the damage is healed now, or the reserve released
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
            Append();
            return true;
        }
        catch (JournalException failure) when (failure.Cause is JournalFailure.Damaged or JournalFailure.DiskFull)
        {
            store.Fail(failure);
            return false;
        }
    }

    private void Append()
    {
        var isRecovery = store.Status.Failure is not null;
        var appended = store.Append(_batch);
        foreach (var (job, record) in appended)
        {
            if (job.CanWait)
                _settled.Enqueue((job, record.Sequence));
            else
                job.Done.SetResult(record.Sequence);
        }
        if (appended is [.., { Job.IsAhead: true }] && !isRecovery)
            store.Announcer.TellWithNext();
        else if (appended.Count > 0)
            store.Announcer.Tell();
    }

    private void RefuseBatch(JournalException failure)
    {
        store.Fail(failure);
        foreach (var job in _batch)
            job.Done.TrySetException(failure);
        _batch.Clear();
    }
}
