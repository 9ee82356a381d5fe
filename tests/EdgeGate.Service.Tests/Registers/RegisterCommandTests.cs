using System.Text;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Tests.Cli;
using EdgeGate.Service.Tests.Passing;
using EdgeGate.Service.Tests.Settings;

namespace EdgeGate.Service.Tests.Registers;

public sealed class RegisterCommandTests : IDisposable
{
    private const string TwoResidents = $"id,name,unit,status\n{People.Number},测试一,3-1-502,居民\n{People.OtherNumber},测试二,3-2-101,resident\n";

    private readonly TemporaryDirectory _directory = new();
    private readonly string _settings;

    public RegisterCommandTests() => _settings = _directory.Write(
        "gate.json", SmallSettings.Text.Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal));

    public void Dispose() => _directory.Dispose();

    private RegisterStore Store => new(_directory["data", "registers"]);

    private Task<CommandLine> RunAsync(params string[] arguments) => CommandLine.RunAsync(["register", .. arguments, "-s", _settings]);

    private async Task<CommandLine> ImportAsync(string csv, params string[] options) =>
        await RunAsync(["import", "residents", _directory.Write("list.csv", csv), "--by", "guard-3", .. options]);

    [Fact]
    public async Task A_plain_list_goes_in_keyed_and_masked_and_stands_nowhere_on_disk()
    {
        var said = await ImportAsync(TwoResidents);
        File.Delete(_directory["list.csv"]);

        Assert.Equal((0, ""), (said.ExitCode, said.Errors));
        Assert.Contains("version 1, 2 persons (2 added, 0 changed, 0 removed)", said.Output, StringComparison.Ordinal);
        var entry = Store.Load("residents").Register!.Persons.Entries.Single(entry => entry.Unit == "3-1-502");
        Assert.Equal(("测**", "resident"), (entry.MaskedName, entry.Terms.Status));
        foreach (var file in Directory.EnumerateFiles(_directory["data"], "*", SearchOption.AllDirectories))
        {
            var content = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file));
            Assert.False(content.Contains(People.Number, StringComparison.Ordinal) || content.Contains("测试一", StringComparison.Ordinal), file);
        }
    }

    [Fact]
    public async Task The_key_is_the_one_that_the_lane_gives_to_the_card()
    {
        await ImportAsync(TwoResidents);
        var secret = Convert.FromBase64String((await File.ReadAllTextAsync(_directory["data", "keys", "site.key"])).Trim());

        var key = TestLists.Key(new PersonKeys(secret), People.Number);

        Assert.NotNull(Store.Load("residents").Register!.Persons.Find(key));
        Assert.Equal(key.ToString(), new PersonKeys(secret).KeyOf(People.Card()));
    }

    [Fact]
    public async Task One_wrong_line_and_nothing_is_changed_and_every_fault_is_told_by_line_without_a_number_or_name()
    {
        await ImportAsync(TwoResidents);

        var said = await ImportAsync("""
            id,name,unit,status,from,until
            999999190001010016,测试一,1-1,resident,,
            9.99999E+17,测试二,1-2,resident,,
            999999190001010031,测试三,1-3,Resident!,,
            999999190001010015,测试四,1-4,resident,2022-03-05,2022-03-01
            999999190001010023,测试五,1-5,resident,,
            999999190001010023,测试六,1-6,resident,,
            ,测试七,1-7,resident,,
            """);

        Assert.Equal((2, ""), (said.ExitCode, said.Output));
        string[] faults = [.. said.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        Assert.StartsWith("Nothing was changed", faults[0], StringComparison.Ordinal);
        Assert.Contains(faults, fault => fault.StartsWith("line 2: the check digit", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("line 3: Excel has rounded", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("line 4: status", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("line 5: from and until", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault == "line 7: is the same person as line 6");
        Assert.Contains(faults, fault => fault.StartsWith("line 8: must say who", StringComparison.Ordinal));
        Assert.DoesNotContain("9999991900", said.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("测试", said.Errors, StringComparison.Ordinal);
        Assert.Equal(1, Store.Load("residents").Register!.Version);
    }

    [Theory]
    [InlineData("id,name,telephone\n", "line 1: column 3 has a heading that is not known")]
    [InlineData("name,unit\n测试一,1\n", "line 1: no column says who")]
    [InlineData("id,身份证号\n", "line 1: column 2 means id, as column 1 does")]
    [InlineData("id,name\n\"999999190001010015,测试一\n", "line 2: a quotation mark is opened and never closed")]
    [InlineData("", "the file is empty")]
    [InlineData("PK\u0003\u0004", "this is an Excel workbook: save it as CSV")]
    [InlineData("id,name\n999999190001010015,测试一,3-1\n", "line 2: has more fields than the 2 headings")]
    public async Task A_file_that_is_no_such_list_is_one_clear_line(string csv, string sentence)
    {
        var said = await ImportAsync(csv);

        Assert.Equal(2, said.ExitCode);
        Assert.Contains(sentence, said.Errors, StringComparison.Ordinal);
        Assert.Empty(Store.Names);
    }

    public static TheoryData<string> HowExcelSaves => ["utf-8", "utf-8 with mark", "gb18030", "utf-16", "semicolon", "tab", "quoted", "sep=", "text formula", "windows lines"];

    [Theory, MemberData(nameof(HowExcelSaves))]
    public async Task However_Excel_saves_a_list_it_is_the_same_list(string how)
    {
        var gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!;
        const string Csv = $"身份证号,姓名,房号,类别\n{People.Number},测试一,3-1-502,居民\n";
        var bytes = how switch
        {
            "utf-8 with mark" => [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Csv)],
            "gb18030" => gb18030.GetBytes(Csv),
            "utf-16" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Csv.Replace(',', '\t'))],
            "semicolon" => Encoding.UTF8.GetBytes(Csv.Replace(',', ';')),
            "tab" => Encoding.UTF8.GetBytes(Csv.Replace(',', '\t')),
            "quoted" => Encoding.UTF8.GetBytes(string.Join('\n', Csv.TrimEnd().Split('\n').Select(line => '"' + line.Replace(",", "\",\"", StringComparison.Ordinal) + '"'))),
            "sep=" => Encoding.UTF8.GetBytes("sep=;\r\n" + Csv.Replace(',', ';')),
            "text formula" => Encoding.UTF8.GetBytes(Csv.Replace(People.Number, $"\"=\"\"{People.Number}\"\"\"", StringComparison.Ordinal)),
            "windows lines" => Encoding.UTF8.GetBytes(Csv.Replace("\n", "\r\n", StringComparison.Ordinal) + ",,,\r\n\r\n"),
            _ => Encoding.UTF8.GetBytes(Csv),
        };
        await File.WriteAllBytesAsync(_directory["excel.csv"], bytes);

        var said = await RunAsync("import", "residents", _directory["excel.csv"]);

        Assert.Equal("", said.Errors);
        var entry = Assert.Single(Store.Load("residents").Register!.Persons.Entries);
        Assert.Equal(("测**", "3-1-502", "resident"), (entry.MaskedName, entry.Unit, entry.Terms.Status));
    }

    [Fact]
    public async Task A_guard_adds_one_person_by_hand_with_a_tag_until_a_day_and_the_rest_stays()
    {
        await ImportAsync(TwoResidents);

        var said = await ImportAsync("id,unit,tags\n999999190001010031,3-1-1,exit-approved@..2022-03-02\n", "--merge", "--reason", "the head of the estate approved a hospital visit");

        Assert.Contains("version 2, 3 persons (1 added, 0 changed, 0 removed)", said.Output, StringComparison.Ordinal);
        var change = Assert.Single(Store.ChangesSince("residents", 1));
        Assert.Equal(("guard-3", 3), (change.By, change.Persons));
        Assert.NotNull(change.SealedReason);
        Assert.DoesNotContain("hospital", change.SealedReason, StringComparison.Ordinal);
        Assert.Contains("version 3, 2 persons", (await ImportAsync("id\n999999190001010031\n", "--remove")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_exported_can_be_imported_again_and_changes_nothing()
    {
        await ImportAsync("id,name,unit,status,tags,gates,schedule,from,until\n" +
            $"{People.Number},测试一,=3-1,staff,medicine@2022-03-01..2022-03-14 exam,gate-1 gate-2,early,2022-01-01,2022-12-31 18:00\n");
        var exported = await RunAsync("export", "residents");

        var said = await ImportAsync(exported.Output);

        Assert.Contains("nothing to change, version 1 stays", said.Output, StringComparison.Ordinal);
        Assert.Contains(",'=3-1,", exported.Output, StringComparison.Ordinal); // no formula for the spreadsheet
        Assert.DoesNotContain(People.Number, exported.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_shows_what_an_import_would_change_and_changes_nothing()
    {
        await ImportAsync(TwoResidents);

        var said = await RunAsync("diff", "residents", _directory.Write("new.csv", $"id,name,unit,status\n{People.Number},测试一,9-9,resident\n999999190001010031,测试三,1-1,resident\n"));

        Assert.Equal(["added: 1", "changed: 1", "removed: 1"], said.Output.Split('\n').Where(line => line.Length > 0 && line[0] != ' '));
        Assert.Equal(1, Store.Load("residents").Register!.Version);
    }

    [Fact]
    public async Task Two_lists_of_exam_candidates_are_reconciled_in_one_but_not_the_other()
    {
        await ImportAsync(TwoResidents);
        var school = _directory.Write("school.csv", $"身份证号\n{People.Number}\n999999190001010031\n");

        var said = await RunAsync("reconcile", "residents", school);

        Assert.Equal(1, said.ExitCode);
        Assert.Equal([$"in residents but not in {school}: 1", $"in {school} but not in residents: 1"], said.Output.Split('\n').Where(line => line.Length > 0 && line[0] != ' '));
        Assert.Equal(0, (await RunAsync("reconcile", "residents", "residents")).ExitCode);
    }

    [Fact]
    public async Task The_sites_plan_is_a_register_too()
    {
        const string Plan = """
            {
              "zones": [{ "name": "east", "risk": "high", "units": ["3-"] }],
              "schedules": [{ "name": "odd", "windows": [{ "days": ["monday", "thursday"], "from": "09:00", "to": "11:00" }] }],
              "slots": [{ "units": ["1-"], "schedule": "odd" }],
              "holidays": ["2022-04-05"]
            }
            """;

        var said = await RunAsync("import", "plan", _directory.Write("plan.json", Plan));

        Assert.Equal("", said.Errors);
        Assert.Equal("east", Store.Load("plan").Register!.Plan!.ZoneOf("3-1-502")!.Name);
        Assert.Contains("plan: version 1, the site's plan", (await RunAsync("list")).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("import", "plan", _directory.Write("bad.json", "{ \"zonse\": [] }"))).ExitCode);
        Assert.Equal(2, (await RunAsync("import", "plan", _directory.Write("slot.json", "{ \"slots\": [{ \"units\": [], \"schedule\": \"none\" }] }"))).ExitCode);
        Assert.Equal(1, Store.Load("plan").Register!.Version);
    }

    [Fact]
    public async Task While_somebody_else_changes_a_list_the_command_says_so()
    {
        using var _ = Store.Lock();

        var said = await ImportAsync(TwoResidents);

        Assert.Equal(1, said.ExitCode);
        Assert.NotEmpty(said.Errors);
    }
}
