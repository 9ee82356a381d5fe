using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Testing;

namespace EdgeGate.Benchmarks.Gate;

/// <summary>This gate and the peers in turns, round by round: start, scan to OPEN, processor, bytes written, memory, sustained rate.</summary>
internal sealed class PeerBench(BenchSetting setting)
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(20), Settling = TimeSpan.FromSeconds(3);

    private sealed record Round(
        double StartSeconds, double IdleMb, double MedianMs, double P99Ms, double LimitMs, double ProcessorMs, double BytesWritten, double BusyMb, double HeldRate);

    public async Task RunAsync(ReportSection report)
    {
        if (!TestBroker.IsInstalled)
        {
            report.Say(TestBroker.NotInstalled);
            return;
        }
        if (Peer.Installed() is not [_, ..] peers)
        {
            report.Say($"No peers here: {Peer.FolderVariable} names the folder that has them.");
            return;
        }
        GateProgram[] programs = [new OwnGate(), .. peers];
        var rounds = programs.ToDictionary(program => program, _ => new List<Round>());
        var count = setting.Quick ? 1 : 3;
        for (var round = 0; round < count; round++)
        {
            for (var turn = 0; turn < programs.Length; turn++)
            {
                var program = programs[(turn + round) % programs.Length]; // whoever begins has the quieter machine
                rounds[program].Add(await MeasureAsync(program));
                Console.WriteLine($"{program.Name}: {rounds[program][^1]}");
            }
        }
        Report(report, programs, rounds, count);
    }

    private void Report(ReportSection report, GateProgram[] programs, Dictionary<GateProgram, List<Round>> rounds, int count)
    {
        report.Say($"EdgeGate as {PublishedGate.Form}. Medians of {count} interleaved rounds of {Scans:N0} scans, one at a time, {Between.TotalMilliseconds:0} ms apart. Each program reads the same line, has 200 rules, flushes its record before it opens, publishes with QoS 1. "
            + "*Limit*: a bare echo over a pseudo-terminal and a bare fdatasync of one of our records, after each scan. This gate writes two records a passage, chained, half of it encrypted; the others one plain row.");
        report.Table(
            ["", "first OPEN s", "scan to OPEN p50 ms", "p99 ms", "of its limit", "processor ms a scan", "kB written a scan", "MB idle", "MB busy", "scans/s held"],
            programs.Select(program => new[]
            {
                program.Name, Median(program, round => round.StartSeconds).Figure(), Median(program, round => round.MedianMs).Figure(), Median(program, round => round.P99Ms).Figure(),
                Median(program, round => round.MedianMs / round.LimitMs).Ratio(), Median(program, round => round.ProcessorMs).Figure(), (Median(program, round => round.BytesWritten) / 1000).Figure(),
                Median(program, round => round.IdleMb).Figure(), Median(program, round => round.BusyMb).Figure(), Median(program, round => round.HeldRate).Figure(),
            }));
        report.Chart("latency", new BarChart("Scan to OPEN, median", "ms", Bars(round => round.MedianMs)));
        report.Chart("tail", new BarChart("Scan to OPEN, p99", "ms", Bars(round => round.P99Ms)));
        report.Chart("processor", new BarChart("Processor time a scan", "ms", Bars(round => round.ProcessorMs)));
        report.Chart("rate", new BarChart("Scans a second held on one line", "/s", Bars(round => round.HeldRate)));
        report.Chart("memory", new BarChart("Resident after the load", "MB", Bars(round => round.BusyMb)));
        report.Say("Budgets: median at most 1.5 × its limit and half of the best peer's; p99 at most 1.5 × the best peer's median; processor a fifth of Node-RED's and half of Python's with a WAL; three times the best peer's rate.");

        double Median(GateProgram program, Func<Round, double> figure) => rounds[program].Select(figure).Median();

        (string, double)[] Bars(Func<Round, double> figure) => [.. programs.Select(program => (program.Name, Median(program, figure)))];
    }

    private int Scans => setting.Quick ? 300 : 1000;

    private async Task<Round> MeasureAsync(GateProgram program)
    {
        using var folder = new TemporaryFolder(setting.Directory);
        await using var broker = await TestBroker.StartAsync();
        await using var gate = new GateUnderTest(program, folder, broker.Port, setting.Time);
        var begun = setting.Time.GetTimestamp();
        gate.Start();
        await gate.WaitUntilReadyAsync(setting.Stopping);
        var start = setting.Time.GetElapsedTime(begun);
        await Task.Delay(Settling, setting.Time, setting.Stopping);
        var idle = Machine.ResidentMegabytes(gate.ProcessId);
        var latency = await ScanLatency.MeasureAsync(gate, folder, Scans, warmUp: 300, Between, setting);
        var held = 0.0;
        foreach (var rate in FixedRate.Steps)
        {
            var step = await FixedRate.RunAsync(gate, rate, TimeSpan.FromSeconds(setting.Quick ? 2 : 5), setting);
            if (!step.IsHeld)
                break;
            held = rate;
        }
        return new Round(
            start.TotalSeconds, idle, latency.Opened.Median(), latency.Opened.Percentile(0.99), latency.Limit, latency.ProcessorAScan, latency.BytesAScan,
            Machine.ResidentMegabytes(gate.ProcessId), held);
    }
}
