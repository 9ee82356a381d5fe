using System.CommandLine;
using EdgeGate.Center.Database;
using EdgeGate.Center.Settings;

namespace EdgeGate.Center.Cli;

/// <summary><c>edgegate-center run</c>: the center itself, until it is told to stop.</summary>
internal static class RunCommand
{
    public static Command Create(TimeProvider time)
    {
        var settings = CenterCommand.SettingsOption();
        var command = new Command("run", "Runs the center until it is stopped.") { settings };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var errors = parsed.InvocationConfiguration.Error;
            try
            {
                await using var app = CenterHost.Build(CenterSettingsFile.Read(parsed.GetValue(settings)!), time);
                await app.RunAsync(cancellationToken);
                return ExitCode.Done;
            }
            catch (Exception unusable) when (unusable is CenterSettingsException or MigrationException)
            {
                await errors.WriteLineAsync(unusable.Message);
                return ExitCode.Unusable;
            }
            catch (IOException taken) when (taken.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
            {
                await errors.WriteLineAsync("web.address is used by another program; choose another port");
                return ExitCode.Unusable;
            }
        });
        return command;
    }
}
