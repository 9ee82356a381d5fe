using System.Text;
using System.Text.Json;
using EdgeGate.Devices.Ports;
using EdgeGate.Messages.Records;
using EdgeGate.Mqtt;
using EdgeGate.Service.DoorContacts;
using EdgeGate.Service.Readers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Tests.Passing;
using EdgeGate.Service.Tests.Uplink;

namespace EdgeGate.Service.Tests.DoorContacts;

/// <summary>Messages on topics in, records and states out.</summary>
public sealed class DoorContactServiceTests : IAsyncLifetime, IDisposable
{
    private const string Topic = "zigbee2mqtt/contact-17", Lora = "application/7/device/1/event/up", Zone = "gateway/zone-3";

    private static readonly DoorContactSettings[] Contacts =
    [
        new() { Id = "contact-17", Topic = Topic, Payload = DoorPayload.Zigbee2mqtt, QuarantineHome = true, SilentAfter = TimeSpan.FromHours(2) },
        new() { Id = "bin-room", Topic = Lora, Payload = DoorPayload.Ws301, Member = "uplink.data" },
        new() { Id = "cellar", Topic = Zone, Payload = DoorPayload.IasZone },
    ];

    private readonly FakeLink _link = new(window: 10);
    private LaneUnderTest _gate = null!;
    private DeviceEvents _events = null!;
    private DoorContactService _service = null!;

    public async Task InitializeAsync()
    {
        _gate = await LaneUnderTest.CreateAsync();
        _events = new DeviceEvents(_gate.Keeper, _gate.Clock, _gate.Time, new ListLogger<DeviceEvents>());
        await _events.StartAsync(CancellationToken.None);
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        await _events.StopAsync(CancellationToken.None).InTime();
        await _gate.DisposeAsync();
        await _link.DisposeAsync();
    }

    public void Dispose()
    {
        _service.Dispose();
        _events.Dispose();
    }

    [Fact]
    public async Task An_opened_door_of_a_home_under_quarantine_is_a_record_and_an_alarm_and_names_no_home()
    {
        await HearAsync(Topic, """{"contact":false,"battery":97,"tamper":false}""");

        var record = Assert.Single(_gate.Records());
        Assert.Equal(DoorContactRecord.Type, record.GetProperty("type").GetString());
        Assert.Equal("quarantine-door-opened", record.GetProperty("alarm").GetString());
        var data = record.GetProperty("data").EnumerateObject().Where(member => member.Name != "clock").Select(member => $"{member.Name}={member.Value}");
        Assert.Equal(["contact=contact-17", "open=True", "quarantineHome=True", "batteryPercent=97", "tamper=False"], data);
    }

    [Fact]
    public async Task The_end_of_the_alarm_is_told_as_the_alarm_was()
    {
        await HearAsync(Topic, """{"contact":false}""");
        await HearAsync(Topic, """{"contact":true}""");
        Assert.Equal(["quarantine-door-opened", "quarantine-door-closed"], _gate.Records().Select(record => record.GetProperty("alarm").GetString()));
    }

    [Fact]
    public async Task Any_other_door_is_a_record_and_no_alarm()
    {
        await HearAsync(Lora, """{"uplink":{"data":"AwAB"}}""");
        await HearAsync(Zone, [0x01, 0x00]);

        Assert.Equal([("bin-room", true), ("cellar", true)], Doors());
        Assert.DoesNotContain(_gate.Records(), record => record.TryGetProperty("alarm", out _));
    }

    [Fact]
    public async Task What_is_told_again_is_no_news_not_even_after_a_restart()
    {
        await HearAsync(Topic, """{"contact":false}""");
        await HearAsync(Topic, """{"contact":false,"battery":96}""");
        await StopAsync();
        _service.Dispose();
        await StartAsync();
        await HearAsync(Topic, """{"contact":false}""", retained: true);
        Assert.Single(_gate.Records());

        await HearAsync(Topic, """{"contact":true}""");
        Assert.Equal([("contact-17", true), ("contact-17", false)], Doors());
    }

    [Fact]
    public async Task A_message_without_the_door_says_nothing_of_it_and_its_battery_shows()
    {
        await HearAsync(Topic, """{"battery":5}""");

        Assert.Empty(Doors());
        Assert.Equal((DeviceState.Doubtful, "its battery is low"), StatusOf("contact-17"));
        Assert.Equal(["device-battery-low"], await AlarmsAsync(1));
    }

    [Fact]
    public async Task A_contact_taken_off_the_wall_is_an_alarm_and_so_is_its_return()
    {
        await HearAsync(Zone, [0x04, 0x00]);
        Assert.Equal(DeviceState.Doubtful, StatusOf("cellar").State);
        await HearAsync(Zone, [0x00, 0x00]);

        Assert.Equal((DeviceState.Connected, "the door is closed"), StatusOf("cellar"));
        Assert.Equal(["device-tampered", "device-tamper-ended"], await AlarmsAsync(2));
    }

    [Fact]
    public async Task A_silent_contact_is_said_to_be_so_until_it_is_heard_again()
    {
        await HearAsync(Topic, """{"contact":true}""");
        _gate.Time.Advance(TimeSpan.FromHours(2));
        await Patience.Until(() => StatusOf("contact-17").State is DeviceState.Silent);
        Assert.Equal(["device-silent"], await AlarmsAsync(1));
        Assert.Equal(DeviceState.Connected, StatusOf("cellar").State); // has 25 hours

        await HearAsync(Topic, """{"contact":true}""");
        Assert.Equal(DeviceState.Connected, StatusOf("contact-17").State);
        Assert.Equal(["device-silent", "device-heard-again"], await AlarmsAsync(2));
    }

    [Theory]
    [InlineData(Topic, "{\"contact\":fal")]
    [InlineData(Lora, "{\"uplink\":{\"data\":\"not base64!\"}}")]
    [InlineData(Lora, "{\"uplink\":7}")]
    [InlineData(Zone, "open")]
    public async Task What_is_no_such_message_is_shown_and_recorded_nowhere(string topic, string message)
    {
        await HearAsync(topic, message);
        Assert.Empty(_gate.Records());
        Assert.Contains(_gate.Devices.Devices, device => device is { State: DeviceState.Doubtful } && device.Cause.Contains("what comes on its topic is no", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_may_publish_there_cannot_fill_the_journal_and_the_last_word_is_kept()
    {
        for (var i = 0; i < 1000; i++)
            await HearAsync(Topic, i % 2 == 0 ? """{"contact":false}""" : """{"contact":true}""");
        Assert.Equal(20, Doors().Length);

        _gate.Time.Advance(TimeSpan.FromMinutes(1));
        await HearAsync(Topic, """{"contact":false}""");
        Assert.Equal(("contact-17", true), Doors()[^1]);
    }

    [Fact]
    public async Task Nor_by_tampering_and_low_batteries_and_how_it_stands_in_the_end_is_told()
    {
        for (var i = 0; i < 500; i++)
        {
            await HearAsync(Topic, """{"tamper":true,"battery":5}""");
            await HearAsync(Topic, """{"tamper":false,"battery":99}""");
            if (i % 20 == 0)
                await Task.Yield();
        }
        await HearAsync(Topic, """{"contact":false}"""); // what the door does has a measure of its own
        Assert.Equal([("contact-17", true)], Doors());
        await HearAsync(Topic, """{"tamper":true}""");
        await AlarmsAsync(20);
        Assert.Equal(20, DataOf(DeviceEventRecord.Type).Count());

        _gate.Time.Advance(TimeSpan.FromMinutes(1));
        await HearAsync(Topic, """{"contact":false}""");
        Assert.Equal("device-tampered", (await AlarmsAsync(21)).Last());
    }

    private async Task StartAsync()
    {
        var timers = _gate.Time.WaitingTimers;
        _service = new DoorContactService(
            Contacts, _gate.PathOf("door-contacts"), _link, _gate.Keeper, _events, _gate.Devices, _gate.Clock, _gate.Time, new ListLogger<DoorContactService>());
        await _service.StartAsync(CancellationToken.None);
        await Patience.Until(() => _gate.Time.WaitingTimers > timers);
    }

    private Task StopAsync() => _service.StopAsync(CancellationToken.None).InTime();

    private Task HearAsync(string topic, string message, bool retained = false) => HearAsync(topic, Encoding.UTF8.GetBytes(message), retained);

    private async Task HearAsync(string topic, byte[] message, bool retained = false) =>
        await _link.Handlers[topic](new MqttInbound { Topic = topic, Payload = message, Retained = retained }, CancellationToken.None);

    private (string, bool)[] Doors() =>
        [.. DataOf(DoorContactRecord.Type).Select(data => (data.GetProperty("contact").GetString()!, data.GetProperty("open").GetBoolean()))];

    private async Task<IEnumerable<string?>> AlarmsAsync(int atLeast)
    {
        await Patience.Until(() => DataOf(DeviceEventRecord.Type).Count() >= atLeast);
        return _gate.Records().Where(record => record.GetProperty("type").GetString() == DeviceEventRecord.Type).Select(record => record.GetProperty("alarm").GetString());
    }

    private IEnumerable<JsonElement> DataOf(string type) =>
        _gate.Records().Where(record => record.GetProperty("type").GetString() == type).Select(record => record.GetProperty("data"));

    private (DeviceState State, string Cause) StatusOf(string contact)
    {
        var status = _gate.Devices.Devices.Single(device => device.DeviceId == contact);
        return (status.State, status.Cause);
    }
}
