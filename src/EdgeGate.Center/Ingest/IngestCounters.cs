namespace EdgeGate.Center.Ingest;

/// <summary>What this process has done since its start, for the metrics page.</summary>
internal sealed class IngestCounters
{
    private long _records, _repeated, _damaged, _batches, _failures, _receipts, _resends;

    public long Records => Volatile.Read(ref _records);

    /// <summary>Came again though they were here: after lost receipts, or because somebody asked.</summary>
    public long Repeated => Volatile.Read(ref _repeated);
    public long Damaged => Volatile.Read(ref _damaged);
    public long Batches => Volatile.Read(ref _batches);

    /// <summary>Commits that failed and were tried again.</summary>
    public long Failures => Volatile.Read(ref _failures);
    public long Receipts => Volatile.Read(ref _receipts);
    public long Resends => Volatile.Read(ref _resends);

    /// <summary>Why the newest commit did not come about; null when it did.</summary>
    public string? Fault { get; private set; }

    public void Committed(int records, int repeated, int damaged)
    {
        Interlocked.Add(ref _records, records);
        Interlocked.Add(ref _repeated, repeated);
        Interlocked.Add(ref _damaged, damaged);
        Interlocked.Increment(ref _batches);
        Fault = null;
    }

    public void Failed(string fault)
    {
        Interlocked.Increment(ref _failures);
        Fault = fault;
    }

    public void ReceiptSent() => Interlocked.Increment(ref _receipts);

    public void ResendAsked() => Interlocked.Increment(ref _resends);
}
