using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Access.Rules;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.Journal;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Health;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Occupancy;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Registers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Passing;

/// <summary>A lane with a real journal in a directory of its own, and nothing else that is real.</summary>
internal sealed class LaneUnderTest : IAsyncDisposable
{
    public const string Reader = "card-reader", Gate = "estate/gate-1";
    private static readonly Guid Boot = new("11111111-2222-3333-4444-555555555555");

    private readonly TemporaryDirectory _directory = new();
    private readonly ECDiffieHellman _center = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly DeviceConnection _portalLine;
    private readonly LaneService _service;

    private LaneUnderTest(LaneOptions options, GateJournal journal, string journalDirectory, ManualTime time, TemporaryDirectory directory, GateSettings? settings, GpioPortal? watched)
    {
        (_directory, Journal, JournalDirectory, Time) = (directory, journal, journalDirectory, time);
        Portal = new FakePortal(journalDirectory);
        Devices = new DeviceBoard(time, new ListLogger<DeviceBoard>());
        _portalLine = Devices.Connect("portal", new LoopbackPort());
        _portalLine.Report(DeviceState.Connected, "for the test");
        Devices.Connect(Reader, new LoopbackPort()).Report(DeviceState.Connected, "for the test");
        Clock = new GateClock(time, Boot, () => true);
        Inputs = new LaneInputs(Clock);
        Keeper = new RecordKeeper(
            "estate", "gate-1", journal, Persons, new EvidenceSeal(_center.ExportSubjectPublicKeyInfoPem()), Clock);
        Mode = new LaneMode(directory["lane-mode"], new ListLogger<LaneMode>());
        var policy = settings is not null ? LaneSetup.PolicyOf(settings, settings.Lanes[0]) : new AccessPolicy(
        [
            new EncounterRule(), new PortalModeRule(), new IdCardRule(), new CredentialGroupRule([new CredentialGroup("passes", "PASS-")]),
            .. options.Encounter.HealthCodeRequired ? [new PassRule(), new HealthCodeRule(new HealthCodeRuleSettings())] : Array.Empty<IAccessRule>(),
            new TemperatureRule(options.Encounter.Limits, options.Encounter.TemperatureRequired ? Outcome.Denied : Outcome.Granted),
        ]);
        var health = new LaneHealth(Devices, journal, [Reader], "portal", options.OpenWhenJournalFails);
        var facts = new LaneFacts(settings is null ? new LaneLists([], null, []) : ListRules.ListsOf(settings), Registers, Persons, Occupancy, Passages);
        Lane = new Lane(options, Inputs, Mode, health, (IPortal?)watched ?? Portal, Kiosk) { Passages = watched is null ? null : new PassageInputs(watched, Clock) };
        _service = new LaneService(Lane, policy, Keeper, facts, Uses, new ProviderReports(Providers, Gate, Clock), Clock, new EarlyTimers(time), Log);
    }

    /// <summary>Opens what is sealed.</summary>
    public ECDiffieHellman Center => _center;
    public Lane Lane { get; }
    public ManualTime Time { get; }
    public GateClock Clock { get; }
    public GateJournal Journal { get; }
    public string JournalDirectory { get; }
    public FakePortal Portal { get; }
    public LaneMode Mode { get; }
    public RecordKeeper Keeper { get; }
    public LaneInputs Inputs { get; }
    public DeviceBoard Devices { get; }
    public PersonKeys Persons { get; } = new(new byte[32]);
    public RegisterShelf Registers { get; } = new();
    public SiteOccupancy Occupancy { get; } = new("gate-1");
    public PassageMemory Passages { get; } = new();
    public PassUses Uses { get; } = new(new PersonKeys(new byte[32])) { IsCounted = true };
    public KioskBoard Kiosk { get; } = new();
    public Dictionary<string, HttpHealthCodeProvider> Providers { get; } = [];
    public ListLogger<LaneService> Log { get; } = new();

    /// <param name="withTemperature">Whether a temperature belongs to the evidence.</param>
    /// <param name="configure">Other options than the usual.</param>
    /// <param name="beforeJournal">For who must be at the journal's directory first.</param>
    /// <param name="settings">Its rules are asked instead of the usual.</param>
    /// <param name="watched">Stands in the place of the fake portal.</param>
    public static async Task<LaneUnderTest> CreateAsync(
        bool withTemperature = false, Func<LaneOptions, LaneOptions>? configure = null, Func<string, Task>? beforeJournal = null, GateSettings? settings = null,
        Func<ManualTime, GpioPortal>? watched = null)
    {
        var options = settings is not null ? LaneSetup.OptionsOf(settings, settings.Lanes[0]) : new LaneOptions { Id = "lane-1", Encounter = new EncounterOptions { TemperatureRequired = withTemperature } };
        var directory = new TemporaryDirectory();
        var journalDirectory = directory["journal"];
        if (beforeJournal is not null)
            await beforeJournal(journalDirectory);
        var time = new ManualTime();
        var journal = await GateJournal.OpenAsync(OptionsOf(journalDirectory), time, CancellationToken.None);
        return new LaneUnderTest(configure?.Invoke(options) ?? options, journal, journalDirectory, time, directory, settings, watched?.Invoke(time));
    }

    public static async Task<LaneUnderTest> StartAsync(
        bool withTemperature = false, Func<LaneOptions, LaneOptions>? configure = null, Func<string, Task>? beforeJournal = null, GateSettings? settings = null)
    {
        var lane = await CreateAsync(withTemperature, configure, beforeJournal, settings);
        await lane.StartAsync();
        return lane;
    }

    public static JournalOptions OptionsOf(string directory) => new() { Directory = directory, GateId = Gate };

    /// <summary>Runs the lane; returns when it listens and its clock ticks.</summary>
    public async Task StartAsync()
    {
        var timers = Time.WaitingTimers;
        await _service.StartAsync(CancellationToken.None);
        await Patience.Until(() => Time.WaitingTimers > timers);
    }

    /// <summary>The lane's clock ticks meanwhile, and once more at the end: a tick that finds no room is lost, for another follows.</summary>
    public async Task LetPassAsync(TimeSpan time)
    {
        Time.Advance(time);
        await Patience.Until(() => Inputs.Reader.Count == 0);
        Inputs.TimePassed();
    }

    public Task StopAsync() => _service.StopAsync(CancellationToken.None).InTime();

    public ValueTask PresentAsync(Credential credential) => Inputs.PresentAsync(Reader, credential, CancellationToken.None);

    public void Measure(decimal body, long episode = 1) => Inputs.Measure(new TemperatureEvidence(
        Celsius.From(body), Celsius.From(body), Celsius.From(25), episode, Clock.SinceBoot, Clock.SinceBoot));

    public void UnplugPortal() => _portalLine.Report(DeviceState.Absent, "unplugged by the test");

    /// <summary>The first picture with this face, however often it changes before.</summary>
    public async Task<KioskView> SeeAsync(KioskFace face)
    {
        using var limit = new CancellationTokenSource(Patience.Limit, TimeProvider.System);
        using var watcher = Kiosk.TryWatch()!;
        await foreach (var view in watcher.ViewsAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, limit.Token))
        {
            if (view.Face == face)
                return view;
        }
        throw new TimeoutException($"the kiosk never showed {face}, the last was {Kiosk.Current.Face}");
    }

    public bool FreePassage => Lane.FreePassage.IsOpen;

    public string PublicKeyOfCenter => _center.ExportSubjectPublicKeyInfoPem();

    /// <summary>A path in the directory that goes with this.</summary>
    public string PathOf(string name) => _directory[name];

    /// <summary>Every record on disk, as JSON, what is just being written too.</summary>
    public IReadOnlyList<JsonElement> Records()
    {
        ((Task)Journal.FlushAsync(CancellationToken.None)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult(); // a broken journal has what it has
        using var reader = JournalReader.Open(JournalDirectory);
        return [.. reader.Read(1, 1000).Select(record => JsonDocument.Parse(record.Payload).RootElement)];
    }

    public async Task<IReadOnlyList<JsonElement>> RecordsAsync(int atLeast)
    {
        await Journal.WaitForAppendAsync(atLeast - 1, CancellationToken.None).InTime();
        return Records();
    }

    /// <summary>What only the center can read of a record.</summary>
    public JsonElement Opened(JsonElement record) => JsonDocument.Parse(
        EvidenceSeal.Open(record.GetProperty("data").GetProperty("sealed").GetString()!, _center)).RootElement;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _service.Dispose();
        await Journal.DisposeAsync();
        _center.Dispose();
        _directory.Dispose();
    }
}

/// <summary>Invented persons and their credentials.</summary>
internal static class People
{
    public const string Number = "999999190001010015", OtherNumber = "999999190001010023";

    public static Credential.IdCard Card(string number = Number, string name = "测试一") => new(number, name, new DateOnly(2020, 1, 1), null, LongTerm: true);

    public static Credential.IdCard Expired => Card() with { ValidTo = new DateOnly(2021, 12, 31), LongTerm = false };

    /// <summary>No date to judge: a person must look.</summary>
    public static Credential.IdCard WithoutDate => Card() with { LongTerm = false };

    public static Credential.Code Pass => new("PASS-0001");
}
