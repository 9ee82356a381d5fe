using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeGate.Benchmarks.Measuring;

/// <summary>What the kernel says about this machine and this process.</summary>
internal static class Machine
{
    public static string Describe()
    {
        var processor = Array.Find(File.ReadAllLines("/proc/cpuinfo"), line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        return $"{Environment.ProcessorCount} × {processor ?? RuntimeInformation.ProcessArchitecture.ToString()}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
    }

    /// <summary>How many processes wanted to run in the last minute: more than there are processors and the times are noise.</summary>
    public static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    /// <summary>Bytes a process (this one when no other is named) has caused to be sent to the disk: counted when a page of the cache becomes dirty.</summary>
    public static long BytesWritten(int? process = null) => Field($"/proc/{process ?? Environment.ProcessId}/io", "write_bytes");

    /// <summary>Resident now, in MB; of this process when no other is named.</summary>
    public static double ResidentMegabytes(int? process = null) => Field($"/proc/{process ?? Environment.ProcessId}/status", "VmRSS") / 1024.0;

    /// <summary>Resident at most so far, in MB.</summary>
    public static double PeakMegabytes(int? process = null) => Field($"/proc/{process ?? Environment.ProcessId}/status", "VmHWM") / 1024.0;

    public static TimeSpan ProcessorTime(int process)
    {
        using var running = Process.GetProcessById(process);
        return running.TotalProcessorTime;
    }

    /// <summary>Of a process and of those of its children that live.</summary>
    public static TimeSpan ProcessorTimeWithChildren(int parent) =>
        Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
            .Where(process => process == parent || ParentOf(process) == parent)
            .Aggregate(TimeSpan.Zero, (sum, process) => sum + ProcessorTime(process));

    private static int ParentOf(int process)
    {
        try
        {
            // Field 4, behind the name in brackets, which may hold anything.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has ended
        }
    }

    private static long Field(string file, string name)
    {
        var line = Array.Find(File.ReadAllLines(file), line => line.StartsWith(name + ":", StringComparison.Ordinal))!;
        return long.Parse(line[(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
