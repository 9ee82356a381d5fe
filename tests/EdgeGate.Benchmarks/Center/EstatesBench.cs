using EdgeGate.Benchmarks.Measuring;

namespace EdgeGate.Benchmarks.Center;

/// <summary>
/// The load of 2,000 estates at a scale that fits this machine: all 10,000 gates at the average rate of their day, and the tenfold peak by what a flood of them reaches here.
/// Many gates with few records each are the center's worst case: a batch then changes as many gates' rows as it has records.
/// </summary>
internal sealed class EstatesBench(BenchSetting setting)
{
    private const int Gates = 10_000, PassagesADay = 50_000_000, RecordsAPassage = 2, Peak = 10;
    private const int Average = (int)((long)PassagesADay * RecordsAPassage / 86_400 / 50 * 50);

    public async Task RunAsync(ReportSection report)
    {
        var (seconds, flood) = setting.Quick ? (10, 40_000) : (60, 200_000);
        using var folder = new TemporaryFolder(setting.Directory);
        await using var fleet = await FleetAtCenter.StartAsync(setting, folder.Path, Gates);
        FleetAtCenter.Measured[] rows =
        [
            await fleet.MeasureAsync($"the day's average, {Average:N0} a second, {seconds} s", seconds * Average, () => fleet.MakeSteadilyAsync(Average, seconds)),
            await fleet.MeasureAsync($"twice that, {seconds / 2} s", seconds * Average, () => fleet.MakeSteadilyAsync(2 * Average, seconds / 2)),
            await fleet.MeasureAsync($"{flood:N0} at once", flood, () => fleet.MakeAtOnceAsync(flood)),
        ];
        var bytes = await fleet.DiskBytesPerRecordAsync();
        var most = rows[^1];
        var processor = most.Center + most.Database + most.Broker;
        report.Say($"{Gates:N0} simulated gates over one link, {PassagesADay:N0} passages a day, {RecordsAPassage} records each. Gates, mosquitto, center and database share this machine.");
        report.Table(FleetAtCenter.Measured.Head, rows.Select(row => row.Row));
        report.Say(
            $"From this on paper: the tenfold peak of {Peak * Average:N0} records a second costs {Peak * Average * processor / 1e6:0.0} cores for center, database and broker together, by the processor times of the flood; "
            + $"the database grows by {bytes:N0} bytes a record (here every record is a decision, which is the larger of the two), {bytes * PassagesADay * RecordsAPassage / 1e9:N0} GB a day at most. "
            + $"On this machine, with the gates on it too, a flood reaches {most.PerSecond:N0} records a second, so the average of 2,000 estates leaves room for a peak of {most.PerSecond / Average:0.0} times.");
    }
}
