using System.Security.Cryptography;
using EdgeGate.Access.Registers;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Benchmarks.Web;
using EdgeGate.Messages.Records;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.Health;
using EdgeGate.Service.Registers;
using EdgeGate.Web;

namespace EdgeGate.Benchmarks.Memory;

/// <summary>The budget's circumstances: four lanes, kiosk screens and a guard's phone that is signed in, a list of persons; after a few hundred passages.</summary>
internal sealed class MemoryBench(BenchSetting setting)
{
    private const int Lanes = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private int _shown;

    public async Task RunAsync(ReportSection report)
    {
        var rows = new List<string[]>();
        var files = new List<string[]>();
        foreach (var persons in setting.Quick ? [1_000] : (int[])[1_000, 1_000_000])
        {
            using var folder = new TemporaryFolder(setting.Directory);
            Prepare(folder.Sub("data"), persons);
            await using var gate = new LanesUnderTest(folder, Lanes, setting.Time, withGuardPost: true);
            await UntilReadyAsync(gate);
            var started = setting.Time.GetTimestamp();
            await using var pages = await UsedPages.OpenAsync(gate, setting.Stopping);
            await PassAsync(gate, passages: 400);
            await Task.Delay(StartLeftovers.After + TimeSpan.FromSeconds(15) - setting.Time.GetElapsedTime(started), setting.Time, setting.Stopping); // it begins with the process
            rows.Add(Row($"{persons:N0}, at rest", ResidentMemory.Of(gate.ProcessId)));
            await PassAsync(gate, passages: setting.Quick ? 400 : 2000);
            rows.Add(Row($"{persons:N0}, {(setting.Quick ? 400 : 2000):N0} passages later", ResidentMemory.Of(gate.ProcessId)));
            if (files.Count == 0)
                files.AddRange(ResidentMemory.ByFile(gate.ProcessId).Take(12).Select(file => new[] { file.Name, file.Megabytes.Figure() }));
        }
        report.Say($"A gate with {Lanes} lanes, a kiosk screen open for each, and a guard signed in on the guard post over https with its board open; {PublishedGate.Form}, started as its unit does. MB.");
        report.Table(["persons on the list", "resident", "of files", "of its own", "shared out (Pss)", "at most so far", "threads"], rows);
        report.Say("Budget: resident 90 with a thousand persons, 120 with a million. *Of files* is program code that the kernel may drop and read again; *of its own* is what cannot be dropped: heaps, stacks, code made at run time.");
        report.Say("Where it is, with a thousand persons:");
        report.Table(["mapping", "MB"], files);

        static string[] Row(string name, ResidentMemory memory) =>
            [name, memory.Resident.Figure(), memory.OfFiles.Figure(), memory.OfItsOwn.Figure(), memory.SharedOut.Figure(), memory.Peak.Figure(), $"{memory.Threads}"];
    }

    /// <summary>A list of obviously made-up persons, and the guard who signs in.</summary>
    private static void Prepare(string data, int persons)
    {
        Directory.CreateDirectory(data);
        var head = new RegisterVersion { Name = "residents", Version = 1, IssuedAt = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), By = "bench", Persons = persons };
        var table = PersonTable.Of(Enumerable.Range(0, persons).Select(number => new RegisterEntry(
            new PersonKey(SHA256.HashData(BitConverter.GetBytes(number))), "测" + new string('*', 1 + (number % 3)), $"{number / 3000}-{number / 300 % 10}-{number / 3 % 100}", new PersonTerms("resident"))));
        new RegisterStore(Path.Combine(data, "registers")).Apply("residents", current: null, RegisterBytes.Write(new RegisterContent(head, table, [])));
        new GuardBook(Path.Combine(data, "guards.json")).Put(new Guard(UsedPages.GuardId, GuardRole.Guard, SecretHash.Of(UsedPages.Secret), Guid.NewGuid()));
    }

    private async Task UntilReadyAsync(LanesUnderTest gate)
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            for (var began = setting.Time.GetTimestamp(); ;)
            {
                try
                {
                    await gate.PassAsync(lane, NextCode(), TimeSpan.FromMilliseconds(500), setting.Stopping);
                    break;
                }
                catch (TimeoutException) when (setting.Time.GetElapsedTime(began) < Patience)
                {
                }
            }
        }
    }

    private async Task PassAsync(LanesUnderTest gate, int passages)
    {
        for (var i = 0; i < passages; i += Lanes)
            await Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => gate.PassAsync(lane, NextCode(), Patience, setting.Stopping)));
    }

    private string NextCode() => $"04A2{Interlocked.Increment(ref _shown):X10}";
}
