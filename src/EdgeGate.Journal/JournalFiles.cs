namespace EdgeGate.Journal;

/// <summary>The files of one journal directory.</summary>
internal sealed record JournalFiles(string Directory)
{
    public string Store => Path.Combine(Directory, "journal.db");
    public string Wal => Store + "-wal";
    public string SharedMemory => Store + "-shm";
    public string Mark => Path.Combine(Directory, "high-water");

    /// <summary>Held exclusively by the writing process: the kernel lets go of it however that process ends.</summary>
    public string Lock => Path.Combine(Directory, "lock");
}
