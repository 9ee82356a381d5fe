using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Passing;

namespace EdgeGate.Service.Time;

/// <summary>
/// Notices when somebody moves the wall clock (NTP after a start without network, or a person) and records it, so that stamps
/// made before can be corrected by whoever reads them. Nothing in the gate itself depends on the wall clock.
/// </summary>
internal sealed partial class ClockWatch(GateClock clock, GateJournal journal, RecordKeeper records, TimeProvider time, ILogger<ClockWatch> log) : BackgroundService
{
    /// <summary>What drift, rounding and a delayed look can amount to.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var first = journal.LastSequence + 1;
        var before = clock.Read();
        using var looks = new PeriodicTimer(Interval, time);
        while (await looks.WaitForNextTickAsync(stoppingToken))
        {
            var now = clock.Read();
            var step = now.Wall - before.Wall - (now.SinceBoot - before.SinceBoot);
            if (step.Duration() > Tolerance)
            {
                LogStepped(step.TotalSeconds, before.Grade, now.Grade);
                var last = journal.LastSequence;
                var stepped = new ClockSteppedRecord
                {
                    StepSeconds = Math.Round(step.TotalSeconds, 3),
                    Before = before.Grade,
                    First = last >= first ? first : null,
                    Last = last >= first ? last : null,
                    Clock = ClockRecord.From(now),
                };
                if (!await TryRecordAsync(stepped, now, stoppingToken))
                    continue; // the step stands against the same "before" and is recorded when the journal works again
                first = journal.LastSequence;
            }
            before = now;
        }
    }

    private async Task<bool> TryRecordAsync(ClockSteppedRecord stepped, Access.ClockReading now, CancellationToken stopping)
    {
        try
        {
            await records.ClockSteppedAsync(stepped, now, stopping);
            return true;
        }
        catch (JournalException broken)
        {
            LogNotRecorded(broken);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The wall clock was moved by {Seconds} s (it was {Before}, now {After})")]
    private partial void LogStepped(double seconds, Access.ClockGrade before, Access.ClockGrade after);

    [LoggerMessage(LogLevel.Error, "The clock step could not be recorded yet")]
    private partial void LogNotRecorded(Exception cause);
}
