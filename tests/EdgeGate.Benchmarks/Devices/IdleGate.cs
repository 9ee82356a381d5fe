using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Benchmarks.Measuring;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Thermometers;

namespace EdgeGate.Benchmarks.Devices;

/// <summary>The service as its own process with eight devices and nobody at the gate: what looking for cards, asking readers and listening cost.</summary>
internal sealed class IdleGate(BenchSetting setting)
{
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(60), LookEvery = TimeSpan.FromMilliseconds(200);

    public async Task RunAsync(ReportSection report)
    {
        using var folder = new TemporaryFolder(setting.Directory);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(setting.Stopping);
        var terminals = new List<PseudoTerminal>();
        var port = FreeTcpPort.Take();
        var settings = folder.Sub("gate.json");
        await File.WriteAllTextAsync(settings, Settings(folder, terminals, port, stop.Token), setting.Stopping);
        using var process = PublishedGate.Start(settings);
        try
        {
            await UntilConnectedAsync(port);
            await Task.Delay(TimeSpan.FromSeconds(setting.Quick ? 5 : 15), setting.Time, setting.Stopping); // what starting has left to do is done
            var duration = TimeSpan.FromSeconds(setting.Quick ? 10 : 60);
            var processor = Machine.ProcessorTime(process.Id);
            await Task.Delay(duration, setting.Time, setting.Stopping);
            processor = Machine.ProcessorTime(process.Id) - processor;
            report.Say($"Idle for {duration.TotalSeconds:0} s with 8 devices (ID card module asked 4 times a second, two scanners, a scanner module, an OSDP reader polled, a thermometer sending 10 readings a second, a relay, a text controller): "
                + $"{(100 * processor / duration).Figure()} % of one core, {Machine.ResidentMegabytes(process.Id).Figure()} MB resident. Budget: 2 %.");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            await stop.CancelAsync();
            foreach (var terminal in terminals)
                await terminal.DisposeAsync();
        }
    }

    private string Settings(TemporaryFolder folder, List<PseudoTerminal> terminals, int port, CancellationToken stop)
    {
        var time = setting.Time;
        return $$"""
            {
              "site": "bench", "gate": "gate-1", "dataDirectory": "{{folder.Sub("data")}}",
              "web": { "address": "http://127.0.0.1:{{port}}" },
              "lanes": [
                { "id": "in", "direction": "entry", "readers": [
                    { "id": "id-card", "kind": "sam-v", "port": "{{Plug(line => new SimulatedSamV(line, SimulatedSamVTiming.Realistic, time).RunAsync(stop))}}" },
                    { "id": "scanner-1", "kind": "line-scanner", "port": "{{Plug(_ => Task.CompletedTask)}}" },
                    { "id": "module", "kind": "gm65", "port": "{{Plug(line => new SimulatedGm65(line, time).RunAsync(stop))}}" },
                    { "id": "card", "kind": "osdp", "address": 1, "port": "{{Plug(line => new SimulatedOsdpLine([new SimulatedOsdpPeripheral(1, time)], time).RunAsync(line, stop))}}" } ],
                  "thermometer": { "id": "thermometer", "kind": "gy-mcu90614", "port": "{{Plug(line => new SimulatedGyMcu90614(line, time) { Ambient = new Celsius(2500) }.RunAsync(stop))}}" },
                  "portal": { "id": "door", "kind": "lcus-1", "port": "{{Plug(line => new SimulatedRelay(1, time, _ => { }).RunAsync(line, stop))}}" } },
                { "id": "out", "direction": "exit", "evidence": ["identity"],
                  "readers": [{ "id": "scanner-2", "kind": "line-scanner", "port": "{{Plug(_ => Task.CompletedTask)}}" }],
                  "portal": { "id": "gate", "kind": "text", "port": "{{Plug(_ => Task.CompletedTask)}}" } } ],
              "rules": { "credentialGroups": [{ "name": "everybody", "prefix": "04" }] },
            }
            """;

        string Plug(Func<IDeviceLine, Task> device)
        {
            var terminal = PseudoTerminal.Open();
            terminals.Add(terminal);
            _ = device(terminal); // ends with its terminal
            return terminal.HostPath;
        }
    }

    private async Task UntilConnectedAsync(int port)
    {
        using var http = new HttpClient();
        for (var begun = setting.Time.GetTimestamp(); setting.Time.GetElapsedTime(begun) < StartsWithin;)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/health"), setting.Stopping);
                using var health = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(setting.Stopping));
                if (health.RootElement.GetProperty("devices").EnumerateArray().All(device => device.GetProperty("state").GetString() is "Connected"))
                    return;
            }
            catch (HttpRequestException)
            {
                // not there yet
            }
            await Task.Delay(LookEvery, setting.Time, setting.Stopping);
        }
        throw new TimeoutException("the gate did not connect to its eight devices");
    }
}
