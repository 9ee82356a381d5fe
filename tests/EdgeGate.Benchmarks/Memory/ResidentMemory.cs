using System.Globalization;

namespace EdgeGate.Benchmarks.Memory;

/// <summary>What the kernel says a process has in memory, in MB (/proc/PID/status, smaps_rollup, smaps).</summary>
internal sealed record ResidentMemory(double Resident, double OfFiles, double OfItsOwn, double SharedOut, double Peak, int Threads)
{
    public static ResidentMemory Of(int process)
    {
        var status = File.ReadAllLines($"/proc/{process}/status");
        var shared = File.ReadAllLines($"/proc/{process}/smaps_rollup");
        return new ResidentMemory(
            Field(status, "VmRSS"), Field(status, "RssFile"), Field(status, "RssAnon") + Field(status, "RssShmem"), // code made at run time lies in a memory file of its own
            Field(shared, "Pss"), Field(status, "VmHWM"), (int)Number(status, "Threads"));
    }

    /// <summary>By the name of the mapped file, largest first.</summary>
    public static IEnumerable<(string Name, double Megabytes)> ByFile(int process)
    {
        var sums = new Dictionary<string, long>(StringComparer.Ordinal);
        var name = "";
        foreach (var line in File.ReadLines($"/proc/{process}/smaps"))
        {
            var words = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "Rss:")
                sums[name] = sums.GetValueOrDefault(name) + long.Parse(words[1], CultureInfo.InvariantCulture);
            else if (!words[0].EndsWith(':'))
                name = words.Length < 6 ? "heaps and stacks" : words[5].Contains("doublemapper", StringComparison.Ordinal) ? "code and types made at run time" : Path.GetFileName(words[5].TrimEnd());
        }
        return sums.Select(sum => (sum.Key, sum.Value / 1024.0)).OrderByDescending(sum => sum.Item2);
    }

    private static double Field(string[] lines, string name) => Number(lines, name) / 1024.0;

    private static long Number(string[] lines, string name) =>
        long.Parse(Array.Find(lines, line => line.StartsWith(name + ":", StringComparison.Ordinal))![(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
