using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Uplink;

/// <summary>Publishes once a minute what was made, is held, has arrived and was lost, so that the far end can prove that nothing is missing.</summary>
internal sealed class TallyService(GateJournal journal, UplinkStatus status, Receipts receipts, RetainedOutbox retained, GateTopics topics, GateClock clock, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    public TallyMessage Count()
    {
        var counted = journal.Status;
        return new TallyMessage
        {
            Made = counted.LastSequence,
            PurgedUpTo = counted.PurgedUpTo,
            AcknowledgedUpTo = status.BrokerHasUpTo,
            ReceiptedUpTo = receipts.AreWanted ? journal.AcknowledgedUpTo : null,
            Void = [.. counted.VoidRanges.Select(VoidNumbersOf)],
            Dropped = counted.Dropped,
            SetAside = status.SetAside,
            Head = counted.Head.Sequence,
            Chain = counted.Head.Hash.ToString(),
            Clock = ClockRecord.From(clock.Read()),
        };
    }

    public static VoidNumbers VoidNumbersOf(VoidRange range) =>
        new(range.First, range.Last, JsonNamingPolicy.KebabCaseLower.ConvertName(range.Cause.ToString()));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var minutes = new PeriodicTimer(Interval, time);
        do
        {
            retained.Set(topics.Tally, JsonSerializer.SerializeToUtf8Bytes(Count(), RecordShapes.Default.TallyMessage));
        }
        while (await minutes.WaitForNextTickAsync(stoppingToken));
    }
}
