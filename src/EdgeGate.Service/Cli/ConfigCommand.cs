using System.CommandLine;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate config</c>: look at settings without running them.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var settings = EdgeGateCommand.SettingsOption();
        var check = new Command("check", "Checks the settings and lists every fault at once.") { settings };
        check.SetAction(parsed => Check(parsed.GetValue(settings)!, parsed.InvocationConfiguration));
        var schema = new Command("schema", "Prints the JSON Schema of the settings, for editors; keep it as gate.schema.json beside gate.json.");
        schema.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(SettingsSchema.Create()));
        var sample = new Command("sample", "Prints a commented gate.json to start from.");
        sample.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(SettingsFile.Sample));
        return new Command("config", "Checks and explains the settings.") { check, schema, sample };
    }

    private static int Check(string file, InvocationConfiguration terminal)
    {
        switch (EdgeGateSettings.Read(file))
        {
            case SettingsResult.Valid valid:
                terminal.Output.WriteLine($"{file}: good, gate {valid.Settings.Site}/{valid.Settings.Gate}");
                foreach (var note in valid.Notes)
                    terminal.Output.WriteLine("  note: " + note);
                return ExitCode.Done;
            case SettingsResult.Invalid invalid:
                EdgeGateSettings.Tell(terminal.Error, file, invalid.Faults);
                break;
        }
        return ExitCode.Unusable;
    }
}
