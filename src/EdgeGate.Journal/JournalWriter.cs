using System.Buffers;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace EdgeGate.Journal;

/// <summary>Work for the writer thread; <see cref="Done"/> tells how it ended.</summary>
internal abstract class WriterJob
{
    // Continuations must not run on the writer thread: a slow caller would hold up everybody's records.
    public TaskCompletionSource<long> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

internal sealed class AppendJob(RecordWriter write) : WriterJob
{
    public RecordWriter Write => write;
}

internal sealed class ControlJob(Action<JournalWriter> run) : WriterJob
{
    public Action<JournalWriter> Run => run;
}

/// <summary>
/// Everything that writes, on one thread: take what has queued, encode it, commit it, tell the waiters. A lone record is
/// committed at once; those that arrive during its flush share the next one. A thread of its own because a flush blocks for
/// 0.1 to 100 ms, which would starve the few pool threads of a small board.
/// </summary>
internal sealed class JournalWriter
{
    private const int MaxBatch = 256;
    private const int ReserveAhead = 1000;
    private const int PurgeAtOnce = 256;
    private const int CheckpointPages = 1000;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PurgeEvery = TimeSpan.FromMinutes(1);

    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly ChannelReader<WriterJob> _queue;
    private readonly JournalFiles _files;
    private readonly SpaceReserve _space;
    private readonly ITimer _retry;
    private readonly ITimer _purge;
    private readonly ArrayBufferWriter<byte> _payload = new();
    private readonly List<AppendJob> _batch = new(MaxBatch);
    private FileStream? _lock;
    private HighWaterMark? _mark;
    private long _reservedUpTo;
    private JournalStore? _store;
    private string? _damage;
    private volatile JournalStatus _status = JournalStatus.NotOpened;

    public JournalWriter(JournalOptions options, TimeProvider time, Channel<WriterJob> queue)
    {
        (_options, _time, _queue, _files) = (options, time, queue.Reader, new JournalFiles(options.Directory));
        _space = new SpaceReserve(_files.Reserve, options.ReserveBytes);
        // A full queue takes no timer's job: then records are coming, and they do what the timer would.
        _retry = time.CreateTimer(_ => queue.Writer.TryWrite(new ControlJob(writer => writer.EnsureOpen())), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _purge = time.CreateTimer(_ => queue.Writer.TryWrite(new ControlJob(writer => writer.PurgeOld())), null, PurgeEvery, PurgeEvery);
    }

    public JournalStatus Status => _status;

    /// <summary>The outbox cursor as the service moved it; the store follows with the next commit.</summary>
    public long Acknowledged;

    /// <summary>After every change of <see cref="Status"/>; on the writer thread.</summary>
    public Action StatusChanged { get; init; } = () => { };

    /// <summary>The thread's whole life: until the queue is completed and empty.</summary>
    public void Run()
    {
        while (Take() is { } job)
        {
            if (job is AppendJob append)
                AppendWithOthers(append);
            else
                Execute((ControlJob)job);
            CheckpointWhenDue();
        }
        Close();
    }

    /// <summary>Opens the store if it is not open; heals it if it must. Throws <see cref="JournalException"/>.</summary>
    public JournalStore EnsureOpen() => _store ??= Guard(() =>
    {
        DurableFiles.CreateDirectory(_files.Directory);
        _lock ??= TakeLock();
        _mark ??= HighWaterMark.Open(_files.Mark);
        _files.PutFinishedInPlace(_time.GetUtcNow(), _options.KeepDamagedStores); // what a crash interrupted

        var store = OpenWhole() ?? Heal();
        try
        {
            if (store.LastSequence < _options.MinimumNext - 1)
                store.AddVoid(_options.MinimumNext - 1, VoidCause.Unknown);
            Acknowledged = Math.Max(Acknowledged, store.State.Acknowledged);
            // A WAL with something in it first, then the mark: a mark in use without a WAL means that it was lost.
            store.CommitState(Acknowledged);
            DurableFiles.SyncDirectory(_files.Directory);
            Reserve(store.LastSequence, store.State);
            _space.TryHold();
        }
        catch
        {
            store.Dispose();
            throw;
        }
        Publish(store);
        return store;
    });

    /// <summary>Writes the cursor alone, when no record came to carry it.</summary>
    public void FlushCursor()
    {
        var acknowledged = Interlocked.Read(ref Acknowledged);
        if (_store is { } store && acknowledged != store.State.Acknowledged)
            Guard(() => store.CommitState(acknowledged));
    }

    /// <summary>Declares numbers used that this store does not know of.</summary>
    public void RaiseNext(long next)
    {
        var store = EnsureOpen();
        if (next - 1 <= store.LastSequence)
            return;
        Guard(() =>
        {
            Reserve(next - 1, store.State);
            store.AddVoid(next - 1, VoidCause.Unknown);
        });
        Publish(store);
    }

    /// <summary>A reader of store <paramref name="generation"/> found damage.</summary>
    public void HealNow(int generation, string damage)
    {
        if (generation == _status.Generation)
            Abandon(damage);
        EnsureOpen();
    }

    private WriterJob? Take()
    {
        WriterJob? job;
        while (!_queue.TryRead(out job))
            if (!_queue.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                return null;
        return job;
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

    private void AppendWithOthers(AppendJob first)
    {
        _batch.Add(first);
        while (_batch.Count < MaxBatch && _queue.TryPeek(out var next) && next is AppendJob append && _queue.TryRead(out _))
            _batch.Add(append);
        try
        {
            try
            {
                Append(EnsureOpen());
            }
            catch (JournalException failure) when (failure.Cause is JournalFailure.Damaged or JournalFailure.DiskFull)
            {
                Fail(failure);
                Append(EnsureOpen()); // the damage is healed now, or the reserve released
            }
        }
        catch (JournalException failure)
        {
            Fail(failure);
            foreach (var job in _batch)
                job.Done.TrySetException(failure);
        }
        _batch.Clear();
    }

    private void Append(JournalStore store)
    {
        var frames = new List<(long Sequence, byte[] Frame)>(_batch.Count);
        var encoded = new List<AppendJob>(_batch.Count);
        var head = store.Head;
        var next = store.LastSequence + 1;
        long bytes = 0;
        foreach (var job in _batch)
        {
            if (!TryWritePayload(job, next))
                continue;
            head = new ChainHead(next, ChainHash.Next(_options.GateId, next, head.Hash, _payload.WrittenSpan));
            var frame = RecordFrame.Encode(FrameKind.Record, next, _time.GetUtcNow(), head.Hash, _payload.WrittenSpan);
            frames.Add((next, frame));
            encoded.Add(job);
            bytes += frame.Length;
            next++;
        }
        if (frames.Count == 0)
            return;
        Guard(() =>
        {
            var roomy = MakeRoom(store, bytes);
            Reserve(head.Sequence, store.State);
            store.Commit(frames, head, Interlocked.Read(ref Acknowledged));
            if (!roomy)
                store.Checkpoint(); // the next batch begins the WAL anew instead of growing it
        });
        Publish(store);
        for (var i = 0; i < encoded.Count; i++)
            encoded[i].Done.SetResult(frames[i].Sequence);
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
    /// Acknowledged records go first; unacknowledged ones only if the options say so. False when the disk is full.
    /// </summary>
    private bool MakeRoom(JournalStore store, long bytes)
    {
        var roomy = _space.TryHold();
        var needed = 2 * bytes + 32 * StoreConnection.PageSize; // rows do not fill their pages, and the table's upper levels grow too
        while (true)
        {
            var (used, free) = store.Size();
            if (used + bytes <= _options.DiskBudgetBytes && (roomy || free >= needed))
                return roomy;
            var acknowledged = Interlocked.Read(ref Acknowledged);
            if (store.Purge(acknowledged, acknowledged, olderThan: null, PurgeAtOnce) > 0)
                continue;
            if (!_options.DropUnacknowledged || store.Purge(acknowledged, long.MaxValue, olderThan: null, PurgeAtOnce) == 0)
                throw new JournalException(JournalFailure.DiskFull, roomy
                    ? $"The journal's budget of {_options.DiskBudgetBytes} bytes is used up by records that nobody has acknowledged."
                    : $"The disk of {_files.Directory} is full.");
        }
    }

    /// <summary>Deletes acknowledged records past their retention, in small batches, as long as nobody waits.</summary>
    private void PurgeOld()
    {
        if (_store is not { } store)
            return;
        var acknowledged = Interlocked.Read(ref Acknowledged);
        Guard(() =>
        {
            while (store.Purge(acknowledged, acknowledged, _time.GetUtcNow() - _options.Retention, PurgeAtOnce) > 0 && _queue.Count == 0)
            {
            }
        });
        Publish(store);
    }

    /// <summary>Makes sure, before a number is used, that the mark covers it.</summary>
    private void Reserve(long upTo, StoreState state)
    {
        if (upTo < _reservedUpTo)
            return;
        _mark!.Write(new Mark(upTo + ReserveAhead, Exact: false, state.Acknowledged, new ChainHead(state.Purged, state.PurgedHash)));
        _reservedUpTo = upTo + ReserveAhead;
    }

    /// <summary>For a store that is closed: its next opening reserves anew.</summary>
    private void WriteExactMark(long last, StoreState state)
    {
        _mark!.Write(new Mark(last, Exact: true, state.Acknowledged, new ChainHead(state.Purged, state.PurgedHash)));
        _reservedUpTo = 0;
    }

    /// <summary>The store, if it is whole as far as a quick look can tell; else null and <see cref="_damage"/>.</summary>
    private JournalStore? OpenWhole()
    {
        var mark = _mark!.Current;
        var firstOpen = _status.Generation == 0;
        var walFrames = 0L;
        _damage ??= StoreInspection.FindDamage(_files, mark, out walFrames);
        if (_damage is not null)
            return null;
        if (!File.Exists(_files.Store))
            MakeStore();
        JournalStore? store = null;
        try
        {
            store = JournalStore.Open(_files.Store, _time, walFrames);
            if (StoreInspection.HasCommitsBehind(_files, store.WalFramesFound))
                throw new JournalException(JournalFailure.Damaged, "The write-ahead log is broken in the middle.");
            if (!string.Equals(store.State.Gate, _options.GateId, StringComparison.Ordinal))
                throw new JournalException(JournalFailure.WrongGate, $"The journal in {_files.Directory} belongs to gate '{store.State.Gate}', not '{_options.GateId}'.");
            var atLeast = CertainLast ?? mark?.ReservedUpTo - ReserveAhead - MaxBatch;
            if (store.LastSequence < atLeast)
                throw new JournalException(JournalFailure.Damaged, $"The journal ends at record {store.LastSequence} but went at least to {atLeast}.");
            if (!firstOpen && store.LastSequence > _status.LastSequence)
                store.RemoveAfter(_status.LastSequence); // their appenders were told that they failed
            return store;
        }
        catch (Exception failure) when (AsDamage(failure) is { } damage)
        {
            store?.Dispose();
            _damage = damage;
            return null;
        }
        catch
        {
            store?.Dispose();
            throw;
        }
    }

    /// <summary>The last number if it is known beyond doubt: this process gave it, or the last one closed cleanly.</summary>
    private long? CertainLast => _status.Generation > 0 ? _status.LastSequence : _mark!.Current is { Exact: true } mark ? mark.ReservedUpTo : null;

    private JournalStore Heal()
    {
        var healing = new Healing(_files, _options, _time.GetUtcNow()) 
        {
            SetMark = WriteExactMark,
            TakenBackAfter = _status.Generation > 0 ? _status.LastSequence : null,
        };
        HealReport report;
        try
        {
            report = healing.Heal(_damage!, _mark!.Current, CertainLast);
        }
        catch (Exception failure) when (failure is SqliteException { SqliteErrorCode: 13 } or IOException { HResult: 28 })
        {
            _space.Release();
            _files.DeleteSetAside(keep: 0); // records are worth more than evidence
            report = healing.Heal(_damage!, _mark!.Current, CertainLast);
        }
        var store = JournalStore.Open(_files.Store, _time, walFrames: 0);
        _damage = null;
        _status = _status with { LastHeal = report };
        return store;
    }

    private void MakeStore()
    {
        _files.DeleteUnfinished();
        JournalStore.Create(_files.Unfinished, _options.GateId, _time.GetUtcNow());
        File.Move(_files.Unfinished, _files.Finished);
        _files.PutFinishedInPlace(_time.GetUtcNow(), _options.KeepDamagedStores);
    }

    private void Publish(JournalStore store)
    {
        _status = new JournalStatus
        {
            LastSequence = store.LastSequence,
            Head = store.Head,
            PurgedUpTo = store.State.Purged,
            VoidRanges = store.State.VoidRanges,
            Dropped = store.State.Dropped,
            Commits = store.Commits,
            BytesWritten = store.BytesWritten,
            LastHeal = _status.LastHeal,
            Generation = ReferenceEquals(store, _store) ? _status.Generation : _status.Generation + 1,
        };
        StatusChanged();
    }

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
        _status = _status with { Failure = failure };
        StatusChanged();
        _retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
    }

    private void Abandon(string? damage)
    {
        _damage ??= damage;
        _store?.Dispose();
        _store = null;
    }

    /// <summary>After the waiters were told: a checkpoint takes milliseconds and nobody's record depends on it.</summary>
    private void CheckpointWhenDue()
    {
        if (_store is not { WalPages: >= CheckpointPages } store)
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
        try
        {
            if (_store is { } store)
            {
                FlushCursor();
                // The mark becomes exact before the WAL disappears: a store without WAL whose mark is not exact has lost it.
                Guard(() =>
                {
                    store.PrepareCleanClose();
                    WriteExactMark(store.LastSequence, store.State);
                });
                store.Dispose();
            }
        }
        catch (JournalException failure)
        {
            Fail(failure); // every record is in the WAL; the next start finds it there
        }
        _mark?.Dispose();
        _lock?.Dispose();
    }

    private FileStream TakeLock()
    {
        const int wouldBlock = 11; // EWOULDBLOCK, from flock
        try
        {
            return new FileStream(_files.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException held) when (held.HResult == wouldBlock)
        {
            throw new JournalException(JournalFailure.InUse, $"The journal in {_files.Directory} is open in another process.", held);
        }
    }

    private static string? AsDamage(Exception failure) => failure switch
    {
        JournalException { Cause: JournalFailure.Damaged } found => found.What,
        SqliteException broken when StoreConnection.CauseOf(broken) == JournalFailure.Damaged => broken.Message,
        _ => null,
    };

    private void Guard(Action work) => Guard(() =>
    {
        work();
        return true;
    });

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException failure)
        {
            throw StoreConnection.Translate(failure, _files.Store);
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException and not JournalException)
        {
            const int noSpace = 28, readOnlyFileSystem = 30;
            var cause = failure switch
            {
                UnauthorizedAccessException or { HResult: readOnlyFileSystem } => JournalFailure.ReadOnly,
                { HResult: noSpace } => JournalFailure.DiskFull,
                _ => JournalFailure.Io,
            };
            throw new JournalException(cause, $"The journal in {_files.Directory} failed: {failure.Message}.", failure);
        }
    }
}
