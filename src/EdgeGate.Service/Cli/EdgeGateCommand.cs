using System.CommandLine;
using EdgeGate.Service.Demo;

namespace EdgeGate.Service.Cli;

/// <summary>The <c>edgegate</c> command line.</summary>
internal static class EdgeGateCommand
{
    private const string Purpose = "EdgeGate: decides who may pass a gate, opens it, and keeps a record that no power cut loses.";

    public static RootCommand CreateRunOnly(TimeProvider time) => new(Purpose) { RunCommand.Create(time) };

    public static RootCommand Create(TimeProvider time) => new(Purpose)
    {
        RunCommand.Create(time),
        DemoCommand.Create(time),
        ConfigCommand.Create(),
        EnrollCommand.Create(time, Console.In),
        SchemaCommand.Create(),
        DoctorCommand.Create(time),
        JournalCommand.Create(time),
        RelaysCommand.Create(time),
        RegisterCommand.Create(time),
        PassCommand.Create(time),
        RoundsCommand.Create(),
        RulesCommand.Create(time),
        DevicesCommand.Create(time),
        OccupancyCommand.Create(),
        TrustCommand.Create(time),
        CodeCommand.Create(time),
        SimulateCommand.Create(time, Console.In),
        CommandCommand.Create(time),
        NoticesCommand.Create(time),
        KioskCommand.Create(),
        GuardCommand.Create(time, Console.In),
    };

    public static Option<string> SettingsOption() => new("--settings", "-s")
    {
        Description = "The settings file.",
        HelpName = "file",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("EDGEGATE_SETTINGS") ?? "/etc/edgegate/gate.json",
    };
}

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It ran, and what it found or counted is not as it should be.</summary>
    public const int Failed = 1;

    /// <summary>The settings or arguments cannot be used.</summary>
    public const int Unusable = 2;
}
