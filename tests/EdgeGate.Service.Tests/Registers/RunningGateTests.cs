using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Cli;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Tests.Cli;
using EdgeGate.Service.Tests.Passing;
using EdgeGate.Service.Tests.Settings;
using EdgeGate.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Service.Tests.Registers;

/// <summary>The whole gate, and the command line beside it, sharing nothing but the data directory.</summary>
public sealed class RunningGateTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_list_imported_while_the_gate_runs_reaches_it_and_is_recorded_once_also_after_a_restart()
    {
        var file = _directory.Write("gate.json", SmallSettings.With("\"broker\": { \"host\": \"localhost\" },", "\"web\": { \"address\": \"http://127.0.0.1:0\" },")
            .Replace("/var/lib/edgegate", _directory["data"], StringComparison.Ordinal)
            .Replace("\"rules\": {}", "\"registers\": { \"persons\": [\"residents\"] }, \"rules\": { \"register\": {} }", StringComparison.Ordinal));
        var list = _directory.Write("list.csv", $"id,name\n{People.Number},测试一\n");
        var settings = SmallSettings.IsValid(EdgeGateSettings.Read(file)).Settings;
        var keys = GateKeys.LoadOrMake(settings.Privacy, settings.DataDirectory);
        var time = new ManualTime();
        for (var run = 0; run < 2; run++)
        {
            await using var gate = await GateHost.BuildAsync(settings, keys, time, CancellationToken.None);
            await gate.StartAsync(CancellationToken.None).InTime();
            if (run == 0)
                Assert.Equal("", (await CommandLine.RunAsync("register", "import", "residents", list, "--by", "guard-3", "-s", file)).Errors);

            var shelf = gate.Services.GetRequiredService<RegisterShelf>();
            await Patience.Until(() =>
            {
                time.Advance(TimeSpan.FromSeconds(2.1));
                return shelf.Find("residents")?.Persons.Count == 1;
            });
            await gate.Services.GetRequiredService<GateJournal>().WaitForAppendAsync(0, CancellationToken.None).InTime();
            await gate.StopAsync(CancellationToken.None).InTime();
        }

        using var reader = JournalReader.Open(_directory["data", "journal"]);
        var changes = reader.Read(1, 100).Select(record => System.Text.Encoding.UTF8.GetString(record.Payload.Span)).Where(record => record.Contains(RegisterChangedRecord.Type, StringComparison.Ordinal));
        Assert.Contains("\"register\":\"residents\",\"version\":1,", Assert.Single(changes), StringComparison.Ordinal);
    }
}
