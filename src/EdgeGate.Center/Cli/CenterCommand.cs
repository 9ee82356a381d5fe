using System.CommandLine;
using EdgeGate.Center.Database;
using EdgeGate.Center.Settings;
using Npgsql;

namespace EdgeGate.Center.Cli;

/// <summary>The <c>edgegate-center</c> command line.</summary>
internal static class CenterCommand
{
    public static RootCommand Create(TimeProvider time) => new("EdgeGate's center: keeps every gate's records in PostgreSQL, confirms them, and answers who was where with whom.")
    {
        RunCommand.Create(time),
        MigrateCommand.Create(time),
        GateCommand.Create(time),
        AccountCommand.Create(time, Console.In),
        OperatorKeyCommand.Create(Console.In),
        RegisterCommand.Create(time),
        TraceCommand.Create(time),
        EvidenceCommand.Create(time),
        AuditCommand.Create(),
        SetAsideCommand.Create(time),
    };

    public static Option<string> SettingsOption() => new("--config", "-c")
    {
        Description = "The settings file.",
        HelpName = "file",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("EDGEGATE_CENTER_CONFIG") ?? "/etc/edgegate/center.json",
    };

    /// <summary>A command that works on the database, with its faults told in words.</summary>
    public static void SetDatabaseAction(this Command command, Option<string> settings, Func<ParseResult, CenterSettings, NpgsqlDataSource, CancellationToken, Task<int>> act) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var errors = parsed.InvocationConfiguration.Error;
            try
            {
                var read = CenterSettingsFile.Read(parsed.GetValue(settings)!);
                await using var database = CenterSettingsFile.OpenDatabase(read.Database);
                return await act(parsed, read, database, cancellationToken);
            }
            catch (CenterSettingsException unusable)
            {
                await errors.WriteLineAsync(unusable.Message);
                return ExitCode.Unusable;
            }
            catch (MigrationException unusable)
            {
                await errors.WriteLineAsync(unusable.Message);
                return ExitCode.Unusable;
            }
            catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
            {
                await errors.WriteLineAsync("the database is not in this program's form: edgegate-center migrate");
                return ExitCode.Unusable;
            }
            catch (NpgsqlException unavailable)
            {
                await errors.WriteLineAsync($"the database: {unavailable.Message}");
                return ExitCode.Failed;
            }
        });
}

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It ran, and what it was asked for did not come about.</summary>
    public const int Failed = 1;

    /// <summary>The settings or arguments cannot be used.</summary>
    public const int Unusable = 2;
}
