using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Service;
using EdgeGate.Service.Demo;
using EdgeGate.Service.GuardPost;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.GuardPost.Rounds;
using EdgeGate.Service.GuardPost.Visitors;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.SystemTests.GuardPost;

/// <summary>
/// The real service with simulated devices, guards in its file, a resident and somebody to watch for on its lists: what the guard post's page is tested against.
/// </summary>
internal sealed class GuardPostSite : IAsyncDisposable
{
    public const string Pin = "482915", SupervisorPin = "73920164";
    public const string Resident = "999999190001010015", Watched = "999999190001010023";

    private readonly string _root = Directory.CreateTempSubdirectory("edgegate-guard-").FullName;
    private readonly SimulatedLane _lane;
    private WebApplication? _gate;

    private GuardPostSite() => _lane = new(Path.Combine(_root, "in"), portalTakesText: true, TimeProvider.System);

    /// <summary>Ends with the page's path.</summary>
    public Uri Page { get; private set; } = null!;

    public string DataDirectory => Path.Combine(_root, "data");

    public Lane Lane => Lanes.All[0];

    /// <summary>Measures too.</summary>
    public Lane Clinic => Lanes.All[1];
    public Lane Handheld => Lanes.All[2];
    public Lanes Lanes => _gate!.Services.GetRequiredService<Lanes>();
    public VisitorBook Visitors => _gate!.Services.GetRequiredService<VisitorBook>();
    public RoundDesk Rounds => _gate!.Services.GetRequiredService<RoundDesk>();
    public TimeSpan SinceBoot => _gate!.Services.GetRequiredService<GateClock>().SinceBoot;
    public int Openings => _lane.Openings.Count;

    /// <param name="withGuards">False for a gate that was just set up.</param>
    public static async Task<GuardPostSite> StartAsync(bool withGuards = true)
    {
        var site = new GuardPostSite();
        site._lane.PlugEverythingIn();
        await site.RunAsync("http://127.0.0.1:0", withGuards);
        return site;
    }

    public async Task StopAsync()
    {
        await _gate!.DisposeAsync();
        _gate = null;
    }

    /// <summary>The same data, the same address, everything in memory gone.</summary>
    public Task StartAgainAsync() => RunAsync(Page.GetLeftPart(UriPartial.Authority), withGuards: true);

    /// <summary>An invented person, whose card has no date: a guard must look.</summary>
    /// <param name="lane">Where; at the first lane when left out.</param>
    public async Task<GuardCase> SendAsync(string name = "测试一", string number = Resident, Lane? lane = null)
    {
        lane ??= Lane;
        var before = lane.Sight.Waiting?.Decision;
        await lane.Inputs.PresentAsync("scanner", new Credential.IdCard(number, name, new DateOnly(2020, 1, 1), null, LongTerm: false), CancellationToken.None);
        await UntilAsync(() => lane.Sight.Waiting is { } waiting && waiting.Decision != before);
        return lane.Sight.Waiting!;
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

    private async Task RunAsync(string address, bool withGuards)
    {
        var passKey = Path.Combine(_root, "passes.private.pem");
        if (!File.Exists(passKey))
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            File.WriteAllText(passKey, key.ExportPkcs8PrivateKeyPem());
            File.WriteAllText(Path.Combine(_root, "passes.public.pem"), key.ExportSubjectPublicKeyInfoPem());
        }
        var text = $$"""
            {
              "site": "estate", "gate": "north-1", "dataDirectory": "{{DataDirectory}}", "web": { "address": "{{address}}" },
              "lanes": [{
                "id": "way-in", "direction": "entry", "evidence": ["identity"],
                "readers": [{ "id": "scanner", "kind": "line-scanner", "port": "{{_lane.ScannerPort}}" }],
                "portal": { "id": "door", "kind": "text", "port": "{{_lane.PortalPort}}", "open": "{{SimulatedLane.OpenText}}" }
              }, {
                "id": "clinic", "direction": "entry", "evidence": ["identity", "temperature"],
                "readers": [{ "id": "clinic-cards", "kind": "sam-v", "port": "{{_lane.CardReaderPort}}" }],
                "thermometer": { "id": "forehead", "kind": "gy-mcu90614", "port": "{{_lane.ThermometerPort}}" },
                "portal": { "id": "clinic-door", "kind": "none" }
              }, {
                "id": "handheld-1", "direction": "entry", "evidence": ["identity"],
                "readers": [{ "id": "phone", "kind": "handheld" }], "portal": { "id": "guard", "kind": "none" }
              }],
              "rules": { "credentialGroups": [{ "name": "all", "prefix": "EDGE-" }], "watchLists": [{ "list": "watch", "answer": "guard" }] },
              "registers": { "persons": ["residents"] },
              "healthCodes": { "passKeyFiles": ["{{Path.Combine(_root, "passes.public.pem")}}"] },
              "visitorPasses": { "keyFile": "{{passKey}}" },
              "rounds": { "places": [
                { "id": "b3-lobby", "name": "3号楼大堂", "building": "3", "patrolEvery": "04:00:00", "disinfectionEvery": "1.00:00:00" },
                { "id": "north-wall", "name": "北墙", "patrolEvery": "08:00:00" }
              ] },
              "deliveries": { "standing": "00:30:00", "shelves": [{ "building": "3", "slots": 12 }, { "building": "5" }] },
            }
            """;
        var settings = Assert.IsType<SettingsResult.Valid>(SettingsFile.Parse(Encoding.UTF8.GetBytes(text), "gate.json", [])).Settings;
        var book = new GuardBook(GuardPostSetup.GuardFileOf(settings));
        if (withGuards && !book.TryFind("li", out _))
        {
            book.Put(new Guard("li", GuardRole.Guard, SecretHash.Of(Pin), Guid.NewGuid()));
            book.Put(new Guard("chen", GuardRole.Supervisor, SecretHash.Of(SupervisorPin), Guid.NewGuid()));
        }
        var keys = GateKeys.LoadOrMake(settings.Privacy, settings.DataDirectory);
        _gate = await GateHost.BuildAsync(settings, keys, TimeProvider.System, CancellationToken.None);
        PutOnLists(_gate.Services.GetRequiredService<RegisterShelf>(), new PersonKeys(keys.SiteSecret));
        await _gate.StartAsync(CancellationToken.None);
        Page = new Uri(new Uri(_gate.Urls.First()), "/guard");
        await UntilAsync(() => Lanes.All.All(lane => lane.Health.IsInService));
    }

    private static void PutOnLists(RegisterShelf shelf, PersonKeys persons)
    {
        Put("residents", Resident, new PersonTerms("resident"));
        Put("watch", Watched, new PersonTerms());

        void Put(string list, string number, PersonTerms terms) => shelf.Put(new Register(list, 1, TimeProvider.System.GetUtcNow(), PersonTable.Of(
            [new(PersonKey.TryParse(persons.KeyOfIdNumber(number), out var key) ? key : default, "测**", "3-1-502", terms)])));
    }
}
