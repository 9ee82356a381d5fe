namespace EdgeGate.Journal.Tests;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("edgegate-journal-").FullName;

    public JournalOptions Options => new() { Directory = Path, GateId = "gate-1" };

    public string Store => System.IO.Path.Combine(Path, "journal.db");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
