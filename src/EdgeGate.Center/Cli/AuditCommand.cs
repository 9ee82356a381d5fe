using System.CommandLine;
using EdgeGate.Center.Database;

namespace EdgeGate.Center.Cli;

/// <summary><c>edgegate-center audit</c>: who asked about persons, and why.</summary>
internal static class AuditCommand
{
    public static Command Create()
    {
        var settings = CenterCommand.SettingsOption();
        var last = new Option<int>("--last") { Description = "How many, the newest first.", HelpName = "count", DefaultValueFactory = _ => 50 };
        var command = new Command("audit", "Lists the questions that were asked about persons, and changes to lists of them.") { settings, last };
        command.SetDatabaseAction(settings, async (parsed, _, database, cancellationToken) =>
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            var rows = await connection.Sql("select at, asked_by, action, purpose, answers, details::text from audit order by id desc limit $1", parsed.GetValue(last))
                .ListAsync(
                    row => new[] { $"{row.GetFieldValue<DateTimeOffset>(0).ToLocalTime():yyyy-MM-dd HH:mm:ss}", row.GetString(1), row.GetString(2), row.GetString(3), $"{row.GetInt32(4)}", row.GetString(5) },
                    cancellationToken);
            await TextTable.WriteAsync(parsed.InvocationConfiguration.Output, ["at", "asked by", "action", "purpose", "answers", "details"], rows);
            return ExitCode.Done;
        });
        return command;
    }
}
