using System.Threading.Channels;

namespace EdgeGate.HealthCodes.Providers;

/// <summary>What became of reports of passages.</summary>
/// <param name="Sent">Taken by the provider.</param>
/// <param name="Failed">Sent, and refused or lost.</param>
/// <param name="Dropped">Not sent: newer ones came faster than they could be reported.</param>
public sealed record PassageReportCounts(long Sent, long Failed, long Dropped);

/// <summary>Reports passages one after the other, best effort: bounded, the oldest goes first, each is tried once.</summary>
internal sealed class PassageReports
{
    private const int Capacity = 100;

    private readonly Channel<ProviderPassage> _waiting;
    private long _sent, _failed, _dropped;

    public PassageReports() => _waiting = Channel.CreateBounded<ProviderPassage>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => Interlocked.Increment(ref _dropped));

    public PassageReportCounts Counts => new(Interlocked.Read(ref _sent), Interlocked.Read(ref _failed), Interlocked.Read(ref _dropped));

    public void Add(ProviderPassage passage) => _waiting.Writer.TryWrite(passage);

    /// <param name="send">Sends one; false when it did not arrive.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task RunAsync(Func<ProviderPassage, CancellationToken, Task<bool>> send, CancellationToken stopping)
    {
        await foreach (var passage in _waiting.Reader.ReadAllAsync(stopping))
        {
            if (await send(passage, stopping))
                Interlocked.Increment(ref _sent);
            else
                Interlocked.Increment(ref _failed);
        }
    }
}
