using EdgeGate.Benchmarks.Measuring;

namespace EdgeGate.Benchmarks.Web;

/// <summary>What open kiosk pages cost the lanes: ten lanes with five passages a second in all, with no page open and with fifty, in turns.</summary>
internal sealed class WebBench(BenchSetting setting)
{
    private const int Lanes = 10, PassagesPerSecond = 5, Pages = 50, Browsers = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private int _shown;

    public async Task RunAsync(ReportSection report)
    {
        using var folder = new TemporaryFolder(setting.Directory);
        await using var gate = new LanesUnderTest(folder, Lanes, setting.Time);
        await WaitUntilReadyAsync(gate);
        await PassManyAsync(gate, pages: null, passages: 50, new Turn()); // warm

        var (without, with) = (new Turn(), new Turn());
        var passages = setting.Quick ? 50 : 200;
        for (var round = 0; round < (setting.Quick ? 2 : 4); round++)
        {
            await PassManyAsync(gate, pages: null, passages, without);
            await using var pages = await OpenPages.OpenAsync(gate, Pages, Browsers);
            await PassManyAsync(gate, pages, passages, with);
        }

        report.Say($"{Lanes} lanes, {PassagesPerSecond} passages a second in all, evenly over the lanes; no page open, and {Pages} (of them {Browsers} in Debian's chromium, the others event streams that only read), in turns. "
            + "From the last byte of the scan to the OPEN line, record flushed in between. The browsers run on the same machine.");
        report.Table(
            ["pages open", "passages", "p50 ms", "p95 ms", "p99 ms", "max ms", "processor ms/s", "resident MB"],
            [without.Row("0"), with.Row($"{Pages}")]);
        report.Say($"Resident at most so far {Machine.PeakMegabytes(gate.ProcessId).Figure()} MB. Decision latency with pages {(with.Opened.Median() / without.Opened.Median()).Ratio()} that without (medians).");
        if (with.Painted.Count == 0)
        {
            report.Say("No chromium here: what is on the screen was not measured.");
            return;
        }
        report.Table(
            ["to the picture painted in the browser", "pictures", "p50 ms", "p95 ms", "p99 ms", "max ms"],
            [Turn.Row("from the OPEN line, which follows the decision", with.Painted), Turn.Row("from the last byte of the scan", with.PaintedFromScan)]);
        report.Say("The page's clock counts whole milliseconds; *painted* is the second frame after the change, so up to 33 ms are waiting for frames. Budget: p99 under 100 ms.");
    }

    private async Task PassManyAsync(LanesUnderTest gate, OpenPages? pages, int passages, Turn turn)
    {
        var (processor, began) = (Machine.ProcessorTime(gate.ProcessId), setting.Time.GetTimestamp());
        var passing = new List<Task>();
        for (var passage = 0; passage < passages; passage++)
        {
            passing.Add(PassAsync(gate, pages, passage % Lanes, turn));
            var due = TimeSpan.FromSeconds((passage + 1.0) / PassagesPerSecond) - setting.Time.GetElapsedTime(began);
            if (due > TimeSpan.Zero)
                await Task.Delay(due, setting.Time, setting.Stopping);
        }
        await Task.WhenAll(passing);
        turn.Processor.Add((Machine.ProcessorTime(gate.ProcessId) - processor).TotalMilliseconds / setting.Time.GetElapsedTime(began).TotalSeconds);
        turn.Resident.Add(Machine.ResidentMegabytes(gate.ProcessId));
    }

    private async Task PassAsync(LanesUnderTest gate, OpenPages? pages, int lane, Turn turn)
    {
        var before = pages?.PaintedAt(lane).Count ?? 0;
        var (shown, opened) = await gate.PassAsync(lane, $"04A2{Interlocked.Increment(ref _shown):X10}", Patience, setting.Stopping);
        turn.AddOpened((opened - shown).TotalMilliseconds);
        if (pages is null || lane >= Browsers)
            return;
        var waiting = setting.Time.GetTimestamp();
        while (pages.PaintedAt(lane).Count == before && setting.Time.GetElapsedTime(waiting) < Patience)
            await Task.Delay(TimeSpan.FromMilliseconds(5), setting.Time, setting.Stopping);
        turn.AddPainted(shown, opened, pages.PaintedAt(lane).ElementAt(before));
    }

    private async Task WaitUntilReadyAsync(LanesUnderTest gate)
    {
        for (var lane = 0; lane < gate.Lanes; lane++)
        {
            for (var attempt = 0; ; attempt++)
            {
                try
                {
                    await gate.PassAsync(lane, $"04A2{Interlocked.Increment(ref _shown):X10}", TimeSpan.FromMilliseconds(500), setting.Stopping);
                    break;
                }
                catch (TimeoutException) when (attempt < 60)
                {
                }
            }
        }
    }

    /// <summary>What was seen with as many pages, over all rounds.</summary>
    private sealed class Turn
    {
        private readonly Lock _adding = new();

        public List<double> Opened { get; } = [];
        public List<double> Painted { get; } = [];
        public List<double> PaintedFromScan { get; } = [];
        public List<double> Processor { get; } = [];
        public List<double> Resident { get; } = [];

        public void AddOpened(double milliseconds)
        {
            lock (_adding)
                Opened.Add(milliseconds);
        }

        public void AddPainted(DateTimeOffset shown, DateTimeOffset opened, DateTimeOffset painted)
        {
            lock (_adding)
            {
                Painted.Add(Math.Max(0, (painted - opened).TotalMilliseconds));
                PaintedFromScan.Add((painted - shown).TotalMilliseconds);
            }
        }

        public string[] Row(string pages) => [pages, .. Row("", Opened)[1..], Processor.Median().Figure(), Resident.Median().Figure()];

        public static string[] Row(string name, List<double> milliseconds) =>
        [
            name, $"{milliseconds.Count}", milliseconds.Median().Figure(), milliseconds.Percentile(0.95).Figure(), milliseconds.Percentile(0.99).Figure(), milliseconds.Max().Figure(),
        ];
    }
}
