namespace EdgeGate.Journal;

/// <summary>
/// The writing process's hold on a journal directory: its lock, its high-water mark, and the way to an open store, healed where it must be.
/// Belongs to whoever writes. Throws what <see cref="Failures"/> translates.
/// </summary>
internal sealed class JournalDirectory(JournalOptions options, TimeProvider time) : IDisposable
{
    private const int ReserveAhead = 1000;

    private readonly JournalFiles _files = new(options.Directory);
    private FileStream? _lock;
    private HighWaterMark? _mark;
    private long _reservedUpTo;

    /// <summary>The last heal of this process.</summary>
    public HealReport? LastHeal { get; private set; }

    /// <param name="damage">Damage that was met in the store before; null to look whether there is any.</param>
    /// <param name="lastTold">The last number that this process gave; null when it opens the store for the first time.</param>
    public JournalStore OpenStore(string? damage, long? lastTold)
    {
        DiskFlush.CreateDirectory(_files.Directory);
        _lock ??= TakeLock();
        _mark ??= HighWaterMark.Open(_files.Mark);
        _files.PutFinishedInPlace(time.GetUtcNow(), options.KeepDamagedStores); // what a crash interrupted

        // The last number is certain if this process gave it, or the one before closed cleanly.
        var certainLast = lastTold ?? (_mark.Current is { Exact: true } mark ? mark.ReservedUpTo : null);
        var store = damage is null ? OpenWhole(certainLast, lastTold, out damage) : null;
        store ??= Heal(damage!, certainLast, lastTold);
        try
        {
            // A WAL with something in it first, then the mark: a mark in use without a WAL means that it was lost.
            store.CommitState(store.State.Acknowledged);
            DiskFlush.SyncDirectory(_files.Directory);
            Reserve(store.LastSequence, store.State);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Makes sure, before a number is used, that the mark covers it.</summary>
    public void Reserve(long upTo, StoreState state)
    {
        if (upTo < _reservedUpTo)
            return;
        _mark!.Write(new Mark(upTo + ReserveAhead, Exact: false, state.Acknowledged, new ChainHead(state.Purged, state.PurgedHash)));
        _reservedUpTo = upTo + ReserveAhead;
    }

    public void Close(JournalStore store)
    {
        store.PrepareCleanClose();
        WriteExactMark(store.LastSequence, store.State); // before the WAL disappears
        store.Dispose();
    }

    public void Dispose()
    {
        _mark?.Dispose();
        _lock?.Dispose();
    }

    /// <summary>For a store that is closed: opening it reserves anew.</summary>
    private void WriteExactMark(long last, StoreState state)
    {
        _mark!.Write(new Mark(last, Exact: true, state.Acknowledged, new ChainHead(state.Purged, state.PurgedHash)));
        _reservedUpTo = 0;
    }

    /// <summary>The store, if it is whole as far as a quick look can tell; else null and the damage.</summary>
    private JournalStore? OpenWhole(long? certainLast, long? lastTold, out string? damage)
    {
        damage = StoreInspection.FindDamage(_files, _mark!.Current, out var walFrames);
        if (damage is not null)
            return null;
        if (!File.Exists(_files.Store))
            MakeStore();
        JournalStore? store = null;
        try
        {
            store = JournalStore.Open(_files.Store, time, walFrames);
            if (StoreInspection.HasCommitsBehind(_files, store.WalFramesFound))
                throw new JournalException(JournalFailure.Damaged, "The write-ahead log is broken in the middle.");
            if (!string.Equals(store.State.Gate, options.GateId, StringComparison.Ordinal))
                throw new JournalException(JournalFailure.WrongGate, $"The journal in {_files.Directory} belongs to gate '{store.State.Gate}', not '{options.GateId}'.");
            var atLeast = certainLast ?? _mark.Current?.ReservedUpTo - ReserveAhead - JournalWriter.MaxBatch;
            if (store.LastSequence < atLeast)
                throw new JournalException(JournalFailure.Damaged, $"The journal ends at record {store.LastSequence} but went at least to {atLeast}.");
            if (store.LastSequence > lastTold)
                store.RemoveAfter(lastTold.Value); // their appenders were told that they failed
            return store;
        }
        catch (Exception failure)
        {
            store?.Dispose();
            if (Failures.CauseOf(failure) != JournalFailure.Damaged)
                throw;
            damage = failure is JournalException found ? found.What : failure.Message;
            return null;
        }
    }

    private void MakeStore()
    {
        _files.DeleteUnfinished();
        JournalStore.Create(_files.Unfinished, options.GateId, time.GetUtcNow());
        File.Move(_files.Unfinished, _files.Finished);
        _files.PutFinishedInPlace(time.GetUtcNow(), options.KeepDamagedStores);
    }

    private JournalStore Heal(string damage, long? certainLast, long? lastTold)
    {
        var healing = new Healing(_files, options, time.GetUtcNow()) { SetMark = WriteExactMark, LastTold = lastTold };
        try
        {
            LastHeal = healing.Heal(damage, _mark!.Current, certainLast);
        }
        catch (Exception failure) when (Failures.CauseOf(failure) == JournalFailure.DiskFull)
        {
            _files.DeleteSetAside(keep: 0); // records are worth more than evidence
            File.Delete(_files.Reserve);
            LastHeal = healing.Heal(damage, _mark!.Current, certainLast);
        }
        return JournalStore.Open(_files.Store, time, walFrames: 0);
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
}
