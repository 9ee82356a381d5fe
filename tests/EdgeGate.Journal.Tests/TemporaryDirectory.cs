namespace EdgeGate.Journal.Tests;

internal sealed class TemporaryDirectory(string? root = null) : IDisposable
{
    // In memory where there is such a place: hundreds of journals are opened here, and a flush proves nothing without a power cut.
    private static readonly string Root = Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath();

    public string Path { get; } = Directory.CreateDirectory(System.IO.Path.Combine(root ?? Root, $"edgegate-journal-{Guid.NewGuid():N}")).FullName;

    public JournalOptions Options => new() { Directory = Path, GateId = "gate-1", ReserveBytes = 64 * 1024, TailRecords = 0 };

    public string Store => System.IO.Path.Combine(Path, "journal.db");

    /// <summary>The files as a process killed now, or a closed journal, leaves them.</summary>
    public TemporaryDirectory Copy()
    {
        var copy = new TemporaryDirectory();
        foreach (var file in Directory.GetFiles(Path).Where(file => System.IO.Path.GetFileName(file) is not ("lock" or "reserve")))
            File.Copy(file, System.IO.Path.Combine(copy.Path, System.IO.Path.GetFileName(file)));
        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
