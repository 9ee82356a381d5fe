using System.CommandLine;
using EdgeGate.Benchmarks.Appending;
using EdgeGate.Benchmarks.Center;
using EdgeGate.Benchmarks.Devices;
using EdgeGate.Benchmarks.Draining;
using EdgeGate.Benchmarks.Gate;
using EdgeGate.Benchmarks.Inner;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Benchmarks.Memory;
using EdgeGate.Benchmarks.Wear;
using EdgeGate.Benchmarks.Web;

namespace EdgeGate.Benchmarks;

/// <summary>The <c>bench</c> command line: one verb a subject, each writing its own section of the report.</summary>
internal static class BenchCommand
{
    public static RootCommand Create(TimeProvider time)
    {
        var quick = new Option<bool>("--quick") { Description = "Fewer and shorter rounds: under a minute a verb.", Recursive = true };
        var large = new Option<bool>("--large") { Description = "With a journal of ten million records (15 GB of disk, some minutes); traces among 100 million passages (25 GB).", Recursive = true };
        var report = new Option<FileInfo?>("--report") { Description = "The Markdown file whose section is replaced.", HelpName = "file", Recursive = true };
        var directory = new Option<DirectoryInfo>("--directory")
        {
            Description = "Where stores are made and deleted: on the disk that is to be measured.",
            HelpName = "directory",
            Recursive = true,
            DefaultValueFactory = _ => new DirectoryInfo(Path.GetTempPath()),
        };
        var root = new RootCommand("Measures EdgeGate beside the limits of this machine.") { quick, large, report, directory };
        Verb("journal", "Durable appends, bytes written, opening and reading.", (setting, page) => new JournalBench(setting).RunAsync(page));
        Verb("drain", "A backlog to a local mosquitto while live records go on.", (setting, page) => new DrainBench(setting).RunAsync(page));
        Verb("wear", "Page sizes, checkpoint sizes and group sizes: bytes written per record.", (setting, page) => new WearBench(setting).RunAsync(page));
        Verb("inner", "Decoders, encounter, rules, sealing, encoding.", (setting, page) => Task.Run(() => InnerBench.Run(setting, page), setting.Stopping));
        Verb("devices", "Decoders, from the line to the lane, and a gate with eight devices and nobody there.", (setting, page) => new DevicesBench(setting).RunAsync(page));
        Verb("gate", "The whole service: start, latency, sustained rate, idle.", (setting, page) => new GateBench(setting).RunAsync(page));
        Verb("peers", "The gate and other programs of the same task in turns; PEERS names the folder that has them, NODERED where Node-RED is installed.", (setting, page) => new PeerBench(setting).RunAsync(page));
        Verb("faults", "What arrives when broker and program fail, for the gate and the peers.", (setting, page) => new FaultBench(setting).RunAsync(page));
        Verb("lanes", "32 lanes at ten scans a second each for ten minutes.", (setting, page) => new ManyLanesBench(setting).RunAsync(page));
        Verb("web", "Ten lanes with no page open and with fifty: latency, memory, time to the picture.", (setting, page) => new WebBench(setting).RunAsync(page));
        Verb("memory", "Four lanes, kiosk and guard post in use, a thousand and a million persons: what is resident, and where.", (setting, page) => new MemoryBench(setting).RunAsync(page));
        Verb("center", "Records committed by the center, and receipts.", (setting, page) => new CenterBench(setting).RunAsync(page));
        Verb("estates", "2,000 estates at a scale that fits this machine: records committed, receipts, and what it would need.", (setting, page) => new EstatesBench(setting).RunAsync(page));
        Verb("trace", "Traces among ten million passages; with --large among a hundred million.", (setting, page) => new TraceBench(setting).RunAsync(page));
        root.Add(OpenProbe.Command(time));
        foreach (var probe in DrainProbe.Commands(time))
            root.Add(probe);
        return root;

        void Verb(string name, string description, Func<BenchSetting, ReportSection, Task> run)
        {
            var command = new Command(name, description);
            command.SetAction(async (parsed, stopping) =>
            {
                var setting = new BenchSetting(parsed.GetValue(quick), parsed.GetValue(large), parsed.GetRequiredValue(directory).FullName, time, stopping);
                var section = new ReportSection(name, setting);
                await run(setting, section);
                if (parsed.GetValue(report) is { } file)
                    section.ReplaceIn(file.FullName);
            });
            root.Add(command);
        }
    }
}

/// <param name="Quick">For a look whether all is well; the figures of record come from the long form.</param>
/// <param name="Large">Also what needs ten million records.</param>
/// <param name="Directory">On the disk that is measured.</param>
internal sealed record BenchSetting(bool Quick, bool Large, string Directory, TimeProvider Time, CancellationToken Stopping);
