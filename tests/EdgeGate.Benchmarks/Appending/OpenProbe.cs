using System.CommandLine;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Journal;

namespace EdgeGate.Benchmarks.Appending;

/// <param name="OpenMilliseconds">From the call to the first record that could be appended.</param>
/// <param name="FirstReadMilliseconds">The oldest 1,000 unsent.</param>
/// <param name="NextReadMilliseconds">The median of the 20 after that.</param>
internal sealed record OpenResult(double OpenMilliseconds, double FirstReadMilliseconds, double NextReadMilliseconds, double PeakMegabytes);

/// <summary>A start into an old journal, in a process of its own.</summary>
internal static class OpenProbe
{
    private const string Name = "open-probe";
    private const int Batch = 1000;
    private const int Batches = 20;

    public static Task<OpenResult> RunAsync(string directory, CancellationToken cancellationToken) =>
        Probe.RunAsync<OpenResult>(cancellationToken, Name, "--directory", directory);

    public static Command Command(TimeProvider time)
    {
        var command = new Command(Name) { Hidden = true };
        command.SetAction(async (parsed, stopping) =>
        {
            var directory = parsed.GetRequiredValue<DirectoryInfo>("--directory").FullName;
            var begun = time.GetTimestamp();
            await using var journal = await GateJournal.OpenAsync(JournalFilling.Options(directory), time, stopping);
            var open = time.GetElapsedTime(begun);
            var reads = new List<double>();
            var next = journal.AcknowledgedUpTo + 1;
            for (var i = 0; i <= Batches; i++)
            {
                begun = time.GetTimestamp();
                var page = await journal.ReadAsync(next, Batch, stopping);
                reads.Add(time.GetElapsedTime(begun).TotalMilliseconds);
                next = page[^1].Sequence + 1;
            }
            Probe.Answer(new OpenResult(open.TotalMilliseconds, reads[0], reads.Skip(1).Median(), Machine.PeakMegabytes()));
        });
        return command;
    }
}

internal static class JournalFilling
{
    public const string Gate = "bench/gate-1";

    /// <summary>Bytes: for ten million records, of which none shall go.</summary>
    public const long Budget = 64L << 30;

    public static JournalOptions Options(string directory) => new() { Directory = directory, GateId = Gate, DiskBudgetBytes = Budget };

    /// <summary>Appends by the public way, so that what is measured afterwards is a store as the product makes it.</summary>
    public static async Task FillAsync(GateJournal journal, int records, RecordWriter write)
    {
        const int writers = 512; // two full commits under way
        var left = records;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await journal.AppendAsync(write, CancellationToken.None);
        })));
    }
}
