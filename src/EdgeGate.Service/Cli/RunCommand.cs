using System.CommandLine;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate run</c>: the gate itself, until it is told to stop.</summary>
internal static partial class RunCommand
{
    public static Command Create(TimeProvider time)
    {
        var settings = EdgeGateCommand.SettingsOption();
        var command = new Command("run", "Runs the gate until it is stopped.") { settings };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(settings)!, time, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string file, TimeProvider time, TextWriter errors, CancellationToken cancellationToken)
    {
        if (Read(file, errors) is not { } settings)
            return ExitCode.Unusable;
        try
        {
            var keys = GateKeys.LoadOrMake(settings.Privacy, settings.DataDirectory);
            await using var app = await GateHost.BuildAsync(settings, keys, time, cancellationToken);
            LogStarting(app.Logger, settings.Site, settings.Gate, settings.Web.Address);
            foreach (var note in keys.Notes)
                LogKeyNote(app.Logger, note);
            await app.RunAsync(cancellationToken);
            return ExitCode.Done;
        }
        catch (GateKeyException unusable)
        {
            await errors.WriteLineAsync(unusable.Message);
            return ExitCode.Unusable;
        }
        catch (IOException taken) when (taken.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await errors.WriteLineAsync($"web.address {settings.Web.Address} is used by another program; choose another port in {file}");
            return ExitCode.Unusable;
        }
    }

    /// <summary>The settings, or the last ones that worked; null when there are neither.</summary>
    internal static GateSettings? Read(string file, TextWriter errors)
    {
        var lastGood = new LastGoodSettings(file);
        switch (EdgeGateSettings.Read(file))
        {
            case SettingsResult.Valid valid:
                lastGood.Keep();
                return valid.Settings;
            case SettingsResult.Invalid invalid:
                EdgeGateSettings.Tell(errors, file, invalid.Faults);
                if (!lastGood.Exists || EdgeGateSettings.Read(lastGood.Path) is not SettingsResult.Valid before)
                    return null;
                errors.WriteLine($"The gate starts with the last settings that worked, {lastGood.Path}. Mend {file} and restart the gate.");
                return before.Settings;
            default:
                return null;
        }
    }

    [LoggerMessage(LogLevel.Information, "Gate {Site}/{Gate} starts; kiosk at {Address}kiosk")]
    private static partial void LogStarting(ILogger log, string site, string gate, Uri address);

    [LoggerMessage(LogLevel.Warning, "Keys: {Note}")]
    private static partial void LogKeyNote(ILogger log, string note);
}
