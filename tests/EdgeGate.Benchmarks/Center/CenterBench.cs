using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Testing;

namespace EdgeGate.Benchmarks.Center;

/// <summary>The center: what it commits, and how long gates wait for a receipt.</summary>
internal sealed class CenterBench(BenchSetting setting)
{
    public async Task RunAsync(ReportSection report)
    {
        if (!TestBroker.IsInstalled || !PrivatePostgres.IsInstalled)
        {
            report.Say(TestBroker.IsInstalled ? PrivatePostgres.NotInstalled : TestBroker.NotInstalled);
            return;
        }
        await new CommitBench(setting).RunAsync(report);
        await new ReceiptBench(setting).RunAsync(report);
    }
}
