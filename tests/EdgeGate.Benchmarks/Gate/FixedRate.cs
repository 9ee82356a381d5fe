using EdgeGate.Benchmarks.Measuring;

namespace EdgeGate.Benchmarks.Gate;

/// <summary>What became of scans that came at a fixed rate.</summary>
/// <param name="Asked">Scans a second.</param>
/// <param name="Taken">Scans a second that the line took.</param>
internal sealed record FixedRate(double Asked, double Taken, int Lost, double MedianMs, double P99Ms)
{
    /// <summary>The steps of a ramp, in scans a second.</summary>
    public static readonly double[] Steps = [250, 500, 1000, 1500, 2000, 3000, 4000, 6000, 8000];

    /// <summary>Every scan opened, p99 stayed under half a second, and the line took them at that rate.</summary>
    public bool IsHeld => Lost == 0 && P99Ms < 500 && Taken > 0.95 * Asked;

    public static async Task<FixedRate> RunAsync(GateUnderTest gate, double rate, TimeSpan duration, BenchSetting setting)
    {
        var shown = new List<(string Code, long At)>();
        var begun = setting.Time.GetTimestamp();
        while (setting.Time.GetElapsedTime(begun) is var elapsed && elapsed < duration)
        {
            while (shown.Count < elapsed.TotalSeconds * rate)
            {
                var at = setting.Time.GetTimestamp();
                shown.Add((await gate.ShowAsync(setting.Stopping), at));
            }
            await Task.Delay(TimeSpan.FromMilliseconds(1), setting.Time, setting.Stopping);
        }
        var taken = shown.Count / setting.Time.GetElapsedTime(begun).TotalSeconds;
        await gate.WaitForOpenAsync(shown[^1].Code, GateUnderTest.Patience, setting.Stopping);
        var waits = shown.Where(one => gate.OpenedAt(one.Code) is not null).Select(one => setting.Time.GetElapsedTime(one.At, gate.OpenedAt(one.Code)!.Value).TotalMilliseconds).ToList();
        return new FixedRate(rate, taken, shown.Count - waits.Count, waits.Median(), waits.Percentile(0.99));
    }
}
