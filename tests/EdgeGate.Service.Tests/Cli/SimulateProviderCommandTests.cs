using System.CommandLine;
using System.Text.RegularExpressions;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.Service.Cli;

namespace EdgeGate.Service.Tests.Cli;

public class SimulateProviderCommandTests
{
    [Fact]
    public async Task The_stand_in_answers_until_interrupted()
    {
        await using var output = new FirstLine();
        using var interrupted = new CancellationTokenSource();
        var running = EdgeGateCommand.Create(TimeProvider.System).Parse(["simulate", "provider", "--port", "0"])
            .InvokeAsync(new InvocationConfiguration { Output = output }, interrupted.Token);
        var address = new Uri(Regex.Match(await output.Line.InTime(), "http://127.0.0.1:[0-9]+/", RegexOptions.None, Patience.Limit).Value);

        using var provider = new HttpHealthCodeProvider(SimulatedProvider.OptionsFor(address), TimeProvider.System);
        var answer = await provider.AskAsync(new ProviderQuestion("SIM:green:1", "QR", "scanner-1", "gate-1"), CancellationToken.None).InTime();
        Assert.Equal(HealthCodeStatus.ProviderGreen, answer.Status);

        await interrupted.CancelAsync();
        Assert.Equal(ExitCode.Done, await running.InTime());
    }

    [Fact]
    public async Task A_port_that_is_none_is_refused()
    {
        var said = await CommandLine.RunAsync("simulate", "provider", "--port", "99999");
        Assert.Equal((ExitCode.Unusable, "99999 is no port"), (said.ExitCode, said.Errors.Trim()));
    }

    private sealed class FirstLine : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override Task WriteLineAsync(string? value)
        {
            _line.TrySetResult(value!);
            return Task.CompletedTask;
        }
    }
}
