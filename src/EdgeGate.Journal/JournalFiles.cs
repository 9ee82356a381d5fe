using System.Globalization;

namespace EdgeGate.Journal;

/// <summary>The files of one journal directory.</summary>
internal sealed record JournalFiles(string Directory)
{
    public string Store => Path.Combine(Directory, "journal.db");
    public string Wal => Store + "-wal";
    public string SharedMemory => Store + "-shm";
    public string Mark => Path.Combine(Directory, "high-water");

    public string Reserve => Path.Combine(Directory, "reserve");

    /// <summary>Held exclusively by the writing process: the kernel lets go of it however that process ends.</summary>
    public string Lock => Path.Combine(Directory, "lock");

    /// <summary>A new store while it is being made. Worthless after a crash.</summary>
    public string Unfinished => Path.Combine(Directory, "unfinished.db");

    /// <summary>A new store that is complete and only has to take its place.</summary>
    public string Finished => Path.Combine(Directory, "finished.db");

    /// <summary>
    /// Puts <see cref="Finished"/>, if there is one, in the store's place and the store that is there aside. Every step is one rename: after a
    /// crash in the middle the next call goes on. Returns the directory the old files went to.
    /// </summary>
    public string? PutFinishedInPlace(DateTimeOffset now, int keep)
    {
        if (!File.Exists(Finished))
            return null;
        var aside = SetAside(now);
        File.Move(Finished, Store);
        DiskFlush.SyncDirectory(Directory);
        DeleteSetAside(keep);
        return aside;
    }

    /// <summary>Deletes all but the newest damaged stores.</summary>
    public void DeleteSetAside(int keep)
    {
        foreach (var old in System.IO.Directory.GetDirectories(Directory, "damaged-*").OrderDescending(StringComparer.Ordinal).Skip(keep))
            System.IO.Directory.Delete(old, recursive: true);
    }

    public void DeleteUnfinished()
    {
        foreach (var left in System.IO.Directory.GetFiles(Directory, Path.GetFileName(Unfinished) + "*"))
            File.Delete(left);
    }

    private string? SetAside(DateTimeOffset now)
    {
        string[] present = [.. new[] { SharedMemory, Wal, Store }.Where(File.Exists)];
        if (present.Length == 0)
            return null;
        var aside = Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"damaged-{now:yyyyMMdd'T'HHmmss'Z'}"));
        for (var again = 2; System.IO.Directory.Exists(aside); again++)
            aside = Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"damaged-{now:yyyyMMdd'T'HHmmss'Z'}-{again:000}"));
        System.IO.Directory.CreateDirectory(aside);
        foreach (var file in present)
            File.Move(file, Path.Combine(aside, Path.GetFileName(file)));
        return aside;
    }
}
