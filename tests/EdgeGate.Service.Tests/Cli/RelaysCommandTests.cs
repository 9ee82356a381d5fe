using EdgeGate.Service.Tests.Settings;

namespace EdgeGate.Service.Tests.Cli;

public sealed class RelaysCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_chip_that_is_not_there_is_named_and_fails()
    {
        var said = await OffAsync(SmallSettings.With("\"kind\": \"lcus-1\", \"port\": \"/dev/serial/by-id/c\"", "\"kind\": \"gpio\", \"chip\": \"no-such-chip\", \"unlock\": \"GPIO17\""));
        Assert.Equal(1, said.ExitCode);
        Assert.StartsWith("door: ", said.Errors, StringComparison.Ordinal);
        Assert.Contains("no-such-chip", said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gate_without_GPIO_portals_has_nothing_to_switch_off() => Assert.Equal((0, "", ""), Said(await OffAsync(SmallSettings.Text)));

    private async Task<CommandLine> OffAsync(string settings)
    {
        await File.WriteAllTextAsync(_directory["gate.json"], settings);
        return await CommandLine.RunAsync("relays", "off", "--settings", _directory["gate.json"]);
    }

    private static (int, string, string) Said(CommandLine said) => (said.ExitCode, said.Output, said.Errors);
}
