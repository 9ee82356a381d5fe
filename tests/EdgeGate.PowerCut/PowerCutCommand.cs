using System.CommandLine;

namespace EdgeGate.PowerCut;

/// <summary>The <c>powercut</c> command line: one half runs on the host, the other inside the machine.</summary>
internal static class PowerCutCommand
{
    /// <summary>What the disk holds with room to spare: on a full one the journal would purge what the far end has.</summary>
    private const int MostCycles = 100;

    public static RootCommand Create(TimeProvider time) => new("Cuts the power of a machine that writes a journal, and looks what is left.")
    {
        Run(time),
        Write(time),
    };

    private static Command Run(TimeProvider time)
    {
        var cycles = new Option<int>("--cycles") { Description = $"How many power cuts, 1 to {MostCycles}.", HelpName = "count", DefaultValueFactory = _ => 20 };
        cycles.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() is < 1 or > MostCycles)
                given.AddError($"--cycles must be from 1 to {MostCycles}.");
        });
        var seed = new Option<int?>("--seed") { Description = "Repeats what was drawn: when to cut, which sectors to lose. Without it, a new one.", HelpName = "number" };
        var kernel = new Option<string>("--kernel") { Description = "An uncompressed Linux kernel.", HelpName = "file", Required = true };
        var initramfs = new Option<string>("--initramfs") { Description = "What hardware/bench/prepare.sh made.", HelpName = "file", Required = true };
        var command = new Command("run", "Runs the bench.") { cycles, seed, kernel, initramfs };
        command.SetAction((parsed, cancellationToken) =>
        {
            var image = new MachineImage(Path.GetFullPath(parsed.GetValue(kernel)!), Path.GetFullPath(parsed.GetValue(initramfs)!));
            var bench = new Bench(image, parsed.GetValue(seed) ?? Random.Shared.Next(), Console.Out, time);
            return bench.RunAsync(parsed.GetValue(cycles), cancellationToken);
        });
        return command;
    }

    private static Command Write(TimeProvider time)
    {
        var directory = new Option<string>("--directory") { Required = true };
        var store = new Option<StoreKind>("--store") { Required = true };
        var boot = new Option<int>("--boot") { Required = true };
        var writers = new Option<int>("--writers") { Required = true };
        var ledger = new Option<string>("--ledger") { Required = true };
        var report = new Option<string>("--report") { Required = true };
        var command = new Command("write", "Inside the machine: checks the store, then writes until the power fails.") { directory, store, boot, writers, ledger, report };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var port = new FileStream(parsed.GetValue(report)!, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            await using IRecordStore opened = parsed.GetValue(store) == StoreKind.Journal
                ? await JournalUnderTest.OpenAsync(parsed.GetValue(directory)!, time, cancellationToken)
                : NormalStore.Open(parsed.GetValue(directory)!);
            await new Writer(port, parsed.GetValue(boot)).RunAsync(opened, Ledger.Load(parsed.GetValue(ledger)!), parsed.GetValue(writers), cancellationToken);
        });
        return command;
    }
}
