using System.CommandLine;
using EdgeGate.Center.Database;

namespace EdgeGate.Center.Cli;

/// <summary><c>edgegate-center migrate</c>: for databases whose tables only some may change.</summary>
internal static class MigrateCommand
{
    public static Command Create(TimeProvider time)
    {
        var settings = CenterCommand.SettingsOption();
        var command = new Command("migrate", "Brings the database to this program's form.") { settings };
        command.SetDatabaseAction(settings, async (parsed, _, database, cancellationToken) =>
        {
            var done = await Migrations.ApplyAsync(database, time, cancellationToken);
            foreach (var step in done)
                await parsed.InvocationConfiguration.Output.WriteLineAsync($"did step {step.Number}, {step.Name}");
            await new Partitions(database, time).MakeAheadAsync(cancellationToken);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"the database is in form {Migrations.Known[^1].Number}");
            return ExitCode.Done;
        });
        return command;
    }
}
