using System.Runtime.Versioning;
using System.Text;
using EdgeGate.Service.Settings;
using static EdgeGate.Service.Tests.Settings.SmallSettings;

namespace EdgeGate.Service.Tests.Settings;

public sealed class SettingsFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("edgegate-settings-");

    public void Dispose() => _directory.Delete(recursive: true);

    private string Write(byte[] content)
    {
        var path = Path.Combine(_directory.FullName, "gate.json");
        File.WriteAllBytes(path, content);
        return path;
    }

    private static string FaultOf(string path)
    {
        var fault = Assert.Single(Faults(SettingsFile.Read(path, [])));
        return fault.Replace(path, "gate.json", StringComparison.Ordinal);
    }

    private string Fault(byte[] content) => FaultOf(Write(content));

    private string Fault(string content) => Fault(Encoding.UTF8.GetBytes(content));

    [Fact]
    public void The_least_a_gate_needs_is_read_and_the_rest_has_defaults()
    {
        var settings = IsValid(SettingsFile.Read(Write(Encoding.UTF8.GetBytes(Text)), [])).Settings;

        Assert.Equal("estate", settings.Site);
        Assert.Equal(new Uri("http://localhost:8080"), settings.Web.Address);
        Assert.Equal([LaneEvidence.Identity, LaneEvidence.Temperature], settings.Lanes[0].Evidence);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.Lanes[0].Window);
        Assert.Equal(115200, Assert.IsType<SamVReaderSettings>(Assert.Single(settings.Lanes[0].Readers)).Baud);
        Assert.Equal(9600, Assert.IsType<GyMcu90614Settings>(settings.Lanes[0].Thermometer).Baud);
        Assert.Equal(PortalWithoutJournal.StayClosed, Assert.IsType<LcusPortalSettings>(settings.Lanes[0].Portal).WhenJournalFails);
        Assert.Equal(37.3m, settings.Rules.Temperature.MaxCelsius);
        Assert.Equal(256, settings.Broker!.Window);
        Assert.Equal(2048, settings.Journal.DiskBudgetMegabytes);
    }

    [Fact]
    public void The_sample_is_valid_and_gives_no_notes()
    {
        var valid = IsValid(Parse(SettingsFile.Sample));

        Assert.Empty(valid.Notes);
        Assert.Equal(new TimeOnly(21, 30), valid.Settings.Rules.CredentialGroups[1].From);
    }

    [Fact]
    public void An_absent_file_is_a_fault()
    {
        const string Sentence = "gate.json does not exist: \"edgegate config sample\" prints settings to start from.";
        Assert.Equal(Sentence, FaultOf(Path.Combine(_directory.FullName, "gate.json")));
        Assert.Equal(Sentence, FaultOf(Path.Combine(_directory.FullName, "no-directory", "gate.json")));
    }

    [Fact]
    public void A_directory_is_a_fault() =>
        Assert.Equal("gate.json is a directory: name the settings file in it.", FaultOf(_directory.FullName));

    [SkippableFact, UnsupportedOSPlatform("windows")]
    public void A_file_of_somebody_else_is_a_fault()
    {
        Skip.If(Environment.IsPrivilegedProcess, "root may read every file");
        var path = Write(Encoding.UTF8.GetBytes(Text));
        File.SetUnixFileMode(path, UnixFileMode.None);
        Assert.Equal($"gate.json may not be read by user {Environment.UserName}: check its owner and mode.", FaultOf(path));
    }

    [Theory, InlineData("/proc/self/mem"), InlineData(""), InlineData("gate\0.json")]
    public void What_cannot_be_read_is_a_fault(string path)
    {
        var fault = Assert.Single(Faults(SettingsFile.Read(path, [])));
        Assert.StartsWith($"{path} cannot be read: ", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_100_MB_is_a_fault()
    {
        var path = Write([]);
        using (var file = File.OpenWrite(path))
            file.SetLength(100_000_000);
        Assert.Equal("gate.json is larger than 1 MiB, so it is no settings file.", FaultOf(path));
    }

    [Theory, InlineData(""), InlineData(" \r\n\t")]
    public void An_empty_file_is_a_fault(string content) =>
        Assert.Equal("gate.json is empty: \"edgegate config sample\" prints settings to start from.", Fault(content));

    [Fact]
    public void A_byte_order_mark_is_passed_over() =>
        IsValid(SettingsFile.Read(Write([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Text)]), []));

    [Fact]
    public void Utf16_is_a_fault()
    {
        Assert.Equal("gate.json is UTF-16 text: save it as UTF-8.", Fault([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Text)]));
        Assert.Equal("gate.json is UTF-16 text: save it as UTF-8.", Fault([.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(Text)]));
    }

    [Fact]
    public void Gbk_in_a_value_or_a_key_is_a_fault_with_its_line()
    {
        byte[] test = [0xB2, 0xE2, 0xCA, 0xD4]; // 测试 in GBK
        Assert.Equal("gate.json (line 2) is not UTF-8 text (perhaps GBK): save it as UTF-8.", Fault([.. "{\n\"site\": \""u8, .. test, .. "\" }"u8]));
        Assert.Equal("gate.json (line 3) is not UTF-8 text (perhaps GBK): save it as UTF-8.", Fault([.. "{\n\"site\": \"a\",\n\""u8, .. test, .. "\": 1 }"u8]));
    }

    [Theory]
    [InlineData("{\n  \"site\": \"测试\" \"gate\"", "line 2, column 16", "'\"' is invalid after a value. Expected either ',', '}', or ']'.")]
    [InlineData("{ \"site\": \"a\" }\n}", "line 2, column 1", "'}' is invalid after a single JSON value. Expected end of data.")]
    [InlineData("{ \"site\": 'a' }", "line 1, column 11", "''' is an invalid start of a value.")]
    [InlineData("{ \"port\": 0x10 }", "line 1, column 12", "'x' is an invalid end of a number. Expected a delimiter.")]
    public void Broken_json_is_a_fault_with_line_and_column(string content, string where, string reason) =>
        Assert.Equal($"gate.json ({where}) cannot be read as JSON: {reason}", Fault(content));

    [Fact]
    public void Deep_nesting_is_a_fault() =>
        Assert.Equal("gate.json (line 1, column 22) cannot be read as JSON: The maximum configured depth of 16 has been exceeded. Cannot read next JSON array.", Fault("{ \"a\":" + new string('[', 100_000)));

    [Theory]
    [InlineData("[]", "a list of 0")]
    [InlineData("42", "42")]
    [InlineData("null", "null")]
    public void What_is_no_object_is_a_fault(string content, string instead) =>
        Assert.Equal($"gate.json must be an object {{ … }}, not {instead}.", Fault(content));
}
