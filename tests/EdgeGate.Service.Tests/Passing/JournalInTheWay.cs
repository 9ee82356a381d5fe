using EdgeGate.Journal;

namespace EdgeGate.Service.Tests.Passing;

/// <summary>Another program that has the gate's journal open: until it goes, the gate's own takes no record.</summary>
internal sealed class JournalInTheWay : IAsyncDisposable
{
    private GateJournal? _journal;

    /// <summary>What it took itself: nothing, unless a record went to the wrong one.</summary>
    public long LastSequence => _journal!.LastSequence;

    /// <summary>To be called before the gate opens its own.</summary>
    public async Task TakeAsync(string directory) => _journal = await GateJournal.OpenAsync(LaneUnderTest.OptionsOf(directory), TimeProvider.System, CancellationToken.None);

    public ValueTask DisposeAsync() => _journal?.DisposeAsync() ?? ValueTask.CompletedTask;
}
