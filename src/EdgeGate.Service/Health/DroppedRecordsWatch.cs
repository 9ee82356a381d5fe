using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Health;

/// <summary>Raises an alarm when records were deleted that never arrived: at once, then once an hour while it goes on. Every number stands in the tally.</summary>
internal sealed partial class DroppedRecordsWatch(GateJournal journal, RecordKeeper records, GateClock clock, TimeProvider time, ILogger<DroppedRecordsWatch> log) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(30);

    /// <summary>Where records go as fast as they come, an alarm for each look would drive out more of them.</summary>
    private static readonly TimeSpan AgainAfter = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var told = journal.Status.Dropped;
        long? toldAt = null;
        using var looks = new PeriodicTimer(Look, time);
        while (await looks.WaitForNextTickAsync(stoppingToken))
        {
            var status = journal.Status;
            if (status.Dropped <= told || (toldAt is { } last && time.GetElapsedTime(last) < AgainAfter))
                continue;
            LogDropped(status.Dropped - told, status.PurgedUpTo);
            var now = clock.Read();
            try
            {
                await records.RecordsDroppedAsync(new RecordsDroppedRecord { Dropped = status.Dropped, UpTo = status.PurgedUpTo, Clock = ClockRecord.From(now) }, now, stoppingToken);
                (told, toldAt) = (status.Dropped, time.GetTimestamp());
            }
            catch (JournalException broken)
            {
                LogNotRecorded(broken); // told at the next look
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "{Count} records that had not arrived were deleted, up to {UpTo}, since journal.diskBudgetMegabytes is used up: see why the center sends no receipts, or raise the budget")]
    private partial void LogDropped(long count, long upTo);

    [LoggerMessage(LogLevel.Error, "That records were dropped could not be recorded yet")]
    private partial void LogNotRecorded(Exception cause);
}
