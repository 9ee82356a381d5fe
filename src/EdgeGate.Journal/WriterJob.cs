namespace EdgeGate.Journal;

/// <summary>Work for the writer thread; <see cref="Done"/> tells how it ended.</summary>
internal abstract class WriterJob
{
    // Continuations must not run on the writer thread: a slow caller would hold up everybody's records.
    public TaskCompletionSource<long> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <param name="canWait">Nobody waits for it: it may share the next record's flush.</param>
internal sealed class AppendJob(RecordWriter write, bool canWait = false) : WriterJob
{
    public RecordWriter Write => write;

    public bool CanWait => canWait;
}

internal sealed class ControlJob(Action<JournalWriter> run) : WriterJob
{
    public Action<JournalWriter> Run => run;
}
