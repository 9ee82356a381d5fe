using EdgeGate.Service.Cli;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Settings;

namespace EdgeGate.Service.Tests.Cli;

public sealed class ConfigCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Good_settings_are_called_good_with_the_gates_name()
    {
        var file = _directory.Write("gate.json", SmallSettings.Text);

        var said = await CommandLine.RunAsync("config", "check", "-s", file);

        Assert.Equal(0, said.ExitCode);
        Assert.StartsWith($"{file}: good, gate estate/gate-1", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_fault_is_listed_and_the_exit_code_is_2()
    {
        var file = _directory.Write("gate.json", SmallSettings.Text
            .Replace("\"estate\"", "\"Estate!\"", StringComparison.Ordinal).Replace("\"direction\": \"entry\"", "\"direction\": \"up\"", StringComparison.Ordinal));

        var said = await CommandLine.RunAsync("config", "check", "-s", file);

        Assert.Equal(2, said.ExitCode);
        Assert.Contains("2 faults", said.Errors, StringComparison.Ordinal);
        Assert.Contains("  site (line 2)", said.Errors, StringComparison.Ordinal);
        Assert.Contains("  lanes[0].direction (line 5)", said.Errors, StringComparison.Ordinal);
        Assert.Empty(said.Output);
    }

    [Fact]
    public async Task A_missing_file_is_one_fault_that_names_the_way_out()
    {
        var said = await CommandLine.RunAsync("config", "check", "-s", _directory["nothing.json"]);

        Assert.Equal(2, said.ExitCode);
        Assert.Contains("edgegate config sample", said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sample_passes_its_own_check()
    {
        var sample = await CommandLine.RunAsync("config", "sample");
        var file = _directory.Write("gate.json", sample.Output);

        var said = await CommandLine.RunAsync("config", "check", "-s", file);

        Assert.Equal((0, ""), (said.ExitCode, said.Errors));
    }

    [Fact]
    public async Task The_schema_is_one_json_document()
    {
        var said = await CommandLine.RunAsync("config", "schema");

        using var schema = System.Text.Json.JsonDocument.Parse(said.Output);
        Assert.True(schema.RootElement.TryGetProperty("$schema", out _));
    }

    [Fact]
    public void Of_very_many_faults_the_first_fifty_are_told_and_the_rest_counted()
    {
        using var errors = new StringWriter();

        EdgeGateSettings.Tell(errors, "gate.json", [.. Enumerable.Range(1, 1000).Select(i => new SettingsFinding($"key{i}", null, "is unknown."))]);

        var lines = errors.ToString().TrimEnd().Split('\n');
        Assert.Equal(52, lines.Length);
        Assert.Equal("gate.json: 1000 faults", lines[0]);
        Assert.Equal("  key50 is unknown.", lines[50]);
        Assert.Equal("  and 950 more", lines[51]);
    }
}
