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
    private const int CheckpointPages = 1000;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly ChannelReader<WriterJob> _queue;
    private readonly JournalFiles _files;
    private readonly ITimer _retry;
    private readonly ArrayBufferWriter<byte> _payload = new();
    private readonly List<AppendJob> _batch = new(MaxBatch);
    private FileStream? _lock;
    private HighWaterMark? _mark;
    private long _reservedUpTo;
    private JournalStore? _store;
    private volatile JournalStatus _status = JournalStatus.NotOpened;

    public JournalWriter(JournalOptions options, TimeProvider time, Channel<WriterJob> queue)
    {
        (_options, _time, _queue, _files) = (options, time, queue.Reader, new JournalFiles(options.Directory));
        _retry = time.CreateTimer(_ => queue.Writer.TryWrite(new ControlJob(writer => writer.EnsureOpen())), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
            Checkpoint();
        }
        try
        {
            Close();
        }
        catch (JournalException failure)
        {
            Fail(failure); // what was acknowledged is in the WAL; the next start finds it there
        }
    }

    /// <summary>Opens the store if it is not open. Throws <see cref="JournalException"/>.</summary>
    public JournalStore EnsureOpen() => _store ??= Guard(() =>
    {
        DurableFiles.CreateDirectory(_files.Directory);
        _lock ??= TakeLock();
        _mark ??= HighWaterMark.Open(_files.Mark);
        var store = File.Exists(_files.Store) ? JournalStore.Open(_files.Store) : JournalStore.Create(_files.Store, _options.GateId);
        try
        {
            if (!string.Equals(store.State.Gate, _options.GateId, StringComparison.Ordinal))
                throw new JournalException(JournalFailure.WrongGate, $"The journal in {_files.Directory} belongs to gate '{store.State.Gate}', not '{_options.GateId}'.");
            Acknowledged = Math.Max(Acknowledged, store.State.Acknowledged);
            Reserve(store, store.LastSequence);
            DurableFiles.SyncDirectory(_files.Directory);
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
        if (_store is null || Acknowledged == _store.State.Acknowledged)
            return;
        Guard(() => _store.Commit([], _store.Head, Interlocked.Read(ref Acknowledged)));
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
            Append(EnsureOpen());
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
        foreach (var job in _batch)
        {
            if (!TryWritePayload(job, next))
                continue;
            head = new ChainHead(next, ChainHash.Next(_options.GateId, next, head.Hash, _payload.WrittenSpan));
            frames.Add((next, RecordFrame.Encode(next, _time.GetUtcNow(), head.Hash, _payload.WrittenSpan)));
            encoded.Add(job);
            next++;
        }
        if (frames.Count == 0)
            return;
        Guard(() =>
        {
            Reserve(store, head.Sequence);
            store.Commit(frames, head, Interlocked.Read(ref Acknowledged));
        });
        Publish(store);
        for (var i = 0; i < encoded.Count; i++)
            encoded[i].Done.SetResult(frames[i].Sequence);
    }

    private bool TryWritePayload(AppendJob job, long sequence)
    {
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

    /// <summary>Makes sure, before a number is used, that the mark covers it.</summary>
    private void Reserve(JournalStore store, long upTo)
    {
        if (upTo < _reservedUpTo)
            return;
        var reserved = upTo + ReserveAhead;
        _mark!.Write(new Mark(reserved, Exact: false, store.State.Acknowledged, store.State.Purged));
        _reservedUpTo = reserved;
    }

    private void Publish(JournalStore store)
    {
        _status = new JournalStatus
        {
            LastSequence = store.LastSequence,
            Head = store.Head,
            PurgedUpTo = store.State.Purged.Sequence,
            VoidRanges = store.VoidRanges,
            Dropped = store.State.Dropped,
            Commits = store.Commits,
            BytesWritten = store.BytesWritten,
        };
        StatusChanged();
    }

    /// <summary>
    /// The next append starts from what is on disk. A full disk leaves the store as it is; after anything else the connection may be in a
    /// state that only a new one gets out of.
    /// </summary>
    private void Fail(JournalException failure)
    {
        if (failure.Cause != JournalFailure.DiskFull)
        {
            _store?.Dispose();
            _store = null;
        }
        _status = _status with { Failure = failure };
        StatusChanged();
        _retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
    }

    /// <summary>After the waiters were told: a checkpoint takes milliseconds and nobody's record depends on it.</summary>
    private void Checkpoint()
    {
        if (_store is not { WalPages: >= CheckpointPages })
            return;
        try
        {
            Guard(_store.Checkpoint);
        }
        catch (JournalException failure)
        {
            Fail(failure);
        }
    }

    private void Close()
    {
        if (_store is not null)
        {
            FlushCursor();
            // The mark becomes exact before the WAL disappears: a store without WAL whose mark is not exact has lost it.
            Guard(_store.CheckpointAll);
            Guard(() => _mark!.Write(new Mark(_store.LastSequence, Exact: true, _store.State.Acknowledged, _store.State.Purged)));
            _store.Dispose();
        }
        _retry.Dispose();
        _mark?.Dispose();
        _lock?.Dispose();
    }

    private FileStream TakeLock()
    {
        try
        {
            return new FileStream(_files.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException held) when (File.Exists(_files.Lock))
        {
            throw new JournalException(JournalFailure.InUse, $"The journal in {_files.Directory} is open in another process.", held);
        }
    }

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
        catch (UnauthorizedAccessException failure)
        {
            throw new JournalException(JournalFailure.ReadOnly, $"The journal in {_files.Directory} cannot be written: {failure.Message}.", failure);
        }
        catch (IOException failure) when (failure is not JournalException)
        {
            throw new JournalException(JournalFailure.Io, $"The journal in {_files.Directory} failed: {failure.Message}.", failure);
        }
    }
}
