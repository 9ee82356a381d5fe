using System.CommandLine;
using EdgeGate.Service.Cli;

namespace EdgeGate.Service.Tests.Cli;

/// <summary>Runs <c>edgegate</c> within the test and keeps what it said.</summary>
internal sealed record CommandLine(int ExitCode, string Output, string Errors)
{
    public static Task<CommandLine> RunAsync(params string[] arguments) => RunAtAsync(TimeProvider.System, arguments);

    public static async Task<CommandLine> RunAtAsync(TimeProvider time, params string[] arguments)
    {
        using StringWriter output = new(), errors = new();
        var code = await EdgeGateCommand.Create(time).Parse(arguments)
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = errors }).InTime();
        return new CommandLine(code, output.ToString(), errors.ToString());
    }
}
