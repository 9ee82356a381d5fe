using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Uplink;

/// <summary>Publishes once a minute, and soon after numbers were lost or set aside, what was made, is held, has arrived and was lost, so that the far end can prove that nothing is missing.</summary>
internal sealed partial class TallyService(
    GateJournal journal, UplinkStatus status, Receipts receipts, RetainedOutbox retained, GateTopics topics, GateSignature signature, GateClock clock, TimeProvider time,
    ILogger<TallyService> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    /// <summary>One at a time: a command may ask while the minute's is being made, the signature is for one thread, and the newer must go last.</summary>
    private readonly SemaphoreSlim _publishing = new(1);

    /// <exception cref="JournalException">The journal cannot be read now.</exception>
    public async Task<TallyMessage> CountAsync(CancellationToken cancellationToken)
    {
        var counted = journal.Status;
        var voids = new List<VoidNumbers>(counted.VoidRanges.Count);
        foreach (var range in counted.VoidRanges)
            voids.Add(VoidNumbersOf(range) with { Chain = await ChainAtAsync(VoidRange.NextReal(counted.VoidRanges, range.Last + 1), cancellationToken) });
        var deadLetters = new List<DeadLetterNumber>(counted.DeadLetters.Count);
        foreach (var letter in counted.DeadLetters)
            deadLetters.Add(new(letter.Sequence, letter.Reason, letter.At, await ChainAtAsync(letter.Sequence, cancellationToken)));
        return new TallyMessage
        {
            Made = counted.LastSequence,
            Held = counted.Held,
            PurgedUpTo = counted.PurgedUpTo,
            AcknowledgedUpTo = status.BrokerHasUpTo,
            ReceiptedUpTo = receipts.AreWanted ? journal.AcknowledgedUpTo : null,
            Void = voids,
            Dropped = counted.Dropped,
            DeadLetters = deadLetters,
            RefusedReceipts = status.RefusedReceipts,
            Head = counted.Head.Sequence,
            Chain = counted.Head.Hash.ToString(),
            Clock = ClockRecord.From(clock.Read()),
        };
    }

    /// <exception cref="JournalException">The journal cannot be read now.</exception>
    public async Task PublishAsync(CancellationToken cancellationToken)
    {
        await _publishing.WaitAsync(cancellationToken);
        try
        {
            var tally = JsonSerializer.SerializeToUtf8Bytes(await CountAsync(cancellationToken), RecordShapes.Default.TallyMessage);
            retained.Set(topics.Tally, signature.Sign(tally));
        }
        finally
        {
            _publishing.Release();
        }
    }

    public override void Dispose()
    {
        _publishing.Dispose();
        base.Dispose();
    }

    public static VoidNumbers VoidNumbersOf(VoidRange range) =>
        new(range.First, range.Last, JsonNamingPolicy.KebabCaseLower.ConvertName(range.Cause.ToString()));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var looks = new PeriodicTimer(Look, time);
        JournalStatus? published = null;
        long since = 0;
        do
        {
            var current = journal.Status;
            if (published is not null && time.GetElapsedTime(since) < Interval
                && ReferenceEquals(current.VoidRanges, published.VoidRanges) && ReferenceEquals(current.DeadLetters, published.DeadLetters))
                continue;
            try
            {
                await PublishAsync(stoppingToken);
                (published, since) = (current, time.GetTimestamp());
            }
            catch (JournalException unreadable)
            {
                LogSkipped(unreadable);
            }
        }
        while (await looks.WaitForNextTickAsync(stoppingToken));
    }

    private async ValueTask<string?> ChainAtAsync(long sequence, CancellationToken cancellationToken) =>
        await journal.ReadAsync(sequence, max: 1, cancellationToken) is [{ } record] && record.Sequence == sequence ? record.Hash.ToString() : null;

    [LoggerMessage(LogLevel.Warning, "The journal cannot be read: no tally this minute")]
    private partial void LogSkipped(Exception cause);
}
