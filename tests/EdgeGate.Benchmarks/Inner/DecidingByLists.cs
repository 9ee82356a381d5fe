using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Access.Rules;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Registers;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;

namespace EdgeGate.Benchmarks.Inner;

/// <summary>
/// What a lane does for one person before the record: facts looked up and every rule there is asked, with four lists of a million persons, 200
/// credential groups and a temperature. Budget: median 50 µs.
/// </summary>
public class DecidingByLists
{
    private const int Persons = 1_000_000;
    private const string Settings = """
        {
          "site": "estate", "gate": "gate-1", "dataDirectory": "/tmp",
          "lanes": [{
            "id": "lane-1", "direction": "exit",
            "readers": [{ "id": "reader", "kind": "sam-v", "port": "/dev/a" }],
            "thermometer": { "id": "thermometer", "kind": "gy-mcu90614", "port": "/dev/b" },
            "portal": { "id": "portal", "kind": "text", "port": "/dev/c" },
          }],
          "registers": { "persons": ["residents"] },
          "rules": {
            "credentialGroups": [{GROUPS}],
            "register": {}, "quarantine": {}, "watchLists": [{ "list": "market" }], "tags": [{ "tag": "medicine" }],
            "homeRegions": [{ "flag": "outside", "regions": ["42"], "outside": true }], "schedule": {}, "zoneRisk": { "boundary": "area" },
            "occupancy": { "most": 30 }, "antiPassback": {}, "listAges": [{ "list": "residents", "maxAge": "1.00:00:00" }], "priorityList": "exam",
          },
        }
        """;

    private static readonly ClockReading Now = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.FromHours(8)), TimeSpan.FromHours(1), Guid.Empty, ClockGrade.Synchronised);

    private LaneFacts _facts = null!;
    private AccessPolicy _policy = null!;
    private AccessRequest _request = null!;

    [GlobalSetup]
    public void MakeLists()
    {
        var groups = string.Join(", ", Enumerable.Range(0, 200).Select(i => $$"""{ "name": "group-{{i}}", "prefix": "{{i:0000}}", "from": "06:00", "to": "23:00" }"""));
        var settings = ((SettingsResult.Valid)SettingsFile.Parse(Encoding.UTF8.GetBytes(Settings.Replace("{GROUPS}", groups, StringComparison.Ordinal)), "gate.json", [])).Settings;
        var shelf = new RegisterShelf();
        var residents = new Register("residents", 1, Now.Wall.AddHours(-1), Table());
        foreach (var name in (string[])["residents", "quarantine", "market", "exam"])
            shelf.Put(residents with { Name = name });
        shelf.Put(new Register("plan", 1, Now.Wall, PersonTable.Empty, new SitePlan { Zones = [new("all", RiskLevel.Low, [""])] }));
        _facts = new LaneFacts(ListRules.ListsOf(settings), shelf, new PersonKeys(new byte[32]), new SiteOccupancy("gate-1"), new PassageMemory());
        _policy = LaneSetup.PolicyOf(settings, settings.Lanes[0]);
        var card = new Credential.IdCard("999999190001010015", "测试一", new DateOnly(2020, 1, 1), null, LongTerm: true);
        _request = new AccessRequest(
            new Presentation("reader", card, Now), Direction.Exit, new TemperatureEvidence(new Celsius(3662), new Celsius(3410), new Celsius(2150), Episode: 1, Now.SinceBoot, Now.SinceBoot), Now);
    }

    [Benchmark(Description = "decision: every rule, four lists of a million persons")]
    public AccessDecision Decide() => _policy.Decide(_facts.Complete(_request));

    /// <summary>In a file, as in a gate; it goes with the process.</summary>
    private static TableFile Table()
    {
        var head = new RegisterVersion { Name = "residents", Version = 1, IssuedAt = Now.Wall.AddHours(-1), By = "bench" };
        var (list, table) = (Path.GetTempFileName(), Path.GetTempFileName());
        File.WriteAllBytes(list, RegisterBytes.Write(new RegisterContent(head, PersonTable.Of(Enumerable.Range(0, Persons).Select(Person)), [])));
        using (var scan = RegisterScan.Open(list))
            TableWriter.Write(table, head, [scan.Lines]);
        var open = TableFile.Open(table);
        File.Delete(list);
        File.Delete(table);
        return open;
    }

    private static RegisterEntry Person(int number)
    {
        Span<byte> key = stackalloc byte[32];
        SHA256.HashData(BitConverter.GetBytes(number), key);
        return new RegisterEntry(new PersonKey(key), "测**", $"{number / 3000}-{number / 300 % 10}-{number / 3 % 100}", PersonTerms.None);
    }
}
