using EdgeGate.Benchmarks.Measuring;

namespace EdgeGate.Benchmarks.Devices;

/// <summary>What devices cost: decoding, the way from the line to the lane, and a gate at which nobody stands.</summary>
internal sealed class DevicesBench(BenchSetting setting)
{
    public async Task RunAsync(ReportSection report)
    {
        new DecoderSpeed(setting).Run(report);
        await new LineLatency(setting).RunAsync(report);
        await new IdleGate(setting).RunAsync(report);
    }
}
