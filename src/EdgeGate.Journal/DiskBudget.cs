namespace EdgeGate.Journal;

/// <summary>How much the records may take up, and what goes when it is used up or the disk is full. Belongs to whoever writes.</summary>
internal sealed class DiskBudget(JournalOptions options)
{
    private const int PurgeAtOnce = 256;
    private const long SpareAtMost = 1024 * 1024;

    private readonly SpaceReserve _reserve = new(new JournalFiles(options.Directory).Reserve, options.ReserveBytes);

    /// <summary>What may be appended before the store's size is looked at again, in bytes.</summary>
    private long _spare;

    public bool IsDiskFull { get; private set; }

    /// <summary>
    /// Deletes from the old end until the batch fits the budget and, when the disk itself is full, into pages that the store already has.
    /// Acknowledged records go first; unacknowledged ones only if the options say so. A store far over a budget that was lowered gives up
    /// what the batch takes, and the rest when nobody waits: gigabytes take minutes, in which nobody would pass.
    /// </summary>
    /// <exception cref="JournalException">There is no room, and nothing that may go.</exception>
    public void MakeRoom(JournalStore store, AcknowledgedCursor cursor, long bytes)
    {
        IsDiskFull = !_reserve.TryHold();
        var needed = 2 * bytes + 32 * StoreConnection.PageSize; // rows do not fill their pages, and the table's upper levels grow too
        _spare -= needed;
        if (_spare >= 0 && !IsDiskFull)
            return;
        long? usedBefore = null;
        while (true)
        {
            var (used, free) = store.Size();
            usedBefore ??= used;
            _spare = Math.Min(options.DiskBudgetBytes - used - bytes, SpareAtMost);
            if ((_spare >= 0 || usedBefore - used >= needed) && (!IsDiskFull || free >= needed))
                return;
            var acknowledged = cursor.Position;
            if (store.Purge(acknowledged, acknowledged, olderThan: null, PurgeAtOnce) > 0)
                continue;
            if (!options.DropUnacknowledged || store.Purge(acknowledged, long.MaxValue, olderThan: null, PurgeAtOnce) == 0)
                throw new JournalException(JournalFailure.DiskFull, IsDiskFull
                    ? $"The disk of {options.Directory} is full."
                    : $"The journal's budget of {options.DiskBudgetBytes} bytes is used up by records that nobody has acknowledged.");
        }
    }

    /// <summary>Deletes some acknowledged records over the budget, or written before <paramref name="limit"/>. False when there are none.</summary>
    public bool TryPurge(JournalStore store, AcknowledgedCursor cursor, DateTimeOffset limit)
    {
        var acknowledged = cursor.Position;
        var olderThan = store.Size().Used > options.DiskBudgetBytes ? default(DateTimeOffset?) : limit;
        return store.Purge(acknowledged, acknowledged, olderThan, PurgeAtOnce) > 0;
    }

    /// <summary>The disk is full: purging, which writes, needs room too.</summary>
    public void ReleaseReserve() => _reserve.Release();

    /// <summary>Somebody who cleared the disk may have deleted the reserve.</summary>
    public void LookAgain() => _reserve.LookAgain();

    /// <summary>Another store: its size is not known.</summary>
    public void Forget() => _spare = 0;
}
