using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Testing;

namespace EdgeGate.Benchmarks.Web;

/// <summary>One box with 32 lanes, ten scans a second at each, for ten minutes: does the decision stay quick, and does memory stay where it is.</summary>
internal sealed class ManyLanesBench(BenchSetting setting)
{
    private const int Lanes = 32, ScansPerSecond = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private int _shown;

    public async Task RunAsync(ReportSection report)
    {
        if (!TestBroker.IsInstalled)
        {
            report.Say(TestBroker.NotInstalled);
            return;
        }
        await using var broker = await TestBroker.StartAsync();
        using var folder = new TemporaryFolder(setting.Directory);
        await using var gate = new LanesUnderTest(folder, Lanes, setting.Time, broker.Port);
        var (stretch, stretches) = setting.Quick ? (TimeSpan.FromSeconds(10), 3) : (TimeSpan.FromMinutes(1), 11);
        var rows = new List<string[]>();
        var (all, memory) = (new List<double>(), new List<double>());
        for (var i = 0; i < stretches; i++)
        {
            var processor = i == 0 ? TimeSpan.Zero : Machine.ProcessorTime(gate.ProcessId);
            var waits = await PassAsync(gate, stretch);
            if (i == 0)
                continue; // it starts and warms up
            var busy = (Machine.ProcessorTime(gate.ProcessId) - processor) / stretch;
            all.AddRange(waits);
            memory.Add(Machine.ResidentMegabytes(gate.ProcessId));
            rows.Add([$"{i}", $"{waits.Count:N0}", waits.Median().Figure(), waits.Percentile(0.99).Figure(), waits.Max().Figure(), (100 * busy).Figure(), memory[^1].Figure()]);
        }
        report.Say($"{Lanes} lanes, {ScansPerSecond} scans a second at each, all flushed, journaled and published; from the last byte of the scan to the OPEN line. One stretch is {stretch.TotalSeconds:0} s; one before them is left out.");
        report.Table(["stretch", "scans", "p50 ms", "p99 ms", "max ms", "% of one core", "resident MB"], rows);
        report.Say($"All: {all.Count:N0} scans, p50 {all.Median().Figure()} ms, p99 {all.Percentile(0.99).Figure()} ms; memory from the first stretch to the last {(memory[^1] - memory[0]).Figure()} MB. The program that plays 64 devices runs on the same cores. Budget: p99 20 ms, no growth.");
    }

    private async Task<List<double>> PassAsync(LanesUnderTest gate, TimeSpan stretch)
    {
        var lanes = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => Task.Run(() => PassAsync(gate, lane, stretch))));
        return [.. lanes.SelectMany(waits => waits)];
    }

    private async Task<List<double>> PassAsync(LanesUnderTest gate, int lane, TimeSpan stretch)
    {
        var waits = new List<double>();
        await Task.Delay(TimeSpan.FromMilliseconds(lane * 1000.0 / ScansPerSecond / Lanes), setting.Time, setting.Stopping); // not all at once, as people are not
        var begun = setting.Time.GetTimestamp();
        for (var scan = 0; setting.Time.GetElapsedTime(begun) < stretch; scan++)
        {
            try
            {
                var (shown, opened) = await gate.PassAsync(lane, $"04A2{Interlocked.Increment(ref _shown):X10}", Patience, setting.Stopping);
                waits.Add((opened - shown).TotalMilliseconds);
            }
            catch (TimeoutException) when (waits.Count == 0)
            {
                continue; // it is still starting
            }
            var due = TimeSpan.FromSeconds((scan + 1.0) / ScansPerSecond) - setting.Time.GetElapsedTime(begun);
            if (due > TimeSpan.Zero)
                await Task.Delay(due, setting.Time, setting.Stopping);
        }
        return waits;
    }
}
