using System.CommandLine;
using EdgeGate.HealthCodes.Providers;

namespace EdgeGate.Service.Cli;

/// <summary><c>edgegate simulate provider</c>: a provider of health codes that is not there, on this machine only.</summary>
internal static class SimulateProviderCommand
{
    public static Command Create(TimeProvider time)
    {
        var port = new Option<int>("--port") { Description = "Port on 127.0.0.1; 0 takes a free one.", HelpName = "port", DefaultValueFactory = _ => 8090 };
        var fault = new Option<SimulatedFault>("--fault") { Description = "What is wrong with it." };
        var command = new Command("provider", "Answers questions about invented health codes (SIM:green:1, SIM:yellow:1, SIM:red:1, SIM:expired:1), until interrupted.") { port, fault };
        command.SetAction((parsed, cancellationToken) => ServeAsync(parsed.GetValue(port), parsed.GetValue(fault), time, parsed.InvocationConfiguration, cancellationToken));
        return command;
    }

    private static async Task<int> ServeAsync(int port, SimulatedFault fault, TimeProvider time, InvocationConfiguration terminal, CancellationToken cancellationToken)
    {
        try
        {
            await using var provider = await SimulatedProvider.StartAsync(port, time, cancellationToken: cancellationToken);
            provider.Fault = fault;
            await terminal.Output.WriteLineAsync($"Provider at {provider.Address} (fault: {fault}); POST {provider.Options.Verify.Address}, signed");
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return ExitCode.Done;
        }
        catch (IOException taken)
        {
            await terminal.Error.WriteLineAsync(taken.Message);
            return ExitCode.Failed;
        }
        catch (ArgumentOutOfRangeException)
        {
            await terminal.Error.WriteLineAsync($"{port} is no port");
            return ExitCode.Unusable;
        }
    }
}
