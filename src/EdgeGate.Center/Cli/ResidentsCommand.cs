using System.CommandLine;
using EdgeGate.Center.Registers;
using EdgeGate.Center.Settings;
using EdgeGate.Center.Tracing;

namespace EdgeGate.Center.Cli;

/// <summary><c>edgegate-center residents</c>: who lives where, so that a trace knows households and buildings.</summary>
internal static class ResidentsCommand
{
    public static Command Create(TimeProvider time) => new("residents", "Who lives where, for tracing.") { Import(time) };

    private static Command Import(TimeProvider time)
    {
        var settings = CenterCommand.SettingsOption();
        var file = new Argument<string>("file") { Description = "CSV with the columns id_number, name, unit (3-1-502). Numbers and names are not kept: only the person's key and the masked name." };
        var site = new Option<string>("--site") { Description = "Whose residents they are.", HelpName = "id", Required = true };
        var purpose = new Option<string>("--purpose") { Description = "Why the list is replaced; kept on record.", HelpName = "text", Required = true };
        var asker = new Option<string>("--asker") { Description = "Who does it; kept on record.", HelpName = "name", DefaultValueFactory = _ => Environment.UserName };
        var command = new Command("import", "Puts a list in place of the site's list before; if a line is wrong, nothing changes.") { file, settings, site, purpose, asker };
        command.SetDatabaseAction(settings, async (parsed, read, database, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            if (read.Sites.FirstOrDefault(known => known.Id == parsed.GetValue(site)) is not { } known)
            {
                await terminal.Error.WriteLineAsync($"sites: {parsed.GetValue(site)} is not in the settings");
                return ExitCode.Unusable;
            }
            if (Asker.Of(parsed.GetValue(asker)!, parsed.GetValue(purpose)!, out var missing) is not { } who)
            {
                await terminal.Error.WriteLineAsync(missing);
                return ExitCode.Unusable;
            }
            try
            {
                using var csv = new StreamReader(parsed.GetValue(file)!);
                var (residents, faults) = await new ResidentList(database, new Audit(time)).ReplaceAsync(csv, known.Id, CenterSettingsFile.ReadSiteKey(known), who, cancellationToken);
                foreach (var fault in faults)
                    await terminal.Error.WriteLineAsync(fault);
                await terminal.Output.WriteLineAsync(faults.Count == 0 ? $"{residents} residents of {known.Id}" : "nothing was changed");
                return faults.Count == 0 ? ExitCode.Done : ExitCode.Failed;
            }
            catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
            {
                await terminal.Error.WriteLineAsync(unusable.Message);
                return ExitCode.Unusable;
            }
        });
        return command;
    }
}
