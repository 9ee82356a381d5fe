using EdgeGate.Benchmarks.Measuring;
namespace EdgeGate.Benchmarks.Inner;
internal static class InnerBench { public static void Run(BenchSetting setting, ReportSection page) => page.Say(setting.Quick.ToString()); }
