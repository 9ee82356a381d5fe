using System.Diagnostics;

namespace EdgeGate.PowerCut;

/// <summary>The whole job: the control, which must lose, then the journal, which must not, then the report.</summary>
internal sealed class Bench(MachineImage image, int seed, TextWriter output, TimeProvider time)
{
    private const int MostControlCuts = 6;
    private const long DiskBytes = 256 * 1024 * 1024;

    private const int AsItShouldBe = 0;
    private const int NotAsItShouldBe = 1;
    private const int CouldNotRun = 2;

    /// <summary>Returns the process's exit code. Keeps its files, and says where, when there is something to look at.</summary>
    public async Task<int> RunAsync(int cycles, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("edgegate-powercut-").FullName;
        var exit = CouldNotRun;
        var keepFiles = true;
        try
        {
            output.WriteLine($"Seed {seed}");
            var control = await RunSeriesAsync(StoreKind.Control, MostControlCuts, directory, cancellationToken);
            var journal = await RunSeriesAsync(StoreKind.Journal, cycles, directory, cancellationToken);
            var report = new BenchReport(seed, cycles, control, journal);
            report.WriteTo(output);
            exit = report.IsGood ? AsItShouldBe : NotAsItShouldBe;
            keepFiles = exit != AsItShouldBe;
        }
        catch (BenchException broken)
        {
            output.WriteLine(broken.Message);
        }
        catch (OperationCanceledException)
        {
            output.WriteLine("Interrupted.");
            keepFiles = false;
        }
        if (keepFiles)
            output.WriteLine($"The disk before its last boot and what the machine printed: {directory}");
        else
            Directory.Delete(directory, recursive: true);
        return exit;
    }

    private async Task<IReadOnlyList<Cut>> RunSeriesAsync(StoreKind store, int cuts, string directory, CancellationToken cancellationToken)
    {
        output.WriteLine(store == StoreKind.Control ? "Control: SQLite with synchronous=NORMAL, which must lose records" : "EdgeGate.Journal, which must not");
        var place = Directory.CreateDirectory(Path.Combine(directory, store.ToString())).FullName;
        var disk = new VolatileDisk(await MakeFileSystemAsync(Path.Combine(place, "empty.img"), cancellationToken));
        using var series = new CutSeries(image, store, place, disk, new Random(seed), time);
        var done = new List<Cut>();
        await foreach (var cut in series.RunAsync(cuts, cancellationToken))
        {
            done.Add(cut);
            output.WriteLine(BenchReport.LineOf(done.Count, cut));
        }
        if (series.FileSystemRepairs > 0)
            output.WriteLine($"  ext4 itself had to be repaired before {series.FileSystemRepairs} of these boots (see hardware/bench/README.md)");
        return done;
    }

    private static async Task<byte[]> MakeFileSystemAsync(string path, CancellationToken cancellationToken)
    {
        await using (var file = File.Create(path))
            file.SetLength(DiskBytes);
        // Blocks of 4 kB as on any disk of a gate's size; mkfs would take 1 kB for so small a one. Not lazy, or the kernel would go on
        // initialising beside the store's writes.
        using var mkfs = Process.Start("/usr/sbin/mkfs.ext4", ["-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0", path]);
        await mkfs.WaitForExitAsync(cancellationToken);
        if (mkfs.ExitCode != 0)
            throw new BenchException("mkfs.ext4 failed.");
        var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        File.Delete(path);
        return bytes;
    }
}
