using System.Text;
using EdgeGate.Benchmarks.Appending;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Benchmarks.Wear;
using EdgeGate.Journal;

namespace EdgeGate.Benchmarks.Gate;

/// <summary>Scans one at a time, from the last byte of each to the whole OPEN line, and after each what no program can do without: an echo over a pseudo-terminal and an fdatasync of as many bytes. In milliseconds.</summary>
internal sealed record ScanLatency(List<double> Opened, List<double> Echoed, List<double> Flushed, double ProcessorAScan, double BytesAScan)
{
    public double Limit => Echoed.Median() + Flushed.Median();

    /// <summary>The gate and its limits in turn, scan by scan: whatever else the machine does meets all three.</summary>
    /// <param name="warmUp">So many scans before those that count.</param>
    /// <exception cref="InvalidOperationException">A scan did not open.</exception>
    public static async Task<ScanLatency> MeasureAsync(GateUnderTest gate, TemporaryFolder folder, int scans, int warmUp, TimeSpan between, BenchSetting setting)
    {
        await using var echo = new BareEcho();
        using var segment = new BareFlush(folder.Sub("segment"));
        var line = Encoding.ASCII.GetBytes("OPEN 04A20000000000\n");
        var record = new byte[RecordSamples.Make().Decided.Length + RecordFrame.HeaderLength];
        var (opened, echoed, flushed) = (new List<double>(), new List<double>(), new List<double>());
        var (processor, written) = (TimeSpan.Zero, 0L);
        for (var i = -warmUp; i < scans; i++)
        {
            if (i == 0)
                (processor, written) = (Machine.ProcessorTime(gate.ProcessId), Machine.BytesWritten(gate.ProcessId));
            var shown = setting.Time.GetTimestamp();
            var code = await gate.ShowAsync(setting.Stopping);
            if (!await gate.WaitForOpenAsync(code, GateUnderTest.Patience, setting.Stopping))
                throw new InvalidOperationException($"no OPEN for scan {i}");
            var bareEcho = await echo.MeasureAsync(line, setting.Time, setting.Stopping);
            var begun = setting.Time.GetTimestamp();
            segment.Commit([record]);
            var bareFlush = setting.Time.GetElapsedTime(begun);
            if (i >= 0)
            {
                opened.Add(setting.Time.GetElapsedTime(shown, gate.OpenedAt(code)!.Value).TotalMilliseconds);
                echoed.Add(bareEcho.TotalMilliseconds);
                flushed.Add(bareFlush.TotalMilliseconds);
            }
            await Task.Delay(between, setting.Time, setting.Stopping);
        }
        processor = Machine.ProcessorTime(gate.ProcessId) - processor;
        written = Machine.BytesWritten(gate.ProcessId) - written;
        return new ScanLatency(opened, echoed, flushed, processor.TotalMilliseconds / scans, (double)written / scans);
    }
}
