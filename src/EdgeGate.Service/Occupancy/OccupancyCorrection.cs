using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Occupancy;

/// <summary>Somebody counted: so many are inside now.</summary>
internal sealed record CountedInside(int Inside, string By);

/// <summary>
/// Takes up what the command line left in a file, records it, and removes the file. The record alone changes the counters, as every other
/// record does; so the correction survives whatever a passage survives.
/// </summary>
internal sealed partial class OccupancyCorrection(
    string requestFile, SiteOccupancy occupancy, RecordKeeper records, GateClock clock, TimeProvider time, ILogger<OccupancyCorrection> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

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
                if (JsonSerializer.Deserialize(await File.ReadAllBytesAsync(requestFile, stoppingToken), StateShapes.Default.CountedInside) is { Inside: >= 0 } counted)
                    await RecordAsync(counted, balance, stoppingToken);
                File.Delete(requestFile);
            }
            catch (JsonException wrong)
            {
                LogNotTaken(wrong);
                File.Delete(requestFile);
            }
            catch (Exception notNow) when (notNow is JournalException or IOException or UnauthorizedAccessException)
            {
                LogNotTaken(notNow);
            }
        }
    }

    private async Task RecordAsync(CountedInside counted, long balance, CancellationToken stopping)
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
        await records.OccupancyCorrectedAsync(corrected, now, stopping);
        LogCorrected(balance, counted.Inside, counted.By);
    }

    [LoggerMessage(LogLevel.Information, "Occupancy corrected from {Before} to {After} by {By}")]
    private partial void LogCorrected(long before, int after, string by);

    [LoggerMessage(LogLevel.Error, "Occupancy: a correction could not be taken up")]
    private partial void LogNotTaken(Exception cause);
}
