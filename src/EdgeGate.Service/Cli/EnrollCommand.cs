using System.CommandLine;
using EdgeGate.Messages.Enrolment;
using EdgeGate.Service.Enrolment;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate enroll</c>: makes this box the gate that the center made a bundle for.</summary>
internal static class EnrollCommand
{
    /// <param name="input">Where the passphrase is read from; never from the command line, which others can read.</param>
    public static Command Create(TimeProvider time, TextReader input)
    {
        var settings = EdgeGateCommand.SettingsOption();
        var bundle = new Argument<string>("bundle") { Description = "The file that edgegate-center gate add … --out made." };
        var command = new Command("enroll", "Takes a bundle of the center: keys into files, and the sections of gate.json that name them; as the gate's user. Asks for the passphrase.") { bundle, settings };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            try
            {
                var file = await File.ReadAllBytesAsync(parsed.GetValue(bundle)!, cancellationToken);
                await terminal.Error.WriteAsync("Passphrase: ");
                var passphrase = await input.ReadLineAsync(cancellationToken) ?? "";
                return Apply(SealedBundle.Open(file, passphrase), Path.GetFullPath(parsed.GetValue(settings)!), time, terminal);
            }
            catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                await terminal.Error.WriteLineAsync(unusable.Message);
                return ExitCode.Unusable;
            }
        });
        return command;
    }

    private static int Apply(EnrolmentBundle bundle, string settingsFile, TimeProvider time, InvocationConfiguration terminal)
    {
        var (directory, settings) = GateEnrolment.Apply(bundle, settingsFile, time.GetUtcNow());
        terminal.Output.WriteLine($"this box is {bundle.Site}/{bundle.Gate}; its keys are in {directory}");
        if (settings is SettingsResult.Invalid { Faults: var faults })
        {
            EdgeGateSettings.Tell(terminal.Error, settingsFile, faults);
            return ExitCode.Failed;
        }
        terminal.Output.WriteLine("next: edgegate doctor, then systemctl restart edgegate; the center knows the gate from its first login on, and the bundle is worth nothing then");
        return ExitCode.Done;
    }
}
