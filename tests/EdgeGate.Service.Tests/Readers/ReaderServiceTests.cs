using EdgeGate.Access;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Scanners;
using EdgeGate.Devices.Thermometers;
using EdgeGate.HealthCodes;
using EdgeGate.HealthCodes.Passes;
using EdgeGate.HealthCodes.Providers;
using EdgeGate.HealthCodes.Trust;
using EdgeGate.Service.Health;
using EdgeGate.Service.HealthCodes;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Readers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Testing;
using Microsoft.Extensions.Hosting;

namespace EdgeGate.Service.Tests.Readers;

public sealed class ReaderServiceTests : IAsyncLifetime, IDisposable
{
    private readonly LoopbackPort _port = new("/dev/test");
    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ListLogger<DeviceBoard> _log = new();
    private DeviceBoard _board = null!;
    private LaneInputs _lane = null!;
    private GateClock _clock = null!;
    private BackgroundService? _service;
    private Task _device = Task.CompletedTask;

    public Task InitializeAsync()
    {
        _clock = new GateClock(_time, Guid.Empty, () => true);
        _lane = new LaneInputs(_clock);
        _board = new DeviceBoard(_time, _log);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_service is not null)
            await _service.StopAsync(CancellationToken.None).InTime();
        await _device.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _service?.Dispose();
        _stop.Dispose();
    }

    /// <summary>The device's end of the line that the service opened.</summary>
    private async Task<LoopbackLine> StartAsync(BackgroundService service)
    {
        _service = service;
        await service.StartAsync(CancellationToken.None);
        return await _port.NextDeviceEndAsync(_stop.Token).InTime();
    }

    private Task<EncounterInput> SeenAsync() => _lane.Reader.ReadAsync(_stop.Token).InTime();

    private async Task<Credential> PresentedAsync() => Assert.IsType<EncounterInput.Presented>(await SeenAsync()).Presentation.Credential;

    private Task<string> ReportedAsync(string device, DeviceState state) => _log.HearAsync($"Device {device} is {state}");

    private DeviceStatus Status(string device) => _board.Devices.Single(status => status.DeviceId == device);

    // Scanner

    /// <summary>A gate that asks for no health codes: whatever is scanned is a credential.</summary>
    private static CodeIntake CodesOf(LaneInputs lane, GateClock clock, TimeProvider time) => new(
        new CodeIntakeOptions { TakesHealthCodes = false, TakesPasses = false, Patterns = [], GateNames = [], Direction = PassDirections.Entry, Place = "estate/gate-1" },
        new HealthCodeVerifier(new TrustStore([])), new Dictionary<string, HttpHealthCodeProvider>(), lane, clock, time, new ListLogger<CodeIntake>());

    private Task<LoopbackLine> ScannerAsync() => ScannerAsync(new LineScannerSettings { Id = "scanner", Port = "/dev/test" });

    private Task<LoopbackLine> ScannerAsync(ReaderSettings settings) =>
        StartAsync(new ScannerService(settings, _port, CodesOf(_lane, _clock, _time), _board, _time));

    [Fact]
    public async Task A_scanned_code_is_presented_at_its_reader()
    {
        var line = await ScannerAsync();
        await line.WriteAsync("PASS-0001\r\n"u8.ToArray(), CancellationToken.None);

        var presentation = Assert.IsType<EncounterInput.Presented>(await SeenAsync()).Presentation;

        Assert.Equal("scanner", presentation.ReaderId);
        Assert.Equal(new Credential.Code("PASS-0001"), presentation.Credential);
        Assert.Equal(_clock.Read(), presentation.Seen);
    }

    [Fact]
    public async Task A_module_is_set_up_before_its_codes_are_presented()
    {
        var line = await ScannerAsync(new Gm65ScannerSettings { Id = "scanner", Port = "/dev/test", Decoration = new() { Prefix = "<", SymbologyIdentifier = true } });
        var module = new SimulatedGm65(line, _time);
        _device = module.RunAsync(_stop.Token);
        await Patience.Until(() => Status("scanner").Cause is "the module is set up");
        await module.ScanAsync("<]Q1PASS-0001", _stop.Token);
        Assert.Equal(new Credential.Code("PASS-0001"), await PresentedAsync());
        Assert.Equal(3, module.Zones[0]);
    }

    [Fact]
    public async Task What_a_keyboard_scanner_types_is_presented()
    {
        var line = await ScannerAsync(new WedgeScannerSettings { Id = "scanner", Port = "/dev/test" });
        await new SimulatedWedge(line).ScanAsync("PASS-0001", _stop.Token);
        Assert.Equal(new Credential.Code("PASS-0001"), await PresentedAsync());
    }

    [Fact]
    public async Task A_scanner_that_is_pulled_and_put_back_goes_on()
    {
        var line = await ScannerAsync();
        await ReportedAsync("scanner", DeviceState.Connected);
        line.Unplug();
        await ReportedAsync("scanner", DeviceState.Absent);

        var next = _port.NextDeviceEndAsync(_stop.Token).InTime();
        await Patience.Until(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            return next.IsCompleted;
        });
        await (await next).WriteAsync("PASS-0002\n"u8.ToArray(), CancellationToken.None);

        Assert.Equal(new Credential.Code("PASS-0002"), await PresentedAsync());
    }

    [Fact]
    public async Task A_lane_that_is_stuck_makes_the_scanner_wait_and_loses_no_code()
    {
        var line = await ScannerAsync();
        for (var i = 0; i < 200; i++)
            await line.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"PASS-{i}\n"), CancellationToken.None);

        for (var i = 0; i < 200; i++)
            Assert.Equal(new Credential.Code($"PASS-{i}"), await PresentedAsync());
    }

    [Fact]
    public async Task A_line_that_brings_nothing_but_noise_is_said_with_its_speed_until_a_code_comes()
    {
        var line = await ScannerAsync();
        for (var i = 0; i < 6; i++)
            await line.WriteAsync(new byte[] { 0xFF, 0xFE, (byte)'\n' }, CancellationToken.None);
        var noisy = ReportedAsync("scanner", DeviceState.Doubtful);
        await Patience.Until(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            return noisy.IsCompleted;
        });
        Assert.Contains("damaged pieces): is its speed 9600?", await noisy, StringComparison.Ordinal);

        await line.WriteAsync("PASS-0001\n"u8.ToArray(), CancellationToken.None);
        Assert.Equal(new Credential.Code("PASS-0001"), await PresentedAsync());
        await ReportedAsync("scanner", DeviceState.Connected);
    }

    // Thermometer

    private async Task<LoopbackLine> ThermometerAsync()
    {
        var settings = new GyMcu90614Settings { Id = "forehead", Port = "/dev/test" };
        var care = new ThermometerCare(settings, "/nowhere/medians", _clock, new ListLogger<ThermometerCare>());
        var line = await StartAsync(new ThermometerService<IDeviceLine>(
            settings, _port, line => new GyMcu90614(line, new GyMcu90614Options(), _time),
            care, new TemperatureSettling(new SettlingOptions()), _lane, _board, _clock));
        await ReportedAsync("forehead", DeviceState.Connected);
        return line;
    }

    private static async Task SendAsync(LoopbackLine line, int surface, int ambient, int times = 1)
    {
        for (var i = 0; i < times; i++)
            await line.WriteAsync(GyMcu90614Frame.Encode(new TemperatureReading(new Celsius(surface), new Celsius(ambient))), CancellationToken.None);
    }

    [Fact]
    public async Task Readings_that_agree_reach_the_lane_as_one_temperature()
    {
        var line = await ThermometerAsync();
        await SendAsync(line, 36_50, 25_00, times: 3);

        var measured = Assert.IsType<EncounterInput.Measured>(await SeenAsync()).Temperature;

        Assert.Equal((new Celsius(36_50), new Celsius(25_00)), (measured.Surface, measured.Ambient));
    }

    [Theory]
    [InlineData(0, 0)] // a board that has lost its sensor sends zeros …
    [InlineData(-1, -1)] // … or ones: FFFF
    [InlineData(120_00, 25_00)]
    [InlineData(36_50, 120_00)]
    [InlineData(-41_00, 25_00)]
    public async Task A_sensor_that_reports_what_cannot_be_is_faulty_measures_nobody_and_recovers(int surface, int ambient)
    {
        var line = await ThermometerAsync();
        await SendAsync(line, surface, ambient, times: 10);
        Assert.Contains("check its wiring", await ReportedAsync("forehead", DeviceState.Faulty), StringComparison.Ordinal);
        Assert.Equal(0, _lane.Reader.Count);

        await SendAsync(line, 24_00, 23_00);
        await ReportedAsync("forehead", DeviceState.Connected);
    }

    [Fact]
    public async Task Nine_impossible_readings_are_passed_over_and_nobodys_stay_ends_with_them()
    {
        var line = await ThermometerAsync();
        await SendAsync(line, 36_50, 25_00, times: 3);
        var before = Assert.IsType<EncounterInput.Measured>(await SeenAsync()).Temperature;
        await SendAsync(line, 120_00, 25_00, times: 9);
        await SendAsync(line, 36_50, 25_00);
        var after = Assert.IsType<EncounterInput.Measured>(await SeenAsync()).Temperature;

        Assert.Equal(before.Episode, after.Episode);
        Assert.Equal(DeviceState.Connected, Status("forehead").State);
    }

    [Fact]
    public async Task A_thermometer_that_falls_silent_is_said_and_its_return_too()
    {
        var line = await ThermometerAsync();
        var silent = ReportedAsync("forehead", DeviceState.Silent);
        await Patience.Until(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            return silent.IsCompleted;
        });
        Assert.Contains("at 9600 baud: the thermometer sends nothing", await silent, StringComparison.Ordinal);

        await SendAsync(line, 24_00, 23_00);
        await ReportedAsync("forehead", DeviceState.Connected);
    }

    [Fact]
    public async Task Temperatures_that_the_stuck_lane_has_no_room_for_are_dropped_and_the_reader_goes_on()
    {
        var line = await ThermometerAsync();
        await SendAsync(line, 36_50, 25_00, times: 500);
        await SendAsync(line, 120_00, 25_00, times: 10);
        await ReportedAsync("forehead", DeviceState.Faulty); // it got that far

        Assert.Equal(64, _lane.Reader.Count);
    }

    // ID card reader; in real time, for the pretend module answers on its own

    private async Task<SimulatedSamV> CardReaderAsync()
    {
        var line = await StartAsync(new IdCardReaderService(
            new SamVReaderSettings { Id = "id-card", Port = "/dev/test", PollEvery = TimeSpan.FromMilliseconds(10) }, _port, _lane, _board, TimeProvider.System));
        var module = new SimulatedSamV(line, SimulatedSamVTiming.Instant, TimeProvider.System);
        _device = module.RunAsync(_stop.Token);
        return module;
    }

    private static ResidentIdCard Resident => new()
    {
        Name = "测试一",
        SexCode = "1",
        EthnicGroupCode = "01",
        BirthDate = new CardDate("19000101"),
        Address = "虚构省假想市样例区测试路1号",
        Number = "999999190001010015",
        Issuer = "假想市公安局样例分局",
        ValidFrom = new CardDate("20200101"),
        ValidTo = CardDate.LongTerm,
    };

    [Fact]
    public async Task A_card_is_noticed_first_and_then_presented_once_with_what_stands_on_it()
    {
        var module = await CardReaderAsync();
        module.Place(SimulatedCard.Of(Resident));

        Assert.IsType<EncounterInput.CardNoticed>(await SeenAsync());
        Assert.Equal(new Credential.IdCard("999999190001010015", "测试一", new DateOnly(2020, 1, 1), null, LongTerm: true), await PresentedAsync());

        module.Lift();
        module.Place(SimulatedCard.Of(Resident with { ValidTo = new CardDate("20251231") }));
        Assert.IsType<EncounterInput.CardNoticed>(await SeenAsync());
        var second = Assert.IsType<Credential.IdCard>(await PresentedAsync());
        Assert.Equal((new DateOnly(2025, 12, 31), false), (second.ValidTo, second.LongTerm));
    }

    [Fact]
    public async Task A_foreigners_card_of_2017_promises_no_check_digit()
    {
        var module = await CardReaderAsync();
        module.Place(SimulatedCard.Of(new ForeignerIdCard2017
        {
            EnglishName = "CESHI, WAIGUOREN YI",
            ChineseName = "",
            SexCode = "1",
            Number = "XXX999900010107",
            Nationality = "XXX",
            BirthDate = new CardDate("19000101"),
            ValidFrom = new CardDate("20200101"),
            ValidTo = new CardDate("20300101"),
            Version = "01",
            Authority = "9999",
        }));
        await SeenAsync();

        var card = Assert.IsType<Credential.IdCard>(await PresentedAsync());

        Assert.False(card.HasCitizenNumber);
        Assert.Equal("CESHI, WAIGUOREN YI", card.Name);
    }

    [Theory]
    [InlineData(SamVStatus.CardTypeUnknown, "card-not-supported")]
    [InlineData(SamVStatus.ModuleRefusedCard, "card-refused")]
    [InlineData(SamVStatus.ReadFailed, "read-failed")]
    public async Task A_card_that_cannot_be_read_is_presented_as_such_with_a_word_for_the_record(SamVStatus refusal, string word)
    {
        var module = await CardReaderAsync();
        module.Place(SimulatedCard.Of(Resident) with { Refusal = refusal });
        Assert.IsType<EncounterInput.CardNoticed>(await SeenAsync());

        Assert.Equal(new Credential.Unreadable(word), await PresentedAsync());
    }

    [Theory]
    [InlineData(SamVStatus.SelfTestFailed, "failed its self-test")]
    [InlineData(SamVStatus.NotAuthorised, "must be replaced")]
    public async Task A_module_that_is_broken_is_faulty_in_words(SamVStatus broken, string words)
    {
        var module = await CardReaderAsync();
        module.Broken = broken;

        Assert.Contains(words, await ReportedAsync("id-card", DeviceState.Faulty), StringComparison.Ordinal);
    }
}
