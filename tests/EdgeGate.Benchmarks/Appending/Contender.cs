using System.Buffers;
using System.Threading.Channels;
using EdgeGate.Journal;

namespace EdgeGate.Benchmarks.Appending;

/// <summary>Something that makes records durable, one caller's or many callers' at once.</summary>
internal interface IContender : IAsyncDisposable
{
    /// <summary>Completes when the record is flushed.</summary>
    ValueTask AppendAsync(byte[] payload);

    /// <summary>Flushes so far.</summary>
    long Commits { get; }
}

/// <summary>The product, as a gate uses it: behind the appends the outbox cursor follows.</summary>
internal sealed class JournalContender(GateJournal journal) : IContender
{
    private const int Behind = 64;

    public long Commits => journal.Status.Commits;

    public static async Task<JournalContender> OpenAsync(string directory, TimeProvider time) =>
        new(await GateJournal.OpenAsync(new JournalOptions { Directory = directory, GateId = "bench/gate-1", DiskBudgetBytes = 64L << 30 }, time, CancellationToken.None));

    public async ValueTask AppendAsync(byte[] payload)
    {
        var sequence = await journal.AppendAsync((_, to) => to.Write(payload), CancellationToken.None);
        journal.Acknowledge(sequence - Behind);
    }

    public ValueTask DisposeAsync() => journal.DisposeAsync();
}

/// <summary>
/// The limit for many callers: the same hand-over (channel, one thread, what has queued shares a flush) over the barest store there is, without
/// numbers, checksums, hashes, budget or cursor.
/// </summary>
internal sealed class GroupContender : IContender
{
    private const int MaxBatch = 256;
    private readonly Channel<(byte[] Payload, TaskCompletionSource Done)> _queue =
        Channel.CreateBounded<(byte[], TaskCompletionSource)>(new BoundedChannelOptions(1024) { SingleReader = true });
    private readonly IBareStore _store;
    private readonly Thread _writer;
    private long _commits;

    public GroupContender(IBareStore store)
    {
        _store = store;
        _writer = new Thread(Run) { IsBackground = true };
        _writer.Start();
    }

    public long Commits => Interlocked.Read(ref _commits);

    public async ValueTask AppendAsync(byte[] payload)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync((payload, done));
        await done.Task;
    }

    public ValueTask DisposeAsync()
    {
        _queue.Writer.Complete();
        _writer.Join();
        _store.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Run()
    {
        var payloads = new List<byte[]>();
        var waiting = new List<TaskCompletionSource>();
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (payloads.Count < MaxBatch && _queue.Reader.TryRead(out var next))
            {
                payloads.Add(next.Payload);
                waiting.Add(next.Done);
            }
            _store.Commit(payloads);
            Interlocked.Increment(ref _commits);
            foreach (var done in waiting)
                done.SetResult();
            payloads.Clear();
            waiting.Clear();
        }
    }
}
