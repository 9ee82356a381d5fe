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
    private readonly Channel<WriterJob> _queue;
    private readonly JournalWriter _writer;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _cursorFlush;
    private readonly SemaphoreSlim _reading = new(1);
    private SqliteConnection? _reader;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;

    private GateJournal(JournalOptions options, TimeProvider time)
    {
        _options = options;
        _queue = Channel.CreateBounded<WriterJob>(new BoundedChannelOptions(options.QueueLength) { SingleReader = true });
        _writer = new JournalWriter(options, time, _queue) { StatusChanged = SignalChange };
        _cursorFlush = time.CreateTimer(_ => _queue.Writer.TryWrite(new ControlJob(writer => writer.FlushCursor())), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public JournalStatus Status => _writer.Status;

    /// <summary>The highest number ever given; 0 for a new journal.</summary>
    public long LastSequence => Status.LastSequence;

    public ChainHead Head => Status.Head;

    /// <summary>The outbox cursor as last moved by <see cref="Acknowledge"/>; on disk it may be a little older.</summary>
    public long AcknowledgedUpTo => Interlocked.Read(ref _writer.Acknowledged);

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

    /// <summary>
    /// Opens or makes the journal. Never fails because of the disk: look at <see cref="JournalStatus.Failure"/>.
    /// </summary>
    public static async Task<GateJournal> OpenAsync(JournalOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        cancellationToken.ThrowIfCancellationRequested();
        var journal = new GateJournal(options, time);
        new Thread(journal.RunWriter) { Name = "journal writer", IsBackground = true }.Start();
        var open = new ControlJob(writer => writer.EnsureOpen());
        journal._queue.Writer.TryWrite(open); // the queue is empty
        await ((Task)open.Done.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the status tells
        return journal;
    }

    /// <summary>
    /// Appends one record and returns its number once it is flushed to disk. Cancelling takes back only an append that still waits for room
    /// in the queue; one that was queued always ends with the truth: its number, or <see cref="JournalException"/>, or what
    /// <paramref name="write"/> threw.
    /// </summary>
    public async ValueTask<long> AppendAsync(RecordWriter write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        var job = new AppendJob(write);
        await EnqueueAsync(job, cancellationToken);
        return await job.Done.Task;
    }

    /// <summary>
    /// Moves the outbox cursor forward in memory: the far end has everything up to here. Never backward, never beyond the last record. The
    /// move reaches the disk with the next record, or by itself after a while; if it is lost, the records are sent again.
    /// </summary>
    public void Acknowledge(long upTo)
    {
        upTo = Math.Min(upTo, LastSequence);
        long before;
        do
        {
            before = AcknowledgedUpTo;
            if (upTo <= before)
                return;
        }
        while (Interlocked.CompareExchange(ref _writer.Acknowledged, upTo, before) != before);

        if (upTo / CursorFlushMoves != before / CursorFlushMoves)
            _queue.Writer.TryWrite(new ControlJob(writer => writer.FlushCursor())); // full queue: a record carries it
        else
            _cursorFlush.Change(_options.CursorFlushAfter, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// The records from <paramref name="from"/> on, in order, at most <paramref name="max"/> and about 4 MiB; empty only when there is none
    /// yet. Numbers in void ranges are passed over. Throws <see cref="JournalException"/>.
    /// </summary>
    public async ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(long from, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(max);
        var upTo = LastSequence;
        if (from > upTo)
            return [];
        await _reading.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Read(from, upTo, max), cancellationToken);
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
            var changed = Volatile.Read(ref _changed).Task; // before the look at the number, or a change in between is missed
            if (LastSequence > after)
                return;
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Completes when everything queued before, and the cursor, is on disk. Throws <see cref="JournalException"/>.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var flush = new ControlJob(writer => writer.FlushCursor());
        await EnqueueAsync(flush, cancellationToken);
        await flush.Done.Task;
    }

    /// <summary>Writes what waits, the cursor too, then closes the store so that the next start finds everything exact.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _cursorFlush.DisposeAsync();
        await _reading.WaitAsync(CancellationToken.None); // the reader first: the last connection to close removes the WAL, and it must be the writer
        _reader?.Dispose();
        _queue.Writer.Complete();
        await _stopped.Task;
        _reading.Dispose();
    }

    private List<JournalRecord> Read(long from, long upTo, int max)
    {
        var path = new JournalFiles(_options.Directory).Store;
        try
        {
            _reader ??= StoreConnection.OpenReader(path);
            return _reader.ReadRecords(from, upTo, max);
        }
        catch (SqliteException failure)
        {
            _reader?.Dispose();
            _reader = null; // a new connection next time: this one may not recover
            throw StoreConnection.Translate(failure, path);
        }
    }

    private async ValueTask EnqueueAsync(WriterJob job, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(job, cancellationToken);
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

    private void SignalChange() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
