using System.CommandLine;
using System.Text;
using EdgeGate.Messages.Records;
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

    /// <summary>More than once when settings were on trial: each trial, and each return, is a start.</summary>
    private static async Task<int> RunAsync(string file, TimeProvider time, TextWriter errors, CancellationToken cancellationToken)
    {
        // Beside the settings, on a core of its own: what the first decision would otherwise wait for, 50 ms.
        _ = Task.Run(() => (RecordShapes.Default.DecidedRecord, RecordShapes.Default.SealedEvidence, RecordShapes.Default.PassageRecord), CancellationToken.None);
        var trial = new SettingsTrial(file);
        while (true)
        {
            var proposed = Advance(trial, errors);
            var onTrial = proposed is { Phase: TrialPhase.Running };
            if ((onTrial ? Parse(proposed!) : Read(file, errors)) is not { } settings)
            {
                if (!onTrial)
                    return ExitCode.Unusable;
                TakeBack(trial, proposed!, "they cannot be used together with the environment variables of this start", errors);
                continue;
            }
            try
            {
                var keys = GateKeys.LoadOrMake(settings.Privacy, settings.DataDirectory);
                await using var app = await GateHost.BuildAsync(settings, keys, time, cancellationToken, trial, proposed);
                var restart = app.Services.GetRequiredService<GateRestart>();
                LogStarting(app.Logger, settings.Site, settings.Gate, settings.Web.Address);
                foreach (var note in keys.Notes)
                    LogKeyNote(app.Logger, note);
                await app.RunAsync(cancellationToken);
                if (!restart.IsAsked)
                    return ExitCode.Done;
            }
            catch (Exception unusable) when (onTrial && unusable is not OperationCanceledException && trial.Current is { Phase: TrialPhase.Running })
            {
                TakeBack(trial, proposed!, $"the gate does not start with them: {unusable.Message}", errors);
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
    }

    /// <summary>A trial that cannot be carried on, for the directory cannot be written, is none: gate.json is whole.</summary>
    private static ProposedSettings? Advance(SettingsTrial trial, TextWriter errors)
    {
        try
        {
            return trial.Advance();
        }
        catch (IOException unwritable)
        {
            errors.WriteLine($"Settings on trial are left alone: {unwritable.Message}");
            return null;
        }
    }

    /// <summary>What cannot be written is no reason to end: the start that follows finds the trial interrupted, and goes back or leaves it alone.</summary>
    private static void TakeBack(SettingsTrial trial, ProposedSettings running, string cause, TextWriter errors)
    {
        errors.WriteLine($"The settings on trial are taken back: {cause}");
        try
        {
            trial.Write(running with { Phase = TrialPhase.Reverted, Cause = cause });
        }
        catch (IOException unwritable)
        {
            errors.WriteLine($"That could not be kept: {unwritable.Message}");
        }
    }

    private static GateSettings? Parse(ProposedSettings proposed) =>
        (SettingsFile.Parse(Encoding.UTF8.GetBytes(proposed.Settings), "the settings on trial", SettingsEnvironment.OfThisProcess) as SettingsResult.Valid)?.Settings;

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
