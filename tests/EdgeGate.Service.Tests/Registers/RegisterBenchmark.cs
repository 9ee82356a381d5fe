using System.Globalization;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Tests.Passing;
using Xunit.Abstractions;

namespace EdgeGate.Service.Tests.Registers;

/// <summary>A million persons, in figures. Only when REGISTER_BENCH is set: it takes a minute and measures this machine.</summary>
public sealed class RegisterBenchmark(ITestOutputHelper output)
{
    private const int Persons = 1_000_000, Looks = 200_000, Changes = 10_000;

    [SkippableFact]
    public void A_million_persons_fit_and_are_found_and_changed_in_time()
    {
        Skip.If(Environment.GetEnvironmentVariable("REGISTER_BENCH") is null, "set REGISTER_BENCH=1 to measure");
        var time = TimeProvider.System;
        using var directory = new TemporaryDirectory();
        var (file, table) = (directory["residents"], directory["table"]);
        File.WriteAllBytes(file, RegisterBytes.Write(new RegisterContent(Head(1), PersonTable.Of(Enumerable.Range(0, Persons).Select(Person)), [])));
        var start = time.GetTimestamp();
        using (var scan = RegisterScan.Open(file))
            TableWriter.Write(table, Head(1), [scan.Lines]);
        Say($"file {new FileInfo(file).Length / 1e6:0.0} MB, checked and made a table of {new FileInfo(table).Length / 1e6:0.0} MB in {time.GetElapsedTime(start).TotalMilliseconds:0} ms");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        start = time.GetTimestamp();
        var opened = TableFile.Open(table);
        var register = new Register("residents", 1, TestLists.Morning, opened);
        Say($"opened in {time.GetElapsedTime(start).TotalMilliseconds:0} ms, managed memory {(GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6:0.0} MB");
        start = time.GetTimestamp();
        _ = register.Persons.Where((_, unit, _) => unit.StartsWith("nowhere")).Count();
        Say($"all searched in {time.GetElapsedTime(start).TotalMilliseconds:0} ms");

        File.WriteAllBytes(directory["changes"], RegisterBytes.Write(new RegisterContent(
            Head(2) with { Base = 1 }, PersonTable.Of(Enumerable.Range(Persons - (Changes / 2), Changes).Select(number => Person(number) with { Unit = "moved" })), [])));
        var longest = TimeSpan.Zero;
        var lookups = new long[Looks];
        var random = new Random(1);
        for (var i = 0; i < Looks; i++)
        {
            var key = Key(random.Next(2 * Persons)); // every other one a stranger
            var began = time.GetTimestamp();
            _ = register.Persons.Find(key);
            lookups[i] = time.GetTimestamp() - began;
        }
        Array.Sort(lookups);
        Say($"look-up median {Microseconds(lookups[Looks / 2])} µs, p99 {Microseconds(lookups[Looks * 99 / 100])} µs, longest {Microseconds(lookups[^1])} µs");

        // Somebody keeps looking while the delta is applied: what the lane would notice.
        using var done = new ManualResetEventSlim();
        var lane = new Thread(() =>
        {
            while (!done.IsSet)
            {
                var began = time.GetTimestamp();
                _ = register.Persons.Find(Key(5));
                var took = time.GetElapsedTime(began);
                longest = took > longest ? took : longest;
            }
        });
        lane.Start();
        start = time.GetTimestamp();
        using (var scan = RegisterScan.Open(directory["changes"]))
            TableWriter.Write(directory["next"], Head(2), [opened.Lines, scan.Lines]);
        using var after = TableFile.Open(directory["next"]);
        var applied = time.GetElapsedTime(start);
        done.Set();
        lane.Join();
        Say($"delta of {Changes} applied in {applied.TotalMilliseconds:0} ms, longest look-up meanwhile {longest.TotalMilliseconds:0.000} ms");
        Assert.Equal(Persons + (Changes / 2), after.Count);
        MeasureDecisions(register, time);

        string Microseconds(long ticks) => (ticks * 1e6 / time.TimestampFrequency).ToString("0.0", CultureInfo.InvariantCulture);
    }

    /// <summary>Facts looked up and every rule asked, as the lane does for one person; without record and seal.</summary>
    private void MeasureDecisions(Register register, TimeProvider time)
    {
        var settings = TestLists.Settings("""
            {
              "register": {}, "quarantine": {}, "watchLists": [{ "list": "market" }], "tags": [{ "tag": "medicine" }],
              "homeRegions": [{ "flag": "outside", "regions": ["42"], "outside": true }], "schedule": {}, "zoneRisk": { "boundary": "area" },
              "occupancy": { "most": 30 }, "antiPassback": {}, "listAges": [{ "list": "residents", "maxAge": "1.00:00:00" }], "priorityList": "exam"
            }
            """, direction: "exit");
        var shelf = new RegisterShelf();
        foreach (var name in (string[])["quarantine", "market", "exam"])
            shelf.Put(register with { Name = name });
        shelf.Put(register);
        shelf.Put(new Register("plan", 1, TestLists.Morning, PersonTable.Empty, new SitePlan { Zones = [new("all", RiskLevel.Low, [""])] }));
        var facts = new LaneFacts(ListRules.ListsOf(settings), shelf, new PersonKeys(new byte[32]), new SiteOccupancy("gate-1"), new PassageMemory());
        var policy = LaneSetup.PolicyOf(settings, settings.Lanes[0]);
        var clock = new ClockReading(TestLists.Morning, TimeSpan.FromHours(1), Guid.Empty, ClockGrade.Synchronised);
        var request = new AccessRequest(new Presentation("reader", People.Card(), clock), Direction.Exit, null, clock);
        var took = new long[Looks];
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Looks; i++)
        {
            var began = time.GetTimestamp();
            _ = policy.Decide(facts.Complete(request));
            took[i] = time.GetTimestamp() - began;
        }
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        Array.Sort(took);
        Say(string.Create(CultureInfo.InvariantCulture, $"decision with all rules: median {took[Looks / 2] * 1e6 / time.TimestampFrequency:0.0} µs, p99 {took[Looks * 99 / 100] * 1e6 / time.TimestampFrequency:0.0} µs, {bytes / Looks} bytes"));
    }

    private void Say(string line)
    {
        output.WriteLine(line);
        Console.WriteLine(line);
    }

    private static RegisterVersion Head(long version) => new() { Name = "residents", Version = version, IssuedAt = TestLists.Morning, By = "bench" };

    /// <summary>Three to a household; most have the same terms, one in fifty a tag with a day of its own.</summary>
    private static RegisterEntry Person(int number) => new(
        Key(number),
        "测" + new string('*', 1 + (number % 3)),
        $"{number / 3000}-{number / 300 % 10}-{number / 3 % 100}",
        number % 50 == 0
            ? new PersonTerms("resident", tags: [new PersonTag("medicine", new ValidPeriod(null, new DateTime(2022, 3, 1).AddDays(number % 60)))])
            : new PersonTerms("resident"));

    private static PersonKey Key(int number)
    {
        Span<byte> bytes = stackalloc byte[PersonKey.Length];
        System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(number), bytes);
        return new PersonKey(bytes);
    }
}
