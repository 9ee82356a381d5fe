using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Occupancy;

/// <summary>Somebody counted: so many are inside now.</summary>
/// <param name="Taken">Null until the gate has taken it up.</param>
internal sealed record CountedInside(int Inside, string By, TakenCount? Taken = null);

/// <param name="Before">How many were inside then, as far as was known.</param>
/// <param name="Difference">To be recorded. It holds however many pass before it is; the number of people inside would not.</param>
/// <param name="UpTo">The last record then: a correction after that is this one, for nobody else records any.</param>
internal sealed record TakenCount(int? Before, long Difference, long UpTo);

/// <summary>
/// Takes away the file that a command or a supervisor left, and records what it says. The record alone changes the counters, as every other record does. By how
/// much they are to change is found when the other gates' counters are known, and kept until it is on record: a power cut between the two is made good by the next start, once, and whoever passed meanwhile counts.
/// </summary>
internal sealed partial class OccupancyCorrection(
    string requestFile, SiteOccupancy occupancy, GateJournal journal, RecordKeeper records, GateClock clock, TimeProvider time, ILogger<OccupancyCorrection> log) : BackgroundService
{
    private const int Page = 500;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>The count that is being recorded; it stays until it is, through power cuts too.</summary>
    private readonly string _underWay = requestFile + ".under-way";
    private bool _isWaitTold;

    /// <exception cref="IOException">Not written.</exception>
    public static void Request(string requestFile, CountedInside counted) => DurableFile.Write(requestFile, JsonSerializer.SerializeToUtf8Bytes(counted, StateShapes.Default.CountedInside));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var looks = new PeriodicTimer(LookEvery, time);
        while (await looks.WaitForNextTickAsync(stoppingToken))
        {
            if (occupancy.Balance is not { } balance)
                continue;
            try
            {
                if (File.Exists(requestFile) && MayBeTaken())
                    File.Move(requestFile, _underWay, overwrite: true); // in place of what may be left: who counted last is right; whoever counts meanwhile makes a new one
                if (File.Exists(_underWay))
                    await SettleAsync(balance);
            }
            catch (Exception wrong) when (wrong is JsonException or IOException or UnauthorizedAccessException or JournalException)
            {
                LogNotTaken(wrong);
            }
        }
    }

    /// <summary>To its end, also when the gate is told to stop meanwhile.</summary>
    private async Task SettleAsync(long balance)
    {
        if (Read() is { Inside: >= 0 } counted)
        {
            if (counted.Taken is null && !MayBeTaken())
                return;
            var taken = counted.Taken ?? Take(counted, balance);
            if (!await MayBeOnRecordAsync(taken))
                await RecordAsync(counted, taken);
        }
        File.Delete(_underWay);
    }

    private bool MayBeTaken()
    {
        if (!occupancy.IsComplete && !_isWaitTold)
            LogWaits();
        _isWaitTold = !occupancy.IsComplete;
        return occupancy.IsComplete;
    }

    private TakenCount Take(CountedInside counted, long balance)
    {
        var taken = new TakenCount(occupancy.Inside, counted.Inside - balance, journal.LastSequence);
        DurableFile.Write(_underWay, JsonSerializer.SerializeToUtf8Bytes(counted with { Taken = taken }, StateShapes.Default.CountedInside));
        return taken;
    }

    private CountedInside? Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(_underWay), StateShapes.Default.CountedInside);
        }
        catch (JsonException senseless)
        {
            LogNotTaken(senseless);
            return null;
        }
    }

    /// <summary>Also of a journal that was made anew, or has let go what came after: a count that is that old is nobody's any more.</summary>
    private async Task<bool> MayBeOnRecordAsync(TakenCount taken)
    {
        if (journal.LastSequence < taken.UpTo || journal.Status.PurgedUpTo > taken.UpTo)
            return true;
        for (var next = taken.UpTo + 1; next <= journal.LastSequence;)
        {
            var page = await journal.ReadAsync(next, Page, CancellationToken.None);
            if (page.Any(IsCorrection))
                return true;
            next = page.Count > 0 ? page[^1].Sequence + 1 : journal.LastSequence + 1;
        }
        return false;
    }

    private static bool IsCorrection(JournalRecord record)
    {
        using var document = JsonDocument.Parse(record.Payload);
        return document.RootElement.GetProperty("type").ValueEquals(OccupancyCorrectedRecord.Type);
    }

    private async Task RecordAsync(CountedInside counted, TakenCount taken)
    {
        var now = clock.Read();
        var corrected = new OccupancyCorrectedRecord
        {
            Before = taken.Before,
            After = counted.Inside,
            Difference = taken.Difference,
            By = counted.By,
            Clock = ClockRecord.From(now),
        };
        await records.OccupancyCorrectedAsync(corrected, now, CancellationToken.None);
        LogCorrected(taken.Before, counted.Inside, counted.By);
    }

    [LoggerMessage(LogLevel.Information, "Occupancy corrected from {Before} to {After} by {By}")]
    private partial void LogCorrected(int? before, int after, string by);

    [LoggerMessage(LogLevel.Warning, "Occupancy: a count waits until the broker has told what the other gates counted")]
    private partial void LogWaits();

    [LoggerMessage(LogLevel.Error, "Occupancy: a correction could not be taken up")]
    private partial void LogNotTaken(Exception cause);
}
