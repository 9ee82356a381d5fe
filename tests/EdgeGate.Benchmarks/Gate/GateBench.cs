using System.Buffers;
using EdgeGate.Benchmarks.Appending;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Benchmarks.Wear;
using EdgeGate.Journal;
using EdgeGate.Testing;

namespace EdgeGate.Benchmarks.Gate;

/// <summary>The whole gate: from the last byte of a scan to the order to open, with the record flushed in between.</summary>
internal sealed class GateBench(BenchSetting setting)
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(10);

    public async Task RunAsync(ReportSection report)
    {
        if (!TestBroker.IsInstalled)
        {
            report.Say(TestBroker.NotInstalled);
            return;
        }
        await using var broker = await TestBroker.StartAsync();
        await StartAsync(report, broker);
        using var folder = new TemporaryFolder(setting.Directory);
        await using var gate = new GateUnderTest(new OwnGate(), folder, broker.Port, setting.Time);
        gate.Start();
        await gate.WaitUntilReadyAsync(setting.Stopping);
        await LatencyAsync(report, gate, folder);
        await RampAsync(report, gate);
        await IdleAsync(report, gate);
    }

    private async Task StartAsync(ReportSection report, TestBroker broker)
    {
        var rows = new List<string[]>();
        foreach (var records in Sizes())
        {
            using var folder = new TemporaryFolder(setting.Directory);
            await using var gate = new GateUnderTest(new OwnGate(), folder, broker.Port, setting.Time);
            if (records > 0)
                await FillAsync(OwnGate.DataOf(gate.Surroundings), records);
            var starts = new List<double>();
            var memory = new List<double>();
            for (var round = 0; round < (setting.Quick ? 3 : 7); round++)
            {
                var begun = setting.Time.GetTimestamp();
                gate.Start();
                await gate.WaitUntilReadyAsync(setting.Stopping);
                starts.Add(setting.Time.GetElapsedTime(begun).TotalSeconds);
                await Task.Delay(TimeSpan.FromSeconds(1), setting.Time, setting.Stopping);
                memory.Add(Machine.ResidentMegabytes(gate.ProcessId));
                await gate.StopAsync();
            }
            rows.Add([$"{records:N0}", starts.Median().Figure(), memory.Median().Figure()]);
        }
        report.Say("Start of the whole service, from the call to the first order to open; it is shown a new code each 20 ms.");
        report.Table(["records in the journal", "first OPEN s", "resident a second later MB"], rows);
        report.Say("Budget: 0.8 s with ten million.");
    }

    /// <summary>What a gate that wrote so many would have: the records, all with the broker, and the checkpoint that spares counting them again.</summary>
    private async Task FillAsync(string data, int records)
    {
        var passage = RecordSamples.Make().Passage;
        await using var journal = await GateJournal.OpenAsync(JournalFilling.Options(Path.Combine(data, "journal")), setting.Time, setting.Stopping);
        await JournalFilling.FillAsync(journal, records, (_, to) => to.Write(passage));
        journal.Acknowledge(records);
        await File.WriteAllTextAsync(Path.Combine(data, "occupancy"), $$"""{ "Epoch": 1, "In": {{records / 2}}, "Out": {{records / 2}}, "UpTo": {{records}} }""", setting.Stopping);
    }

    private int[] Sizes() => setting switch
    {
        { Quick: true } => [0],
        { Large: true } => [0, 1_000_000, 10_000_000],
        _ => [0, 1_000_000],
    };

    private async Task LatencyAsync(ReportSection report, GateUnderTest gate, TemporaryFolder folder)
    {
        var scans = setting.Quick ? 500 : 3000;
        var latency = await ScanLatency.MeasureAsync(gate, folder, scans, warmUp: 200, Between, setting);
        report.Say($"{scans:N0} scans one at a time, {Between.TotalMilliseconds:0} ms apart: last byte of the scan to the whole OPEN line. After each, the limits: a bare echo over a pseudo-terminal and a bare fdatasync of as many bytes.");
        report.Table(
            ["", "p50 ms", "p95 ms", "p99 ms", "max ms"],
            [Row("scan to OPEN", latency.Opened), Row("bare echo", latency.Echoed), Row("bare fdatasync", latency.Flushed)]);
        report.Say($"Median {(latency.Opened.Median() / latency.Limit).Ratio()} bare flush + bare echo ({latency.Limit.Figure()} ms). Processor {latency.ProcessorAScan.Figure()} ms a scan, {latency.BytesAScan.Figure()} bytes a scan (two records, and the uplink's part of both). "
            + "Budget: 1.5 ×; p99 at most 1.5 × the best peer's median (1.07 ms once, so 1.6 ms).");

        static string[] Row(string name, List<double> milliseconds) =>
            [name, milliseconds.Median().Figure(), milliseconds.Percentile(0.95).Figure(), milliseconds.Percentile(0.99).Figure(), milliseconds.Max().Figure()];
    }

    private async Task RampAsync(ReportSection report, GateUnderTest gate)
    {
        var duration = TimeSpan.FromSeconds(setting.Quick ? 2 : 10);
        var rows = new List<string[]>();
        foreach (var rate in FixedRate.Steps)
        {
            var step = await FixedRate.RunAsync(gate, rate, duration, setting);
            rows.Add([rate.Figure(), step.Taken.Figure(), $"{step.Lost}", step.MedianMs.Figure(), step.P99Ms.Figure(), Machine.ResidentMegabytes(gate.ProcessId).Figure(), step.IsHeld ? "yes" : "no"]);
            if (!step.IsHeld)
                break;
        }
        report.Say($"Fixed rates of {duration.TotalSeconds:0} s on one line; held when every scan opened, p99 stayed under 500 ms and the line took them at that rate.");
        report.Table(["scans/s asked", "taken", "lost", "p50 ms", "p99 ms", "resident MB", "held"], rows);
        report.Say("Budget: 3 × the best peer (2,600 once, so 7,800).");
    }

    private async Task IdleAsync(ReportSection report, GateUnderTest gate)
    {
        var duration = TimeSpan.FromSeconds(setting.Quick ? 10 : 60);
        await Task.Delay(TimeSpan.FromSeconds(setting.Quick ? 6 : 15), setting.Time, setting.Stopping); // the backlog has gone, the cursor is on disk
        var (processor, written) = (Machine.ProcessorTime(gate.ProcessId), Machine.BytesWritten(gate.ProcessId));
        await Task.Delay(duration, setting.Time, setting.Stopping);
        processor = Machine.ProcessorTime(gate.ProcessId) - processor;
        report.Say($"Idle for {duration.TotalSeconds:0} s: {(100 * processor / duration).Figure()} % of one core, {Machine.BytesWritten(gate.ProcessId) - written:N0} bytes written, {Machine.ResidentMegabytes(gate.ProcessId).Figure()} MB resident, {Machine.PeakMegabytes(gate.ProcessId).Figure()} MB at most so far. "
            + "Budget: 1 % and one write a minute.");
    }
}
