using System.Text.Json;
using EdgeGate.Devices.Ports;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Hardware;
using EdgeGate.Service.Readers;
using EdgeGate.Service.Tests.Passing;

namespace EdgeGate.Service.Tests.Hardware;

/// <summary>What devices tell while the journal takes no records, as on a full disk.</summary>
public sealed class DeviceRecordsTests : IAsyncLifetime, IDisposable
{
    private readonly ListLogger<DeviceEvents> _log = new();
    private readonly JournalInTheWay _inTheWay = new();
    private LaneUnderTest _lane = null!;
    private DeviceEvents _events = null!;
    private SwapRecords _swaps = null!;

    public async Task InitializeAsync()
    {
        _lane = await LaneUnderTest.CreateAsync(beforeJournal: _inTheWay.TakeAsync);
        _events = new DeviceEvents(_lane.Keeper, _lane.Clock, _lane.Time, _log);
        _swaps = new SwapRecords(
            _lane.Devices, new DeviceIdentities(_lane.PathOf(""), new ListLogger<DeviceIdentities>()), _lane.Keeper, _lane.Clock, _lane.Time, new ListLogger<SwapRecords>());
        await _events.StartAsync(CancellationToken.None);
        await _swaps.StartAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _events.StopAsync(CancellationToken.None).InTime();
        await _swaps.StopAsync(CancellationToken.None).InTime();
        await _inTheWay.DisposeAsync();
        await _lane.DisposeAsync();
    }

    public void Dispose()
    {
        _events.Dispose();
        _swaps.Dispose();
    }

    private IEnumerable<JsonElement> OfDevices() => _lane.Records().Where(record => record.GetProperty("data").TryGetProperty("device", out _)); // the journal tells of itself, too

    /// <summary>What is on record of devices, once there are so many; with the second of the minute at which it happened.</summary>
    private async Task<IEnumerable<string>> RecordsAsync(int atLeast)
    {
        await _inTheWay.DisposeAsync();
        await Patience.Until(() =>
        {
            if (OfDevices().Count() >= atLeast)
                return true;
            _lane.Time.Advance(TimeSpan.FromSeconds(1)); // a step at a time: journal and records try again by this clock
            return false;
        });
        return OfDevices().Select(record =>
            $"{record.GetProperty("data").GetProperty("device").GetString()} {record.GetProperty("data").GetProperty("event").GetString()} :{record.GetProperty("time").GetDateTimeOffset():ss}");
    }

    [Fact]
    public async Task What_was_told_meanwhile_is_on_record_afterwards_in_order_with_its_own_time_and_the_log_says_it_once()
    {
        _events.Tell("osdp-1", DeviceEventKind.Tampered);
        _lane.Time.Advance(TimeSpan.FromSeconds(1));
        _events.Tell("osdp-1", DeviceEventKind.TamperEnded);

        Assert.Equal(["osdp-1 tampered :00", "osdp-1 tamper-ended :01"], await RecordsAsync(2));
        Assert.Single(_log.Lines, line => line.Contains("osdp-1: Tampered is not on record yet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task So_is_a_device_that_was_swapped_and_came_back()
    {
        _lane.Devices.Tell("id-card", DeviceState.Swapped, "another serial number", reconnects: 0);
        _lane.Time.Advance(TimeSpan.FromSeconds(1));
        _lane.Devices.Tell("id-card", DeviceState.Connected, "/dev/a", reconnects: 1);

        Assert.Equal(["id-card swapped :00", "id-card returned :01"], await RecordsAsync(2));
    }

    [Fact]
    public async Task What_still_waits_when_the_gate_stops_is_on_record_if_the_journal_works_again()
    {
        _events.Tell("osdp-1", DeviceEventKind.Tampered);
        await Patience.Until(() => _log.Lines.Any(line => line.Contains("is not on record yet", StringComparison.Ordinal)));
        _events.Tell("contact-17", DeviceEventKind.BatteryLow);
        await _inTheWay.DisposeAsync(); // the next attempt would be in five seconds

        await _events.StopAsync(CancellationToken.None).InTime();

        Assert.Equal(["osdp-1", "contact-17"], OfDevices().Select(record => record.GetProperty("data").GetProperty("device").GetString()));
        Assert.DoesNotContain(_log.Lines, line => line.Contains("are lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_lost_when_the_gate_stops_while_the_journal_takes_nothing_is_counted_and_named_in_the_log()
    {
        _events.Tell("osdp-1", DeviceEventKind.Tampered);
        _events.Tell("contact-17", DeviceEventKind.BatteryLow);
        _events.Tell("osdp-1", DeviceEventKind.TamperEnded);

        await _events.StopAsync(CancellationToken.None).InTime();

        Assert.Single(_log.Lines, line => line.Contains("3 events of osdp-1, contact-17 are lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task However_much_one_device_tells_the_newest_of_every_device_is_kept()
    {
        _events.Tell("osdp-1", DeviceEventKind.Tampered);
        for (var i = 0; i < 5000; i++)
            _events.Tell("contact-17", i % 2 == 0 ? DeviceEventKind.BatteryLow : DeviceEventKind.BatteryGood);
        _events.Tell("osdp-1", DeviceEventKind.TamperEnded);

        var records = (await RecordsAsync(DeviceRecords<DeviceEventKind>.Most)).ToArray();

        Assert.Equal(DeviceRecords<DeviceEventKind>.Most, records.Length);
        Assert.Equal(("osdp-1 tampered :00", "contact-17 battery-good :00", "osdp-1 tamper-ended :00"), (records[0], records[^2], records[^1]));
    }
}
