using System.CommandLine;
using EdgeGate.Center.Database;

namespace EdgeGate.Center.Cli;

/// <summary><c>edgegate-center set-aside</c>: messages that could not be taken as they were.</summary>
internal static class SetAsideCommand
{
    private const int Most = 200;

    public static Command Create()
    {
        var settings = CenterCommand.SettingsOption();
        var command = new Command("set-aside", $"Lists what could not be taken as it was, and why; the newest {Most}.") { settings };
        command.SetDatabaseAction(settings, async (parsed, _, database, cancellationToken) =>
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            var rows = await connection.Sql("select site || '/' || gate, sequence, times, last_at, reason from set_aside order by last_at desc limit $1", Most)
                .ListAsync(
                    row => new[] { row.GetString(0), row.IsDBNull(1) ? "?" : $"{row.GetInt64(1)}", $"{row.GetInt64(2)}", $"{row.GetFieldValue<DateTimeOffset>(3).ToLocalTime():yyyy-MM-dd HH:mm:ss}", row.GetString(4) },
                    cancellationToken);
            await TextTable.WriteAsync(parsed.InvocationConfiguration.Output, ["gate", "record", "times", "last", "reason"], rows);
            return ExitCode.Done;
        });
        return command;
    }
}
