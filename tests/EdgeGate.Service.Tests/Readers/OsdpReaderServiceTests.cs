using System.Text;
using EdgeGate.Access;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Wiegand;
using EdgeGate.Journal;
using EdgeGate.Service.Health;
using EdgeGate.Service.Keys;
using EdgeGate.Service.Kiosk;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Readers.Osdp;
using EdgeGate.Service.Tests.Cli;
using EdgeGate.Service.Tests.Settings;
using EdgeGate.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeGate.Service.Tests.Readers;

/// <summary>A whole gate whose readers and portals share RS-485 lines, which are pseudo-terminals with simulated devices at them.</summary>
public sealed class OsdpReaderServiceTests : IAsyncLifetime, IDisposable
{
    private const string KeyText = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF";
    private static readonly OsdpKey Key = new(Convert.FromHexString(KeyText));

    private readonly TemporaryDirectory _directory = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly RunningTime _time = new();
    private readonly SimulatedOsdpPeripheral _reader, _other;
    private readonly PseudoTerminal _line;
    private readonly Task _devices;
    private WebApplication? _gate;

    public OsdpReaderServiceTests()
    {
        _line = PseudoTerminal.Open(_directory["rs485"]);
        (_reader, _other) = (new(3, _time.Clock) { Key = Key }, new(4, _time.Clock));
        _devices = new SimulatedOsdpLine([_reader, _other], _time.Clock).RunAsync(_line, _stop.Token);
    }

    public Task InitializeAsync() => File.WriteAllTextAsync(_directory["osdp.key"], KeyText + "\n", _stop.Token);

    public async Task DisposeAsync()
    {
        if (_gate is not null)
        {
            await _gate.StopAsync(CancellationToken.None).InTime();
            await _gate.DisposeAsync();
        }
        await _stop.CancelAsync();
        await _line.DisposeAsync();
        await _devices.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _time.DisposeAsync();
    }

    public void Dispose()
    {
        _directory.Dispose();
        _stop.Dispose();
    }

    private Lane Lane => _gate!.Services.GetRequiredService<Lanes>().All[0];

    private DeviceStatus StatusOf(string device) => _gate!.Services.GetRequiredService<DeviceBoard>().Devices.Single(status => status.DeviceId == device);

    [Fact]
    public async Task A_card_at_a_reader_becomes_a_decision_that_opens_its_output_and_shows_green()
    {
        await StartAsync();
        _reader.PresentCard(new WiegandCard(26, 99 << 16 | 12345).Encode());
        await Patience.Until(() => _reader.IsOutputOn(1));
        await Patience.Until(() => Shown(_reader).Any(light => light is (OsdpColour.Green, 20)));
        await Patience.Until(() => _reader.Obeyed.Any(command => command.Code == OsdpCommandCode.Buzzer));

        var journal = _gate!.Services.GetRequiredService<GateJournal>();
        await Patience.Until(() => journal.LastSequence == 2); // decided, and passed
        Assert.True(_reader.IsSecure);
    }

    [Fact]
    public async Task A_card_nobody_knows_shows_red_and_opens_nothing()
    {
        await StartAsync();
        _other.PresentCard(new WiegandCard(26, 98 << 16 | 12345).Encode());
        await Patience.Until(() => Shown(_other).Any(light => light is (OsdpColour.Red, 20)));
        Assert.False(_reader.IsOutputOn(1));
    }

    [Fact]
    public async Task A_reader_that_is_opened_and_a_line_that_is_pulled_show_on_the_board()
    {
        await StartAsync();
        _other.Tampered = true;
        await Patience.Until(() => StatusOf("other").Cause.Contains("tamper", StringComparison.Ordinal));
        Assert.Equal(DeviceState.Doubtful, StatusOf("other").State);
        Assert.True(Lane.Health.IsInService);
        await RecordedAsync("device-tampered");
        await _line.DisposeAsync();
        await Patience.Until(() => new[] { "reader", "other", "door" }.All(device => StatusOf(device).State is DeviceState.Absent));
        Assert.False(Lane.Health.IsInService);
    }

    [Fact]
    public async Task A_key_file_that_cannot_be_read_leaves_the_reader_out_and_never_in_the_clear()
    {
        File.Delete(_directory["osdp.key"]);
        await BuildAsync();
        await Patience.Until(() => StatusOf("other").State is DeviceState.Connected);
        Assert.Equal(DeviceState.Faulty, StatusOf("reader").State);
        Assert.Contains("key file", StatusOf("door").Cause, StringComparison.Ordinal);
        Assert.False(Lane.Health.IsInService);
    }

    [Fact]
    public async Task A_new_reader_gets_its_key_when_a_person_asks_for_it_and_only_once()
    {
        _reader.Key = null;
        await BuildAsync();
        await Patience.Until(() => StatusOf("reader").State is DeviceState.Faulty);
        var asked = Path.Combine(_directory["data"], "osdp-install-reader");
        await File.WriteAllTextAsync(asked, "", _stop.Token);
        await Patience.Until(() => StatusOf("reader").State is DeviceState.Connected);
        Assert.False(File.Exists(asked));
        Assert.NotNull(_reader.Key);
    }

    [Fact]
    public async Task A_code_typed_on_the_keys_is_a_credential()
    {
        await StartAsync();
        _other.Press("47");
        _other.Press("11#");
        await Patience.Until(() => _reader.IsOutputOn(1));
        await RecordedAsync("Decided");
    }

    [Fact]
    public async Task Another_reader_in_its_place_is_refused_until_a_person_accepts_it()
    {
        await StartAsync();
        _other.Identification = _other.Identification with { Serial = 0x0BADCAFE };
        _other.Reset();
        await Patience.Until(() => StatusOf("other").State is DeviceState.Swapped);
        Assert.Contains("0BADCAFE: put the right one back, or accept this one (edgegate devices accept other)", StatusOf("other").Cause, StringComparison.Ordinal);
        _other.PresentCard(new WiegandCard(26, 99 << 16 | 12345).Encode());
        await RecordedAsync("device-swapped");

        var accepted = await AcceptAsync("other");

        Assert.Equal(0, accepted.ExitCode);
        Assert.Matches("other was .* serial [0-9A-F]{8}; from now on it is .* serial 0BADCAFE", accepted.Output);
        await Patience.Until(() => StatusOf("other").State is DeviceState.Connected);
        await RecordedAsync("\"event\":\"accepted\"");
        Assert.Equal(["swapped", "accepted"], SwapsOnRecord()); // each once
        Assert.False(_reader.IsOutputOn(1)); // the card shown meanwhile counted for nothing
        _other.PresentCard(new WiegandCard(26, 99 << 16 | 12345).Encode());
        await Patience.Until(() => _reader.IsOutputOn(1));
    }

    [Fact]
    public async Task What_a_person_accepted_is_known_after_a_restart_and_nobody_else_is()
    {
        await StartAsync();
        await SwapAsync(0x0BADCAFE);
        await AcceptAsync("other");
        await Patience.Until(() => StatusOf("other").State is DeviceState.Connected);
        await _gate!.StopAsync(CancellationToken.None).InTime();
        await _gate.DisposeAsync();
        _other.Identification = _other.Identification with { Serial = 0x0BADBEEF }; // swapped while the gate was off
        _other.Reset();

        await BuildAsync();

        await Patience.Until(() => StatusOf("other").State is DeviceState.Swapped);
        Assert.Matches("it was .* serial 0BADCAFE, and now there is .* serial 0BADBEEF", StatusOf("other").Cause);
    }

    [Fact]
    public async Task A_device_may_be_accepted_by_the_name_of_the_portal_at_its_address_and_where_nobody_is_refused_there_is_nothing_to_accept()
    {
        await StartAsync();
        Assert.Equal("Nothing is refused in the place of door.", (await AcceptAsync("door")).Errors.Trim());
        _reader.Identification = _reader.Identification with { Serial = 0x0BADCAFE };
        _reader.Reset();
        await Patience.Until(() => StatusOf("door").State is DeviceState.Swapped);

        Assert.Equal(0, (await AcceptAsync("door")).ExitCode);

        await Patience.Until(() => StatusOf("door").State is DeviceState.Connected && StatusOf("reader").State is DeviceState.Connected);
        Assert.Equal("Nothing is refused in the place of reader.", (await AcceptAsync("reader")).Errors.Trim());
    }

    [Fact]
    public async Task An_acceptance_of_one_device_is_none_of_the_next_that_is_plugged_in()
    {
        await StartAsync();
        await SwapAsync(0x0BADCAFE);
        var named = await File.ReadAllBytesAsync(Path.Combine(_directory["data"], "devices", "other.osdp.refused.json"), _stop.Token);
        await SwapAsync(0x0BADBEEF);
        await Patience.Until(() => StatusOf("other").Cause.Contains("0BADBEEF", StringComparison.Ordinal));

        var wish = Path.Combine(_directory["data"], "devices", "other.osdp.accepted.json");
        await File.WriteAllBytesAsync(wish, named, _stop.Token);

        await Patience.Until(() => !File.Exists(wish));
        Assert.Equal(DeviceState.Swapped, StatusOf("other").State);
    }

    [Fact]
    public async Task A_button_on_an_input_opens_the_output_and_a_door_contact_tells_whether_somebody_went()
    {
        _reader.SetInput(0, active: true); // the door is shut
        await StartAsync();
        _reader.SetInput(1, active: true);
        await Patience.Until(() => _reader.IsOutputOn(1));
        _reader.SetInput(0, active: false);
        await RecordedAsync("\"passage\":\"taken\"");
    }

    [Fact]
    public async Task An_output_that_keeps_refusing_to_be_released_is_in_doubt_on_the_board_until_it_obeys()
    {
        _reader.RefusesOutputs = true;
        await StartAsync();
        await Patience.Until(() => StatusOf("door").State is DeviceState.Doubtful);
        Assert.Contains("output 1 does not obey when it is told to switch off, and may be on", StatusOf("door").Cause, StringComparison.Ordinal);

        _reader.RefusesOutputs = false;
        await Patience.Until(() => StatusOf("door").State is DeviceState.Connected);
    }

    [Fact]
    public async Task In_the_mode_free_the_output_is_on_for_good_and_off_when_the_mode_ends()
    {
        await StartAsync();
        Lane.Mode.Set(PortalMode.Free);
        await Patience.Until(() => Lane.Kiosk.Current.Face is KioskFace.Free);
        Assert.True(_reader.IsOutputOn(1));
        await Patience.Until(() => Shown(_other).Any(light => light is (OsdpColour.Green, 30)));
        Lane.Mode.Set(PortalMode.Normal);
        await Patience.Until(() => !_reader.IsOutputOn(1));
    }

    [Theory]
    [InlineData(0, 32, "12345678", "UID-12345678")]
    [InlineData(0, 56, "04A1B2C3D4E5F6", "UID-04A1B2C3D4E5F6")]
    [InlineData(1, 26, "31981CC0", "099,12345")]
    [InlineData(0, 34, "4CCC800080", "2576941057")]
    public void A_card_is_named_as_it_is_printed(byte format, int bits, string hex, string text)
    {
        var card = new OsdpCard(0, format, new WiegandBits(Convert.FromHexString(hex), bits));
        Assert.Equal(new Credential.Code(text), OsdpReaderService.CredentialOf(card));
    }

    [Theory]
    [InlineData(26, "B1981CC0", "card-parity-wrong")]
    [InlineData(25, "31981C80", "card-format-unknown")]
    public void A_card_with_wrong_parity_or_an_unknown_length_is_unreadable(int bits, string hex, string cause) =>
        Assert.Equal(new Credential.Unreadable(cause), OsdpReaderService.CredentialOf(new OsdpCard(0, 1, new WiegandBits(Convert.FromHexString(hex), bits))));

    private async Task StartAsync()
    {
        await BuildAsync();
        await Patience.Until(() => Lane.Health.IsInService && StatusOf("other").State is DeviceState.Connected);
        await Patience.Until(() => Lane.Kiosk.Current.Face is KioskFace.Idle);
    }

    private async Task BuildAsync()
    {
        var port = _directory["rs485"];
        var settings = SmallSettings.IsValid(SmallSettings.Parse(await File.ReadAllTextAsync(_directory.Write("gate.json", $$"""
            {
              "site": "estate", "gate": "gate-1", "dataDirectory": "{{_directory["data"]}}", "web": { "address": "http://127.0.0.1:0" },
              "lanes": [{
                "id": "lane-1", "direction": "entry", "evidence": ["identity"],
                "readers": [
                  { "id": "reader", "kind": "osdp", "port": "{{port}}", "address": 3, "keyFile": "{{_directory["osdp.key"]}}" },
                  { "id": "other", "kind": "osdp", "port": "{{port}}", "address": 4, "keypad": true },
                ],
                "portal": { "id": "door", "kind": "osdp", "port": "{{port}}", "address": 3, "keyFile": "{{_directory["osdp.key"]}}", "output": 1, "doorContact": { "input": 0 }, "exitButton": { "input": 1 } },
              }],
              "rules": { "credentialGroups": [{ "name": "company", "facility": 99 }, { "name": "plumber", "prefix": "PIN-4711" }] },
            }
            """), _stop.Token))).Settings;
        _gate = await GateHost.BuildAsync(settings, GateKeys.LoadOrMake(settings.Privacy, settings.DataDirectory), _time.Clock, CancellationToken.None);
        await _gate.StartAsync(CancellationToken.None).InTime();
    }

    private async Task SwapAsync(uint serial)
    {
        _other.Identification = _other.Identification with { Serial = serial };
        _other.Reset();
        await Patience.Until(() => StatusOf("other") is { State: DeviceState.Swapped, Cause: var cause } && cause.Contains($"{serial:X8}", StringComparison.Ordinal));
    }

    private Task<CommandLine> AcceptAsync(string device) => CommandLine.RunAsync("devices", "accept", device, "--settings", _directory["gate.json"]);

    private async Task RecordedAsync(string text)
    {
        using var journal = JournalReader.Open(Path.Combine(_directory["data"], "journal"));
        await Patience.Until(() => journal.Read(1, 100).Any(record => Encoding.UTF8.GetString(record.Payload.Span).Contains(text, StringComparison.OrdinalIgnoreCase)));
    }

    private string[] SwapsOnRecord()
    {
        using var journal = JournalReader.Open(Path.Combine(_directory["data"], "journal"));
        var texts = journal.Read(1, 100).Select(record => Encoding.UTF8.GetString(record.Payload.Span)).ToArray();
        return [.. texts.SelectMany(text => new[] { "swapped", "accepted", "returned" }.Where(word => text.Contains($"\"event\":\"{word}\"", StringComparison.Ordinal)))];
    }

    /// <summary>The temporary lights it was told to show: colour, and for how many tenths of a second.</summary>
    private static IEnumerable<(OsdpColour Colour, int Tenths)> Shown(SimulatedOsdpPeripheral reader) =>
        reader.Obeyed.Where(command => command.Code == OsdpCommandCode.Led && command.Data.Span[2] == 2)
            .Select(command => ((OsdpColour)command.Data.Span[5], command.Data.Span[7] | command.Data.Span[8] << 8));
}
