using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using EdgeGate.Benchmarks.Measuring;
using Perfolizer.Horology;

namespace EdgeGate.Benchmarks.Inner;

/// <summary>What works in memory only, by BenchmarkDotNet: nanoseconds and allocation per operation.</summary>
internal static class InnerBench
{
    private static readonly Type[] Subjects = [typeof(Framing), typeof(Deciding), typeof(DecidingByLists), typeof(Recording), typeof(Publishing), typeof(HealthCodes)];

    public static void Run(BenchSetting setting, ReportSection report)
    {
        using var artifacts = new TemporaryFolder(setting.Directory);
        // In this process: building a project of its own would need the whole solution's settings again.
        var job = Job.Default.WithWarmupCount(3)
            .WithIterationCount(setting.Quick ? 3 : 10)
            .WithIterationTime(TimeInterval.FromMilliseconds(setting.Quick ? 40 : 250))
            .WithToolchain(InProcessEmitToolchain.Instance);
        var config = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(artifacts.Path)
            .WithOptions(ConfigOptions.DisableLogFile);
        foreach (var subject in Subjects)
        {
            var summary = BenchmarkRunner.Run(subject, config);
            report.Say($"{subject.Name}:");
            report.Table(["", "median ns", "allocated B", "MB/s"], summary.Reports.Select(ToCells));
        }
        report.Say("*Limit* rows are what cannot be had for less: the same bytes copied, hashed or checked by the runtime itself. MB/s counts the bytes on the wire, or the record's.");
    }

    private static string[] ToCells(BenchmarkReport report)
    {
        var method = report.BenchmarkCase.Descriptor.WorkloadMethod;
        var median = report.ResultStatistics?.Median ?? double.NaN;
        var allocated = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase);
        var bytes = method.GetCustomAttributes(typeof(BytesAttribute), inherit: false) is [BytesAttribute given] ? given.Count : double.NaN;
        return [report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\''), median.Figure(), $"{allocated}", (bytes / median * 1e3).Figure()];
    }
}

/// <summary>How many bytes one operation takes in.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BytesAttribute(int count) : Attribute
{
    public int Count => count;
}
