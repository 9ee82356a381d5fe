using EdgeGate.Benchmarks.Measuring;

namespace EdgeGate.Benchmarks.Center;

/// <summary>A thousand gates, a passage a second each, and a burst: how long a record waits for its receipt.</summary>
internal sealed class ReceiptBench(BenchSetting setting)
{
    private const int Gates = 1000, Burst = 10;

    public async Task RunAsync(ReportSection report)
    {
        var (seconds, flood) = setting.Quick ? (8, 30_000) : (30, 100_000);
        using var folder = new TemporaryFolder(setting.Directory);
        await using var fleet = await FleetAtCenter.StartAsync(setting, folder.Path, Gates);
        FleetAtCenter.Measured[] rows =
        [
            await fleet.MeasureAsync($"one a second each, {seconds} s", seconds * Gates, () => fleet.MakeSteadilyAsync(Gates, seconds)),
            await fleet.MeasureAsync($"{Burst} at once from each", Burst * Gates, () => fleet.MakeAtOnceAsync(Burst * Gates)),
            await fleet.MeasureAsync($"{flood:N0} at once", flood, () => fleet.MakeAtOnceAsync(flood)),
        ];
        report.Say($"{Gates:N0} simulated gates over one link; from making a record to its receipt at the gate. Gates, mosquitto, center and database share this machine.");
        report.Table(FleetAtCenter.Measured.Head, rows.Select(row => row.Row));
    }
}
