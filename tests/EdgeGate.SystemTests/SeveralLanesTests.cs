using System.Globalization;
using System.Text.Json;
using EdgeGate.Journal;
using EdgeGate.Service;
using EdgeGate.Service.Demo;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.SystemTests;

/// <summary>A gate with a way in and a way out, each with its own devices, and people at both at the same time.</summary>
public sealed class SeveralLanesTests : IAsyncLifetime
{
    private const int PeopleEachWay = 40;
    private readonly string _root = Directory.CreateTempSubdirectory("edgegate-lanes-").FullName;
    private readonly SimulatedLane _in, _out;
    private WebApplication _gate = null!;

    public SeveralLanesTests() =>
        (_in, _out) = (new(Path.Combine(_root, "in"), portalTakesText: true, TimeProvider.System), new(Path.Combine(_root, "out"), portalTakesText: true, TimeProvider.System));

    private Lanes Lanes => _gate.Services.GetRequiredService<Lanes>();

    public async Task InitializeAsync()
    {
        _in.PlugEverythingIn();
        _out.PlugEverythingIn();
        var text = $$"""
            {
              "site": "estate", "gate": "north-1", "dataDirectory": "{{Path.Combine(_root, "data")}}", "web": { "address": "http://127.0.0.1:0" },
              "lanes": [{{LaneText("way-in", "entry", _in)}}, {{LaneText("way-out", "exit", _out)}}],
              "rules": { "credentialGroups": [{ "name": "all", "prefix": "EDGE-" }] },
            }
            """;
        var settings = Assert.IsType<SettingsResult.Valid>(SettingsFile.Parse(System.Text.Encoding.UTF8.GetBytes(text), "gate.json", [])).Settings;
        _gate = await GateHost.BuildAsync(settings, GateKeys.LoadOrMake(settings.Privacy, settings.DataDirectory), TimeProvider.System, CancellationToken.None);
        await _gate.StartAsync(CancellationToken.None);
        await UntilAsync(() => Lanes.All.All(lane => lane.Health.IsInService));
    }

    public async Task DisposeAsync()
    {
        await _gate.DisposeAsync();
        await _in.DisposeAsync();
        await _out.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task Each_lane_opens_its_own_portal_for_its_own_people_and_all_have_one_row_of_numbers()
    {
        await Task.WhenAll(PassAsync(_in, "EDGE-IN"), PassAsync(_out, "EDGE-OUT"));

        Assert.All(_in.Openings, opening => Assert.StartsWith("EDGE-IN", opening.Credential!, StringComparison.Ordinal));
        Assert.All(_out.Openings, opening => Assert.StartsWith("EDGE-OUT", opening.Credential!, StringComparison.Ordinal));
        var records = await RecordsAsync();
        Assert.Equal(Enumerable.Range(1, 4 * PeopleEachWay).Select(number => number.ToString(CultureInfo.InvariantCulture)), records.Select(record => record.GetProperty("sequence").GetString()!));
        Assert.All(Decided(records, "way-in"), decided => Assert.Equal("entry", decided.GetProperty("direction").GetString()));
        Assert.All(Decided(records, "way-out"), decided => Assert.Equal("exit", decided.GetProperty("direction").GetString()));
        Assert.Equal((PeopleEachWay, PeopleEachWay), (Decided(records, "way-in").Count(), Decided(records, "way-out").Count()));
    }

    [Fact]
    public async Task A_lane_without_its_portal_is_out_of_service_and_the_other_goes_on()
    {
        await _in.UnplugPortalAsync();
        await UntilAsync(() => Lanes.Find("way-in")!.Kiosk.Current.Face is KioskFace.OutOfService);

        await _out.ScanAsync("EDGE-OUT", CancellationToken.None);
        await UntilAsync(() => _out.Openings.Count == 1);
    }

    private static async Task PassAsync(SimulatedLane lane, string prefix)
    {
        for (var person = 0; person < PeopleEachWay; person++)
        {
            await lane.ScanAsync($"{prefix}-{person}", CancellationToken.None);
            await UntilAsync(() => lane.Openings.Count == person + 1);
        }
    }

    private static string LaneText(string id, string direction, SimulatedLane lane) =>
        $$"""
        {
          "id": "{{id}}", "direction": "{{direction}}", "evidence": ["identity"],
          "readers": [{ "id": "scanner-{{id}}", "kind": "line-scanner", "port": "{{lane.ScannerPort}}" }],
          "portal": { "id": "portal-{{id}}", "kind": "text", "port": "{{lane.PortalPort}}", "open": "{{SimulatedLane.OpenText}}" }
        }
        """;

    private async Task<IReadOnlyList<JsonElement>> RecordsAsync()
    {
        var journal = _gate.Services.GetRequiredService<GateJournal>();
        await UntilAsync(() => journal.LastSequence == 4 * PeopleEachWay); // the last passage is recorded after its opening
        return [.. (await journal.ReadAsync(1, 1000, CancellationToken.None)).Select(record => JsonDocument.Parse(record.Payload).RootElement)];
    }

    private static IEnumerable<JsonElement> Decided(IEnumerable<JsonElement> records, string lane) => records
        .Select(record => record.GetProperty("data"))
        .Where(data => data.GetProperty("lane").GetString() == lane && data.TryGetProperty("outcome", out _));

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }
}
