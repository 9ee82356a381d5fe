using System.CommandLine;
using EdgeGate.Service.Health;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate doctor</c>: what is wrong on this machine, before the gate is started or beside it.</summary>
internal static class DoctorCommand
{
    public static Command Create(TimeProvider time)
    {
        var settings = EdgeGateCommand.SettingsOption();
        var command = new Command("doctor", "Tries everything the settings ask of this machine and says what is wrong; as the gate's user. What the running gate itself has open is no fault.") { settings };
        command.SetAction((parsed, _) => ExamineAsync(parsed.GetValue(settings)!, time, parsed.InvocationConfiguration));
        return command;
    }

    private static async Task<int> ExamineAsync(string file, TimeProvider time, InvocationConfiguration console)
    {
        switch (EdgeGateSettings.Read(file))
        {
            case SettingsResult.Valid valid:
                var wrong = 0;
                await foreach (var finding in new MachineCheck(valid.Settings, GateClock.OfThisMachine(time), time).RunAsync())
                {
                    wrong += finding.IsGood is false ? 1 : 0;
                    var verdict = finding.IsGood switch { true => "good ", false => "WRONG", null => "untried" };
                    await console.Output.WriteLineAsync($"{verdict,-7} {finding.Words}");
                }
                await console.Output.WriteLineAsync(wrong == 0 ? $"Nothing is wrong, for user {Environment.UserName}." : $"{wrong} wrong, for user {Environment.UserName}.");
                return wrong == 0 ? ExitCode.Done : ExitCode.Failed;
            case SettingsResult.Invalid invalid:
                EdgeGateSettings.Tell(console.Error, file, invalid.Faults);
                break;
        }
        return ExitCode.Unusable;
    }
}
