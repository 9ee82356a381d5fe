using System.Text;
using EdgeGate.Access;
using EdgeGate.Messages.Records;
using EdgeGate.Service;
using EdgeGate.Service.Demo;
using EdgeGate.Service.GuardPost;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.GuardPost.Visitors;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;
using EdgeGate.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.SystemTests.GuardPost;

/// <summary>The real service with simulated devices on one lane, and guards in its file: what the guard post's page is tested against.</summary>
internal sealed class GuardPostSite : IAsyncDisposable
{
    public const string Pin = "482915", SupervisorPin = "73920164";

    private readonly string _root = Directory.CreateTempSubdirectory("edgegate-guard-").FullName;
    private readonly SimulatedLane _lane;
    private WebApplication? _gate;

    private GuardPostSite() => _lane = new(Path.Combine(_root, "in"), portalTakesText: true, TimeProvider.System);

    /// <summary>Ends with the page's path.</summary>
    public Uri Page { get; private set; } = null!;

    public Lane Lane => Lanes.All[0];
    public Lanes Lanes => _gate!.Services.GetRequiredService<Lanes>();
    public VisitorBook Visitors => _gate!.Services.GetRequiredService<VisitorBook>();
    public int Openings => _lane.Openings.Count;

    public static async Task<GuardPostSite> StartAsync(string web = "")
    {
        var site = new GuardPostSite();
        site._lane.PlugEverythingIn();
        await site.RunAsync("http://127.0.0.1:0", web);
        return site;
    }

    public async Task StopAsync()
    {
        await _gate!.DisposeAsync();
        _gate = null;
    }

    /// <summary>The same data, the same address, everything in memory gone.</summary>
    public Task StartAgainAsync() => RunAsync(Page.GetLeftPart(UriPartial.Authority), "");

    /// <summary>An invented person, whose card has no date: a guard must look.</summary>
    public async Task<GuardCase> SendAsync(string name = "测试一", string number = "999999190001010015")
    {
        var before = Lane.Sight.Waiting?.Decision;
        await Lane.Inputs.PresentAsync("scanner", new Credential.IdCard(number, name, new DateOnly(2020, 1, 1), null, LongTerm: false), CancellationToken.None);
        await UntilAsync(() => Lane.Sight.Waiting is { } waiting && waiting.Decision != before);
        return Lane.Sight.Waiting!;
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_gate is not null)
            await _gate.DisposeAsync();
        await _lane.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private async Task RunAsync(string address, string web)
    {
        var text = $$"""
            {
              "site": "estate", "gate": "north-1", "dataDirectory": "{{Path.Combine(_root, "data")}}", "web": { "address": "{{address}}" {{web}} },
              "lanes": [{
                "id": "way-in", "direction": "entry", "evidence": ["identity"],
                "readers": [{ "id": "scanner", "kind": "line-scanner", "port": "{{_lane.ScannerPort}}" }],
                "portal": { "id": "door", "kind": "text", "port": "{{_lane.PortalPort}}", "open": "{{SimulatedLane.OpenText}}" }
              }, {
                "id": "handheld-1", "direction": "entry", "evidence": ["identity"],
                "readers": [{ "id": "phone", "kind": "handheld" }], "portal": { "id": "guard", "kind": "none" }
              }],
              "rules": { "credentialGroups": [{ "name": "all", "prefix": "EDGE-" }] },
            }
            """;
        var settings = Assert.IsType<SettingsResult.Valid>(SettingsFile.Parse(Encoding.UTF8.GetBytes(text), "gate.json", [])).Settings;
        var book = new GuardBook(GuardPostSetup.GuardFileOf(settings));
        if (!book.TryFind("li", out _))
        {
            book.Put(new Guard("li", GuardRole.Guard, SecretHash.Of(Pin), Guid.NewGuid()));
            book.Put(new Guard("chen", GuardRole.Supervisor, SecretHash.Of(SupervisorPin), Guid.NewGuid()));
        }
        _gate = await GateHost.BuildAsync(settings, GateKeys.LoadOrMake(settings.Privacy, settings.DataDirectory), TimeProvider.System, CancellationToken.None);
        await _gate.StartAsync(CancellationToken.None);
        Page = new Uri(new Uri(_gate.Urls.First()), "/guard");
        await UntilAsync(() => Lanes.All.All(lane => lane.Health.IsInService));
    }
}
