using System.Numerics;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost.Visitors;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;

namespace EdgeGate.Service.GuardPost.Shift;

/// <summary>
/// Reads the journal as it grows and counts the last days from it, so that a summary costs nothing when asked for; and tells the visitors' book
/// who went through.
/// </summary>
internal sealed partial class DayFollower(GateJournal journal, Lanes lanes, VisitorBook visitors, TimeProvider time, ILogger<DayFollower> log) : BackgroundService
{
    public const int DaysKept = 3;
    private const int Page = 500;

    /// <summary>Two busy days; a start must not read years.</summary>
    private const int ReadBack = 20_000;

    /// <summary>A summary may be this old; to look at each record as it comes cost a tenth of the processor time of a passage.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly Lock _counting = new();
    private readonly Dictionary<DateOnly, DaySummary> _days = [];
    private readonly PassagePairing _pairing = new();
    private long _foreign;

    /// <summary>Empty for a day nothing is known of.</summary>
    public T Read<T>(DateOnly day, Func<DaySummary, T> read)
    {
        lock (_counting)
            return read(_days.GetValueOrDefault(day) ?? new DaySummary(day));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (journal.Status.Failure is not null)
            await Task.Delay(RetryAfter, time, stoppingToken);
        var next = Math.Max(journal.Status.PurgedUpTo + 1, journal.LastSequence - ReadBack);
        while (true)
        {
            await journal.WaitForAppendAsync(next - 1, stoppingToken);
            try
            {
                var records = await journal.ReadAsync(next, Page, stoppingToken);
                foreach (var record in records)
                    Take(record);
                next = records.Count > 0 ? records[^1].Sequence + 1 : Math.Max(next, journal.LastSequence + 1);
                if (next > journal.LastSequence)
                    await Task.Delay(LookEvery, time, stoppingToken);
            }
            catch (JournalException unreadable)
            {
                LogUnreadable(unreadable);
                await Task.Delay(RetryAfter, time, stoppingToken);
            }
        }
    }

    private void Take(JournalRecord record)
    {
        try
        {
            using var document = JsonDocument.Parse(record.Payload);
            var root = document.RootElement;
            var at = root.GetProperty("time").GetDateTimeOffset(); // with the gate's own offset
            var passage = _pairing.Take(record.Sequence, root) is { Taken: true } taken ? taken : null;
            var direction = passage?.Direction ?? lanes.Find(passage?.Lane ?? "")?.Options.Encounter.Direction ?? Direction.Entry;
            lock (_counting)
                Count(root, at, passage is null ? null : direction);
            if (passage?.Person is { } person)
                visitors.Pass(person.ToString(), direction, record.Sequence, at);
        }
        catch (IOException unwritable)
        {
            LogNotKept(unwritable);
        }
        catch (Exception foreign) when (foreign is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            if (BitOperations.IsPow2(++_foreign)) // there may be millions: the first is told, the second, the fourth
                LogForeign(record.Sequence, _foreign, foreign); // of a later version of this program
        }
    }

    /// <param name="passed">Which way somebody went through; null when the record tells of no passage.</param>
    private void Count(JsonElement root, DateTimeOffset at, Direction? passed)
    {
        var day = DayOf(DateOnly.FromDateTime(at.DateTime));
        if (passed is { } direction)
            (direction is Direction.Exit ? day.Out : day.In)[at.Hour]++;
        var data = root.GetProperty("data");
        switch (root.GetProperty("type").GetString())
        {
            case DecidedRecord.Type when data.Deserialize(RecordShapes.Default.DecidedRecord) is { } decided:
                day.Denied += decided.Outcome is Outcome.Denied ? 1 : 0;
                day.GuardCases += decided.Outcome is Outcome.Guard ? 1 : 0;
                day.Fever += decided.Reasons.Contains(DenyReason.TemperatureTooHigh) ? 1 : 0;
                break;
            case GuardActionRecord.Type when data.Deserialize(RecordShapes.Default.GuardActionRecord) is { } action:
                day.LetPassByGuards += action.Action is GuardActionKind.Grant ? 1 : 0;
                day.OpenedByGuards += action.Action is GuardActionKind.OpenOnce ? 1 : 0;
                day.Vouched += action.Action is GuardActionKind.Vouch ? 1 : 0;
                break;
        }
    }

    private DaySummary DayOf(DateOnly date)
    {
        if (_days.TryGetValue(date, out var day))
            return day;
        day = _days[date] = new DaySummary(date);
        if (_days.Count > DaysKept) // by the record's own day: a clock that ran ahead leaves days behind that are yet to come, and at a start it may not be set
            _days.Remove(_days.Keys.MaxBy(known => Math.Abs(known.DayNumber - date.DayNumber)));
        return day;
    }

    [LoggerMessage(LogLevel.Error, "Day summary: the journal cannot be read; tried again in five seconds")]
    private partial void LogUnreadable(Exception cause);

    [LoggerMessage(LogLevel.Error, "That a visitor went through could not be kept: the next start reads it again")]
    private partial void LogNotKept(Exception cause);

    [LoggerMessage(LogLevel.Warning, "Day summary: record {Sequence} says nothing that is understood here; {Count} such so far")]
    private partial void LogForeign(long sequence, long count, Exception cause);
}
