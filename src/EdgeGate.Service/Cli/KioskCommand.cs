using System.CommandLine;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate kiosk</c>: what an installer prepares for the screens.</summary>
internal static class KioskCommand
{
    public static Command Create()
    {
        var settings = EdgeGateCommand.SettingsOption();
        var anew = new Option<bool>("--anew") { Description = "Also those that are there: after a new espeak-ng, or to be rid of a recorded voice." };
        var voice = new Command("voice", "Makes the spoken prompts with Debian's espeak-ng; a running gate speaks as soon as all are there.") { settings, anew };
        voice.SetAction(async (parsed, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            if (EdgeGateSettings.Read(parsed.GetValue(settings)!) is not SettingsResult.Valid { Settings: var gate })
            {
                await terminal.Error.WriteLineAsync("The settings cannot be used (edgegate config check tells why).");
                return ExitCode.Unusable;
            }
            var files = KioskSetup.VoiceFilesOf(gate);
            try
            {
                if (!files.CanBeMade)
                    throw new IOException(files.CannotBeMade);
                await files.MakeAsync(parsed.GetValue(anew), cancellationToken);
            }
            catch (IOException failed)
            {
                await terminal.Error.WriteLineAsync(failed.Message);
                return ExitCode.Failed;
            }
            foreach (var file in files.All)
                await terminal.Output.WriteLineAsync(file);
            if (gate.Web.Kiosk.Voice is null)
                await terminal.Error.WriteLineAsync("The kiosk stays silent: there is no web.kiosk.voice in the settings.");
            return ExitCode.Done;
        });
        return new Command("kiosk", "The screens and the voice of this gate.") { voice };
    }
}
