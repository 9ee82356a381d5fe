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
        check.SetAction(parsed => Check(parsed.GetValue(settings)!));
        var schema = new Command("schema", "Prints the JSON Schema of the settings, for editors; keep it as gate.schema.json beside gate.json.");
        schema.SetAction(_ => Console.Out.WriteLine(SettingsSchema.Create()));
        var sample = new Command("sample", "Prints a commented gate.json to start from.");
        sample.SetAction(_ => Console.Out.WriteLine(SettingsFile.Sample));
        return new Command("config", "Checks and explains the settings.") { check, schema, sample };
    }

    private static int Check(string file)
    {
        switch (EdgeGateSettings.Read(file))
        {
            case SettingsResult.Valid valid:
                Console.Out.WriteLine($"{file}: good, gate {valid.Settings.Site}/{valid.Settings.Gate}");
                foreach (var note in valid.Notes)
                    Console.Out.WriteLine("  note: " + note);
                return ExitCode.Done;
            case SettingsResult.Invalid invalid:
                EdgeGateSettings.Tell(Console.Error, file, invalid.Faults);
                break;
        }
        return ExitCode.Unusable;
    }
}
