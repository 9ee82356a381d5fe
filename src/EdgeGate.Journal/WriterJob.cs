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

    /// <summary>Nobody waits for it: it may share the next record's flush.</summary>
    public bool CanWait { get; init; }

    /// <summary>One that can wait comes right after it.</summary>
    public bool IsAhead { get; init; }
}

internal sealed class ControlJob(Action<StoreKeeper> run) : WriterJob
{
    public Action<StoreKeeper> Run => run;
}
