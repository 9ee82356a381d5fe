using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Occupancy;

/// <summary>Somebody counted: so many are inside now.</summary>
internal sealed record CountedInside(int Inside, string By);

/// <summary>
/// Takes away the file that a command or a supervisor left, and records what it says. The record alone changes the counters, as every other record does; so the
/// correction survives whatever a passage survives, but for a power cut between the two.
/// </summary>
internal sealed partial class OccupancyCorrection(
    string requestFile, SiteOccupancy occupancy, RecordKeeper records, GateClock clock, TimeProvider time, ILogger<OccupancyCorrection> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>What is being recorded. Left behind by a power cut it is never read: it may be on record, and by the next start it is nobody's count any more.</summary>
    private readonly string _taken = requestFile + ".taken";

    /// <exception cref="IOException">Not written.</exception>
    public static void Request(string requestFile, CountedInside counted) => DurableFile.Write(requestFile, JsonSerializer.SerializeToUtf8Bytes(counted, StateShapes.Default.CountedInside));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var looks = new PeriodicTimer(LookEvery, time);
        while (await looks.WaitForNextTickAsync(stoppingToken))
        {
            if (occupancy.Balance is not { } balance || !File.Exists(requestFile))
                continue;
            try
            {
                File.Move(requestFile, _taken, overwrite: true); // whoever counts meanwhile makes a new one
                await TakeAsync(balance);
                File.Delete(_taken);
            }
            catch (Exception wrong) when (wrong is JsonException or IOException or UnauthorizedAccessException)
            {
                LogNotTaken(wrong);
            }
        }
    }

    /// <summary>To its end, also when the gate is told to stop meanwhile.</summary>
    private async Task TakeAsync(long balance)
    {
        if (JsonSerializer.Deserialize(await File.ReadAllBytesAsync(_taken), StateShapes.Default.CountedInside) is not { Inside: >= 0 } counted)
            return;
        try
        {
            await RecordAsync(counted, balance);
        }
        catch (JournalException notNow)
        {
            LogNotTaken(notNow);
            if (!File.Exists(requestFile)) // else somebody has counted since
                File.Move(_taken, requestFile);
        }
    }

    private async Task RecordAsync(CountedInside counted, long balance)
    {
        var now = clock.Read();
        var corrected = new OccupancyCorrectedRecord
        {
            Before = occupancy.Inside,
            After = counted.Inside,
            Difference = counted.Inside - balance,
            By = counted.By,
            Clock = ClockRecord.From(now),
        };
        await records.OccupancyCorrectedAsync(corrected, now, CancellationToken.None);
        LogCorrected(balance, counted.Inside, counted.By);
    }

    [LoggerMessage(LogLevel.Information, "Occupancy corrected from {Before} to {After} by {By}")]
    private partial void LogCorrected(long before, int after, string by);

    [LoggerMessage(LogLevel.Error, "Occupancy: a correction could not be taken up")]
    private partial void LogNotTaken(Exception cause);
}
