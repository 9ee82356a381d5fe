using System.Collections.Concurrent;
using EdgeGate.Devices.Portals;
using EdgeGate.Journal;

namespace EdgeGate.Service.Tests.Passing;

/// <summary>A portal that, whenever it is asked to open, first looks what is on disk.</summary>
internal sealed class FakePortal(string journalDirectory) : IPortal
{
    private readonly ConcurrentQueue<Opening> _asked = new();

    /// <summary>Every time it was asked to open.</summary>
    public IReadOnlyCollection<Opening> Asked => _asked;

    public PortalResult Answer { get; set; } = new PortalResult.Moved();

    /// <summary>Runs while the lane waits for the answer.</summary>
    public Action WhenAsked { get; set; } = () => { };

    public Task RunAsync(CancellationToken stopping) => Task.CompletedTask;

    public string? WhyNotHeld { get; set; }

    /// <summary>Every time it was told to stay open, or to lock again.</summary>
    public ConcurrentQueue<(bool Open, JournalRecord? NewestOnDisk)> Held { get; } = new();

    public ValueTask<PortalResult> HoldAsync(bool open, CancellationToken cancellationToken)
    {
        var answer = Answer; // first: who has seen this request may have another answer for the next
        Held.Enqueue((open, OnDisk()));
        return ValueTask.FromResult(answer);
    }

    public ValueTask<PortalResult> OpenForPassageAsync(string credential, CancellationToken cancellationToken)
    {
        _asked.Enqueue(new Opening(credential, OnDisk()));
        WhenAsked();
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Answer);
    }

    /// <summary>By a connection of its own, as after a power cut: null when there is no record.</summary>
    private JournalRecord? OnDisk()
    {
        if (!File.Exists(Path.Combine(journalDirectory, "journal.db")))
            return null;
        using var reader = JournalReader.Open(journalDirectory);
        return reader.Read(1, 1000) is [.., var newest] ? newest : null;
    }

    internal sealed record Opening(string Credential, JournalRecord? NewestOnDisk);
}
