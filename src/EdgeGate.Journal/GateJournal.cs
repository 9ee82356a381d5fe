using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace EdgeGate.Journal;

/// <summary>
/// One gate's journal: records that are appended, kept through power cuts, read in order and, once the far end has them, let
/// go. The outbox is a cursor: everything after <see cref="AcknowledgedUpTo"/> is still to be sent. All members may be used from any thread.
/// </summary>
public sealed class GateJournal : IAsyncDisposable
{
    private const int CursorFlushMoves = 1000;

    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly Channel<WriterJob> _queue;
    private readonly StoreKeeper _store;
    private readonly JournalWriter _writer;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _cursorFlush;
    private readonly SemaphoreSlim _reading = new(1);
    private SqliteConnection? _reader;
    private int _readerGeneration;
    private TaskCompletionSource _changed = new();
    private int _ringing;
    private int _disposed;

    private GateJournal(JournalOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        // Synchronous, so that whoever appends wakes the writer's thread without a pool thread in between.
        _queue = Channel.CreateBounded<WriterJob>(new BoundedChannelOptions(options.QueueLength) { AllowSynchronousContinuations = true });
        _store = new StoreKeeper(options, time, _queue, new Announcer(time, SignalChange));
        _writer = new JournalWriter(_store, _queue);
        _cursorFlush = time.CreateTimer(_ => _queue.Writer.TryWrite(new ControlJob(store => store.FlushCursor())), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public JournalStatus Status => _store.Status;

    /// <summary>The highest number ever given; 0 for a new journal.</summary>
    public long LastSequence => Status.LastSequence;

    public ChainHead Head => Status.Head;

    /// <summary>The outbox cursor as last moved by <see cref="Acknowledge"/>; on disk it may be a little older.</summary>
    public long AcknowledgedUpTo => _store.Cursor.Position;

    /// <summary>Records still to be sent, counted by subtraction.</summary>
    public long Backlog
    {
        get
        {
            var (status, acknowledged) = (Status, AcknowledgedUpTo);
            var backlog = status.LastSequence - Math.Max(acknowledged, status.PurgedUpTo);
            foreach (var range in status.VoidRanges)
                backlog -= Math.Max(0, range.Last - Math.Max(range.First - 1, Math.Max(acknowledged, status.PurgedUpTo)));
            return Math.Max(0, backlog);
        }
    }

    /// <summary>The file that whoever writes a journal has open, and locked.</summary>
    public static string LockFile(string directory) => new JournalFiles(directory).Lock;

    /// <summary>
    /// Opens or makes the journal. Whatever the disk does is no exception: look at <see cref="JournalStatus.Failure"/>; appends fail until
    /// it is null again, and the journal keeps trying. Healing takes 10 to 30 s for a million records; nothing is appended meanwhile.
    /// Throws <see cref="ArgumentException"/> for options that cannot be meant.
    /// </summary>
    public static async Task<GateJournal> OpenAsync(JournalOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Check();
        cancellationToken.ThrowIfCancellationRequested();
        var journal = new GateJournal(options, time);
        new Thread(journal.RunWriter) { Name = "journal writer", IsBackground = true }.Start();
        var open = new ControlJob(store => store.EnsureOpen());
        journal._queue.Writer.TryWrite(open); // the queue is empty
        await ((Task)open.Done.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the status tells
        return journal;
    }

    /// <summary>
    /// Appends one record and returns its number once it is flushed to disk. Cancelling takes back only an append that still waits for room
    /// in the queue; one that was queued always ends with the truth: its number, or <see cref="JournalException"/>, or what
    /// <paramref name="write"/> threw. A caller with a thread of its own may be made to wait here for the flush itself.
    /// </summary>
    public ValueTask<long> AppendAsync(RecordWriter write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        return AppendAsync(new AppendJob(write), cancellationToken);
    }

    /// <summary>
    /// As <see cref="AppendAsync(RecordWriter, CancellationToken)"/>, for a record that another follows at once by <see cref="AppendBehindAsync"/>. Whoever follows the
    /// journal is told of both together, within a tenth of a second where such records come in a row, and within a second where nothing follows.
    /// </summary>
    public ValueTask<long> AppendAheadAsync(RecordWriter write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        return AppendAsync(new AppendJob(write) { IsAhead = true }, cancellationToken);
    }

    private async ValueTask<long> AppendAsync(AppendJob job, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // A pool thread must not wait for a disk: there may be two of them.
        if (Thread.CurrentThread.IsThreadPoolThread || !_writer.TryAppendHere(job))
            await EnqueueAsync(job, cancellationToken);
        return await job.Done.Task;
    }

    /// <summary>
    /// As <see cref="AppendAsync(RecordWriter, CancellationToken)"/>, in the same order, and never on the caller's thread: for a record that nobody waits for. It is on disk with the
    /// next one, or within a twentieth of a second.
    /// </summary>
    public async ValueTask<long> AppendBehindAsync(RecordWriter write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        var job = new AppendJob(write) { CanWait = true };
        await EnqueueAsync(job, cancellationToken);
        return await job.Done.Task;
    }

    /// <summary>
    /// Moves the outbox cursor forward in memory: the far end has everything up to here. Never backward, never beyond the last record. The
    /// move reaches the disk with a record, at most once a second, or by itself after a while; if it is lost, the records are sent again.
    /// </summary>
    public void Acknowledge(long upTo)
    {
        upTo = Math.Min(upTo, LastSequence);
        if (_store.Cursor.MoveTo(upTo) is not { } before)
            return;
        if (upTo / CursorFlushMoves != before / CursorFlushMoves)
            _queue.Writer.TryWrite(new ControlJob(store => store.FlushCursor())); // full queue: a record carries it
        else
            _cursorFlush.Change(_options.CursorFlushAfter, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// The records from <paramref name="from"/> on, in order, at most <paramref name="max"/> and about 4 MiB; empty only when there is none
    /// yet. Numbers in void ranges are passed over.
    /// </summary>
    public async ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(long from, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(max);
        var status = Status;
        var upTo = status.LastSequence;
        if (from > upTo)
            return [];
        if (_store.Tail.TryRead(Math.Max(from, status.PurgedUpTo + 1), upTo, max, out var newest))
            return newest;
        await _reading.WaitAsync(cancellationToken);
        try
        {
            try
            {
                return await Task.Run(() => Read(from, upTo, max), cancellationToken);
            }
            catch (JournalException damage) when (damage.Cause == JournalFailure.Damaged)
            {
                var generation = _readerGeneration;
                await RunAsync(store => store.HealNow(generation, damage.What), cancellationToken);
                return await Task.Run(() => Read(from, upTo, max), cancellationToken);
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Completes when there is a record after <paramref name="after"/>, at once if there is one already.</summary>
    public async Task WaitForAppendAsync(long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task; // before the looks, or a change in between is missed
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            if (LastSequence > after)
                return;
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Completes when everything queued before, and the cursor, is on disk. Throws <see cref="JournalException"/>.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => RunAsync(store => store.FlushCursor(), cancellationToken);

    /// <summary>Moves the log into the database file now. For tests; the writer does it by itself.</summary>
    internal Task CheckpointAsync() => RunAsync(store => store.EnsureOpen().Checkpoint(), CancellationToken.None);

    /// <summary>For tests: leaves numbers out, as a heal does, so that the next record's is <paramref name="next"/>.</summary>
    internal Task RaiseNextAsync(long next, CancellationToken cancellationToken) => RunAsync(store => store.RaiseNext(next), cancellationToken);

    /// <summary>
    /// Remembers, on disk, that the far end refuses this record for good. Returns false, and does nothing, when
    /// <see cref="DeadLetter.Most"/> records are set aside already. Throws <see cref="JournalException"/>.
    /// </summary>
    public async Task<bool> SetAsideAsync(long sequence, string reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reason);
        var letter = new DeadLetter(sequence, reason.Length <= DeadLetter.LongestReason ? reason : reason[..DeadLetter.LongestReason], _time.GetUtcNow());
        var taken = false;
        await RunAsync(store => taken = store.SetAside(letter), cancellationToken);
        return taken;
    }

    /// <summary>The far end has taken this record after all: it is no dead letter any more. Throws <see cref="JournalException"/>.</summary>
    public Task TakeBackAsync(long sequence, CancellationToken cancellationToken) => RunAsync(store => store.TakeBack(sequence), cancellationToken);

    /// <summary>Writes what waits, the cursor too, then closes the store so that the next start finds everything exact.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _cursorFlush.DisposeAsync();
        SignalChange();
        await _reading.WaitAsync(CancellationToken.None);
        _reader?.Dispose(); // before the writer: the last connection to close removes the WAL, and a reader cannot
        _reading.Release();
        _queue.Writer.Complete();
        await _stopped.Task;
        _writer.CompleteSettled();
    }

    private List<JournalRecord> Read(long from, long upTo, int max)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        var path = new JournalFiles(_options.Directory).Store;
        return Failures.Guard(path, () =>
        {
            var generation = Status.Generation;
            if (_readerGeneration != generation)
            {
                _reader?.Dispose(); // its store was closed or set aside
                _reader = null;
                _readerGeneration = generation;
            }
            _reader ??= StoreConnection.OpenReader(path);
            return _reader.ReadRecords(from, upTo, max);
        });
    }

    private async Task RunAsync(Action<StoreKeeper> run, CancellationToken cancellationToken)
    {
        var job = new ControlJob(run);
        await EnqueueAsync(job, cancellationToken);
        await job.Done.Task;
    }

    private async ValueTask EnqueueAsync(WriterJob job, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(job, cancellationToken);
            if (job is not AppendJob { CanWait: true })
                _writer.Hurry();
        }
        catch (ChannelClosedException closed)
        {
            throw new ObjectDisposedException("The journal is closed.", closed);
        }
    }

    private void RunWriter()
    {
        _writer.Run();
        _stopped.SetResult();
    }

    /// <summary>
    /// Tells those who follow, all of them one after another on one pool thread: a thread woken for each took more of the processor than what they
    /// did. Whoever wrote goes on at once.
    /// </summary>
    private void SignalChange()
    {
        if (Interlocked.Exchange(ref _ringing, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static journal => journal.Ring(), this, preferLocal: false);
    }

    private void Ring()
    {
        Volatile.Write(ref _ringing, 0); // before the waiters are taken: what changes from here on rings again
        _writer.CompleteSettled();
        Interlocked.Exchange(ref _changed, new TaskCompletionSource()).SetResult();
    }
}
