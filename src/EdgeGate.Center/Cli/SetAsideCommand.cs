using System.CommandLine;
using EdgeGate.Center.Database;
using EdgeGate.Center.Ingest;

namespace EdgeGate.Center.Cli;

/// <summary><c>edgegate-center set-aside</c>: messages that could not be taken as they were.</summary>
internal static class SetAsideCommand
{
    private const int Most = 200;

    public static Command Create(TimeProvider time)
    {
        var settings = CenterCommand.SettingsOption();
        var command = new Command("set-aside", $"Lists what could not be taken as it was, and why; the newest {Most}.") { settings, ReadAgain(time) };
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

    private static Command ReadAgain(TimeProvider time)
    {
        var settings = CenterCommand.SettingsOption();
        var command = new Command("read-again", "Reads again what was set aside: after an update the center may understand more. The running center does so by itself at its first start.") { settings };
        command.SetDatabaseAction(settings, async (parsed, _, database, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            if (await new SecondReading(database, new LaneIds(), time).ReadAsync(pause: TimeSpan.Zero, cancellationToken) is not { } report)
            {
                await terminal.Error.WriteLineAsync("another process is reading it again now; see edgegate-center set-aside when it is done");
                return ExitCode.Failed;
            }
            var rows = report.Understood.Select(item => Row("understood now", item.Value, item.Key)).ToList();
            if (report.Arrived > 0)
                rows.Add(Row("here since", report.Arrived, ""));
            rows.AddRange(report.StillAside.Select(item => Row("still aside", item.Value, item.Key)));
            await TextTable.WriteAsync(terminal.Output, ["what", "messages", "reason"], rows);
            return ExitCode.Done;
        });
        return command;

        static string[] Row(string what, long messages, string reason) => [what, $"{messages}", reason];
    }
}
