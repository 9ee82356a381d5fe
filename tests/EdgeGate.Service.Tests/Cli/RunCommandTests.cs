using EdgeGate.Service.Cli;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Settings;

namespace EdgeGate.Service.Tests.Cli;

public sealed class RunCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StringWriter _errors = new();

    public void Dispose()
    {
        _directory.Dispose();
        _errors.Dispose();
    }

    [Fact]
    public void Good_settings_are_kept_as_the_last_that_worked()
    {
        var file = _directory.Write("gate.json", SmallSettings.Text);

        Assert.Equal("gate-1", RunCommand.Read(file, _errors)?.Gate);

        Assert.Equal(SmallSettings.Text, File.ReadAllText(new LastGoodSettings(file).Path));
        Assert.Empty(_errors.ToString());
    }

    [Fact]
    public void With_broken_settings_the_gate_starts_from_the_last_that_worked_and_says_both()
    {
        var file = _directory.Write("gate.json", SmallSettings.Text);
        RunCommand.Read(file, TextWriter.Null);
        File.WriteAllText(file, SmallSettings.Text.Replace("\"gate-1\"", "7", StringComparison.Ordinal));

        Assert.Equal("gate-1", RunCommand.Read(file, _errors)?.Gate);

        Assert.Contains("gate (line 3)", _errors.ToString(), StringComparison.Ordinal);
        Assert.Contains($"The gate starts with the last settings that worked, {file}.last-good. Mend {file}", _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(SmallSettings.Text, File.ReadAllText(file + ".last-good")); // not replaced by the broken ones
    }

    [Fact]
    public async Task With_neither_it_ends_with_2_and_every_fault()
    {
        var said = await CommandLine.RunAsync("run", "-s", _directory.Write("gate.json", "{ \"site\": 1 }"));

        Assert.Equal(2, said.ExitCode);
        Assert.Contains("faults", said.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said.Errors, StringComparison.Ordinal); // no stack trace
    }

    [Fact]
    public async Task A_key_file_that_cannot_be_used_ends_it_with_2_and_one_sentence()
    {
        var settings = SmallSettings.With(
            "\"rules\": {},", $"\"rules\": {{}}, \"privacy\": {{ \"centerPublicKeyFile\": \"{_directory.Write("center.pem", "no key")}\" }},")
            .Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal);

        var said = await CommandLine.RunAsync("run", "-s", _directory.Write("gate.json", settings));

        Assert.Equal(2, said.ExitCode);
        Assert.Contains("center.pem is no public key to seal to", Assert.Single(said.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_on_trial_that_fail_are_left_for_those_before_also_when_that_cannot_be_kept()
    {
        var badKey = SmallSettings.With("\"rules\": {},", $"\"rules\": {{}}, \"privacy\": {{ \"centerPublicKeyFile\": \"{_directory.Write("center.pem", "no key")}\" }},");
        var file = _directory.Write("gate.json", badKey.Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal));
        var inTheWay = badKey.Replace("/var/lib/edgegate", file + ".trial.new", StringComparison.Ordinal); // of the next step of the trial
        new SettingsTrial(file).Write(new ProposedSettings("command-1", WithinSeconds: 30, inTheWay, TrialPhase.Proposed));

        var said = await CommandLine.RunAsync("run", "-s", file);

        Assert.Contains("The settings on trial are taken back", said.Errors, StringComparison.Ordinal);
        Assert.Contains("center.pem is no public key to seal to", said.Errors.TrimEnd().Split('\n')[^1], StringComparison.Ordinal); // as gate.json's own settings say
        Assert.Equal(2, said.ExitCode);
    }
}
