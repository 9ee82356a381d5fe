using System.CommandLine;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate rounds</c>: the codes that hang at the places of the guards' rounds.</summary>
internal static class RoundsCommand
{
    public static Command Create() => new("rounds", "Codes for the places of patrol and disinfection rounds.") { Sheet() };

    private static Command Sheet()
    {
        var settings = EdgeGateCommand.SettingsOption();
        var to = new Option<string>("--output", "-o") { Description = "The HTML file; print it from any browser.", HelpName = "file", Required = true };
        var command = new Command("sheet", "Makes a code for each place of rounds.places, on A4 to cut out and hang up there.") { to, settings };
        command.SetAction(parsed =>
        {
            var terminal = parsed.InvocationConfiguration;
            var file = parsed.GetValue(settings)!;
            if (EdgeGateSettings.Read(file) is not SettingsResult.Valid { Settings: var gate })
            {
                terminal.Error.WriteLine($"{file} cannot be used (edgegate config check tells why)");
                return ExitCode.Unusable;
            }
            if (gate.Rounds.Places.Count == 0)
            {
                terminal.Error.WriteLine($"{file} names no places: add them to rounds.places.");
                return ExitCode.Failed;
            }
            try
            {
                File.WriteAllText(parsed.GetValue(to)!, RoundSheet.Create(gate.Site, gate.Rounds.Places));
                terminal.Output.WriteLine($"{gate.Rounds.Places.Count} {(gate.Rounds.Places.Count == 1 ? "place is" : "places are")} in {parsed.GetValue(to)}: print it and hang each code up at its place");
                return ExitCode.Done;
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                terminal.Error.WriteLine(unwritable.Message);
                return ExitCode.Failed;
            }
        });
        return command;
    }
}
