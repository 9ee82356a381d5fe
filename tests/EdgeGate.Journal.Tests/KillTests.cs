using System.Diagnostics;
using Xunit.Abstractions;

namespace EdgeGate.Journal.Tests;

public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory _directory = new(Path.GetTempPath()); // a real disk: the flush takes its time

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Nothing_acknowledged_is_missing_after_kills_and_no_number_is_skipped_or_given_twice()
    {
        var random = new Random(20220301);
        var acknowledged = new HashSet<long>();
        for (var kill = 0; kill < 6; kill++)
        {
            var byItself = kill % 2 == 0;
            var lines = random.Next(1, 200);
            using var child = Process.Start(new ProcessStartInfo("dotnet", [typeof(KillChild).Assembly.Location, _directory.Path, $"{(byItself ? lines : -1)}"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            for (; lines > 0; lines--)
                Add(await child.StandardOutput.ReadLineAsync());
            if (!byItself)
                child.Kill();
            while (await child.StandardOutput.ReadLineAsync() is { } rest)
                Add(rest);
            await child.WaitForExitAsync();
        }
        output.WriteLine($"{acknowledged.Count} acknowledged");

        await using var journal = await GateJournal.OpenAsync(_directory.Options, TimeProvider.System, CancellationToken.None);
        Assert.Null(journal.Status.Failure);
        Assert.Empty(journal.Status.VoidRanges);
        using var reader = JournalReader.Open(_directory.Path);
        var report = reader.Verify();
        Assert.Null(report.Fault);
        Assert.Equal(journal.LastSequence, report.Records); // from 1, without a gap
        Assert.True(acknowledged.Max() <= journal.LastSequence);
        var last = journal.LastSequence;
        Assert.Equal(last + 1, await journal.AppendTextAsync("goes on"));

        void Add(string? line)
        {
            if (line is not null) // a line is one write to a pipe: the kill never cuts it
                Assert.True(acknowledged.Add(long.Parse(line)), $"number {line} was given twice");
        }
    }
}
