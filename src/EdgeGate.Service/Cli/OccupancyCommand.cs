using System.CommandLine;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate occupancy</c>: sets the number of people inside right, when somebody has counted.</summary>
internal static class OccupancyCommand
{
    public static Command Create()
    {
        var settings = EdgeGateCommand.SettingsOption();
        var inside = new Argument<int>("inside") { Description = "How many people are inside the site now." };
        var by = new Option<string>("--by") { Description = "Who counted: an account or role, for the record.", DefaultValueFactory = _ => Environment.UserName };
        var set = new Command("set", "Says how many people are inside; the running gate takes it up within two seconds, or as soon as it hears the other gates.") { inside, settings, by };
        set.SetAction(parsed =>
        {
            var terminal = parsed.InvocationConfiguration;
            if (EdgeGateSettings.Read(parsed.GetValue(settings)!) is not SettingsResult.Valid { Settings: var gate } || parsed.GetValue(inside) < 0)
            {
                terminal.Error.WriteLine("The settings cannot be used (edgegate config check tells why), or the number is below zero.");
                return ExitCode.Unusable;
            }
            try
            {
                OccupancyCorrection.Request(OccupancySetup.CorrectionFileOf(gate), new CountedInside(parsed.GetValue(inside), parsed.GetValue(by)!));
                return ExitCode.Done;
            }
            catch (IOException unwritable)
            {
                terminal.Error.WriteLine(unwritable.Message);
                return ExitCode.Failed;
            }
        });
        return new Command("occupancy", "The number of people inside the site.") { set };
    }
}
