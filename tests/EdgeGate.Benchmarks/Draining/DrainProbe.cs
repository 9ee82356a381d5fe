using System.CommandLine;
using EdgeGate.Benchmarks.Measuring;
namespace EdgeGate.Benchmarks.Draining;
internal static class DrainProbe { public static Command Command(TimeProvider time) => new("drain-probe"); }
internal sealed class DrainBench(BenchSetting setting) { public Task RunAsync(ReportSection r) { r.Say(setting.Quick.ToString()); return Task.CompletedTask; } }
