using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.Access;
using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.Portals;
using EdgeGate.Devices.Ports;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;
using EdgeGate.Service.GuardPost;
using EdgeGate.Service.GuardPost.Guards;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;

namespace EdgeGate.Service.Tests.Passing;

/// <summary>A lane whose portal hangs on a simulated chip: what people and doors do there, and what is on record of it.</summary>
public sealed class PassageWatchTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly GpioPortalOptions Wiring = new()
    {
        UnlockLine = "relay",
        DoorContact = new("door"),
        PassageSensor = new("beam"),
        ExitButton = new("button"),
        FireInput = new("fire"),
    };

    private CancellationTokenSource _endOfPortal = new(Patience.Limit, TimeProvider.System);
    private readonly ListLogger<PassageWatch> _log = new();
    private SimulatedGpio _chip = null!;
    private LaneUnderTest _lane = null!;
    private PassageWatch _watch = null!;
    private Task _portal = Task.CompletedTask;
    private int _signals;

    public Task InitializeAsync() => StartAsync(beforeJournal: null);

    private async Task StartAsync(Func<string, Task>? beforeJournal)
    {
        _signals = 0;
        _lane = await LaneUnderTest.CreateAsync(beforeJournal: beforeJournal, watched: time =>
        {
            _chip = new SimulatedGpio(["relay", "door", "beam", "button", "fire"], time);
            return new GpioPortal("portal", new DeviceConnection<IGpioLines>("portal", _chip.Port(Wiring.Lines), time, _ => { }), Wiring, interlock: null, time);
        });
        ((GpioPortal)_lane.Lane.Portal).Signalled += _ => Interlocked.Increment(ref _signals);
        var supervision = new SupervisionOptions { HasDoorContact = true, HasPassageSensor = true };
        _watch = new PassageWatch(_lane.Lane, _lane.Lane.Passages!, new PassageWatchOptions { Supervision = supervision, Pulse = Second }, _lane.Keeper, _lane.Clock, _lane.Time, _log);
        await _watch.StartAsync(CancellationToken.None);
        _portal = _lane.Lane.Portal.RunAsync(_endOfPortal.Token);
        await Patience.Until(() => Volatile.Read(ref _signals) == Wiring.Lines.Count(line => !line.IsOutput));
        await _lane.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _watch.StopAsync(CancellationToken.None).InTime();
        await _endOfPortal.CancelAsync();
        await _portal.ContinueWith(_ => { }, TaskScheduler.Default);
        await _lane.DisposeAsync();
    }

    public void Dispose()
    {
        _watch.Dispose();
        _endOfPortal.Dispose();
    }

    [Fact]
    public async Task A_passage_is_on_record_as_taken_when_the_sensor_has_seen_it()
    {
        await LetInAsync();
        await PassAsync(Second, ("door", true), ("beam", true), ("beam", false), ("door", false));

        var records = await _lane.RecordsAsync(atLeast: 2);

        Assert.Equal([DecidedRecord.Type, PassageRecord.Type], TypesOf(records));
        Assert.Equal(("taken", "opened", 1), Passage(records[1]));
        Assert.Equal(2.0, records[1].GetProperty("data").GetProperty("clock").GetProperty("sinceBoot").GetDouble()); // of the beam, not of the writing
    }

    [Fact]
    public async Task Who_turns_round_has_not_passed()
    {
        await LetInAsync();
        await LetPassAsync(10 * Second);

        Assert.Equal(("not-taken", "opened", 1), Passage((await _lane.RecordsAsync(atLeast: 2))[1]));
    }

    [Fact]
    public async Task Whoever_slips_in_behind_is_an_alarm_with_the_record_of_whom_he_followed()
    {
        await LetInAsync();
        await PassAsync(Second, ("door", true), ("beam", true), ("beam", false), ("beam", true), ("beam", false), ("door", false));

        var alarm = (await _lane.RecordsAsync(atLeast: 3))[2];

        Assert.Equal(PortalEventRecord.Type, alarm.GetProperty("type").GetString());
        Assert.Equal("tailgated", Event(alarm));
        Assert.Equal(1, alarm.GetProperty("data").GetProperty("decision").GetInt64());
    }

    [Fact]
    public async Task A_door_that_is_forced_and_left_open_is_three_records()
    {
        await PassAsync(Second, ("door", true));
        await LetPassAsync(30 * Second);
        await PassAsync(Second, ("door", false));

        var records = await _lane.RecordsAsync(atLeast: 3);
        Assert.Equal(["forced-open", "held-open", "closed-again"], records.Select(Event));
        Assert.Equal(["forced-open", "held-open", "closed-again"], records.Select(record => record.GetProperty("alarm").GetString())); // also told at once
    }

    [Fact]
    public async Task Fire_frees_the_portal_first_and_is_recorded_and_nothing_is_forced_meanwhile()
    {
        await PassAsync(Second, ("fire", true));
        await Patience.Until(() => _chip["relay"]);
        await PassAsync(Second, ("door", true), ("beam", true), ("beam", false), ("door", false), ("fire", false));
        await Patience.Until(() => !_chip["relay"]);

        Assert.Equal(["fire-began", "fire-ended"], (await _lane.RecordsAsync(atLeast: 2)).Select(Event));
    }

    [Fact]
    public async Task Whom_the_sensor_sees_while_the_portal_is_held_open_is_counted_one_record_each()
    {
        _lane.Lane.Passages!.HeldFree(isFree: true, _lane.Clock.SinceBoot);
        await PassAsync(Second, ("door", true), ("beam", true), ("beam", false), ("beam", true), ("beam", false));
        await LetPassAsync(60 * Second);

        var records = await _lane.RecordsAsync(atLeast: 2);

        Assert.Equal(["passed-freely", "passed-freely"], records.Select(Event));
        Assert.DoesNotContain(records, record => record.TryGetProperty("alarm", out _));
    }

    [Fact]
    public async Task The_exit_button_opens_after_its_record_and_whoever_goes_out_is_counted()
    {
        await PassAsync(Second, ("button", true));
        await Patience.Until(() => _chip["relay"]); // before its pulse can end
        Assert.Equal([ExitRequestedRecord.Type], TypesOf(_lane.Records()));
        await PassAsync(Second, ("door", true), ("beam", true), ("beam", false), ("door", false));

        var records = await _lane.RecordsAsync(atLeast: 2);

        Assert.Equal("granted", records[0].GetProperty("data").GetProperty("outcome").GetString());
        Assert.Equal(("taken", "opened", 1), Passage(records[1]));
    }

    [Fact]
    public async Task A_button_that_is_hammered_on_asks_once_a_pulse()
    {
        for (var i = 0; i < 20; i++)
            await PassAsync(Second / 100, ("button", true), ("button", false));
        await LetPassAsync(10 * Second);

        Assert.Equal([ExitRequestedRecord.Type, PassageRecord.Type], TypesOf(await _lane.RecordsAsync(atLeast: 2)));
    }

    [Theory]
    [InlineData(PortalMode.Closed, "portal-closed")]
    [InlineData(PortalMode.EntryOnly, "direction-closed")]
    public async Task Where_nobody_may_leave_the_button_is_refused_and_recorded(PortalMode mode, string reason)
    {
        _lane.Mode.Set(mode);
        await PassAsync(Second, ("button", true), ("button", false));

        var record = (await _lane.RecordsAsync(atLeast: 1))[0];

        Assert.Equal("denied", record.GetProperty("data").GetProperty("outcome").GetString());
        Assert.Equal(reason, record.GetProperty("data").GetProperty("reasons")[0].GetString());
        Assert.False(_chip["relay"]);
    }

    [Fact]
    public async Task A_journal_that_takes_no_record_keeps_the_door_shut_for_the_button_as_for_everybody()
    {
        await using var inTheWay = new JournalInTheWay();
        await DisposeAsync();
        Dispose();
        _endOfPortal = new(Patience.Limit, TimeProvider.System);
        await StartAsync(beforeJournal: inTheWay.TakeAsync);

        await PassAsync(Second, ("button", true), ("button", false));

        await Patience.Until(() => _log.Lines.Any(line => line.Contains("could not be recorded", StringComparison.Ordinal)));
        Assert.False(_chip["relay"]);
        await inTheWay.DisposeAsync();
    }

    [Fact]
    public async Task A_gate_that_stops_leaves_no_grant_without_its_passage_record()
    {
        await LetInAsync();
        await _lane.StopAsync();
        await _watch.StopAsync(CancellationToken.None).InTime();

        Assert.Equal(("unobserved", "opened", 1), Passage(_lane.Records()[1]));
    }

    [Fact]
    public async Task A_grant_that_the_watch_takes_no_more_has_its_passage_record_all_the_same()
    {
        await _watch.StopAsync(CancellationToken.None).InTime();

        await _lane.PresentAsync(People.Card());

        Assert.Equal(("unobserved", "opened", 1), Passage((await _lane.RecordsAsync(atLeast: 2))[1]));
    }

    [Fact]
    public async Task Whoever_a_guard_opens_for_forces_nothing()
    {
        using var seal = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var records = new GuardRecords("estate", "gate-1", _lane.Journal, new EvidenceSeal(seal.ExportSubjectPublicKeyInfoPem()), _lane.Clock);
        var desk = new GuardDesk(new GuardPostOptions(), records, _lane.Keeper, _lane.Occupancy, _lane.PathOf("count"), _lane.Clock, new ListLogger<GuardDesk>());
        var li = new GuardSession(new Guard("li", GuardRole.Guard, Hash: "", Guid.Empty), formToken: "", _lane.Time);

        Assert.IsType<DeskAnswer.Done>(await desk.OpenOnceAsync(li, _lane.Lane, new GuardAction(GuardActionKind.OpenOnce, Reason: "delivery")));
        await PassAsync(Second, ("door", true), ("beam", true), ("beam", false), ("door", false));

        var recorded = await _lane.RecordsAsync(atLeast: 2);
        Assert.Equal([GuardActionRecord.Type, PassageRecord.Type], TypesOf(recorded));
        Assert.Equal(("taken", "opened", 1), Passage(recorded[1]));
    }

    [Fact]
    public async Task A_chip_that_is_pulled_out_leaves_the_passage_unobserved()
    {
        await LetInAsync();
        _chip.Unplug(true);

        Assert.Equal(("unobserved", "opened", 1), Passage((await _lane.RecordsAsync(atLeast: 2))[1]));
    }

    /// <summary>Returns when the watch was told, too: the portal opens a moment before, and nobody can be through it so soon.</summary>
    private async Task LetInAsync()
    {
        await _lane.PresentAsync(People.Card());
        await _lane.SeeAsync(KioskFace.Granted);
        Assert.True(_chip["relay"]);
    }

    /// <summary>What happens, one thing after each pause.</summary>
    private async Task PassAsync(TimeSpan pause, params (string Line, bool High)[] happens)
    {
        foreach (var (line, high) in happens)
        {
            _lane.Time.Advance(pause);
            var before = Volatile.Read(ref _signals);
            _chip.Drive(line, high);
            await Patience.Until(() => Volatile.Read(ref _signals) > before && _lane.Lane.Passages!.Reader.Count == 0);
        }
    }

    /// <summary>The watch's clock ticks meanwhile.</summary>
    private async Task LetPassAsync(TimeSpan time)
    {
        await Patience.Until(() => _lane.Lane.Passages!.Reader.Count == 0);
        _lane.Time.Advance(time);
    }

    private static IEnumerable<string?> TypesOf(IEnumerable<JsonElement> records) => records.Select(record => record.GetProperty("type").GetString());

    private static string? Event(JsonElement record) => record.GetProperty("data").GetProperty("event").GetString();

    private static (string? Passage, string? Portal, long Decision) Passage(JsonElement record)
    {
        var data = record.GetProperty("data");
        return (data.GetProperty("passage").GetString(), data.GetProperty("portal").GetString(), data.GetProperty("decision").GetInt64());
    }
}
