using EdgeGate.Access;
using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.Osdp;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Wiegand;
using EdgeGate.Service.Hardware;
using EdgeGate.Service.Health;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Readers;
using EdgeGate.Service.Readers.Osdp;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Readers;

/// <summary>A Wiegand reader's two wires on a simulated chip, up to what the lane gets.</summary>
public sealed class WiegandReaderServiceTests : IAsyncLifetime, IDisposable
{
    private static readonly WiegandCard Card = new(26, 99 << 16 | 12345);
    private static readonly WiegandReaderSettings Settings = new() { Id = "card-reader", Chip = "pins", Data0 = "d0", Data1 = "d1" };

    private readonly ManualTime _time = new();
    private readonly SimulatedGpio _chip;
    private readonly DeviceBoard _board;
    private readonly LaneInputs _lane;
    private readonly WiegandReaderService _service;

    public WiegandReaderServiceTests()
    {
        _chip = new SimulatedGpio(["d0", "d1"], _time);
        _chip.Drive("d0", high: true);
        _chip.Drive("d1", high: true);
        _board = new DeviceBoard(_time, new ListLogger<DeviceBoard>());
        _lane = new LaneInputs(new GateClock(_time, Guid.Empty, () => true));
        _service = new WiegandReaderService(Settings, _chip.Port(Settings.ToOptions().Lines), _lane, _board, _time);
    }

    public async Task InitializeAsync()
    {
        await _service.StartAsync(CancellationToken.None);
        await Patience.Until(() => Status.State is DeviceState.Connected);
    }

    public Task DisposeAsync() => _service.StopAsync(CancellationToken.None).InTime();

    public void Dispose() => _service.Dispose();

    private DeviceStatus Status => _board.Devices.Single();

    [Fact]
    public void A_card_that_is_watched_shows_what_it_would_be_in_every_other_order()
    {
        Assert.Equal("card 099,12345, 26 bits; with order lowest-byte-first 057,12387, lowest-bit-first 156,03270", DeviceReadings.Words(Card, WiegandOrder.HighestFirst));
        Assert.Equal("card 099,12345, 26 bits; with order highest-first 057,12387, lowest-bit-first 198,03228", DeviceReadings.Words(Card, WiegandOrder.LowestByteFirst));
        Assert.Equal(WiegandOrder.LowestBitFirst, (Settings with { Order = WiegandOrder.LowestBitFirst }).ToOptions().Order);
    }

    [Theory, InlineData(26), InlineData(34)]
    public async Task A_card_is_the_same_credential_as_at_an_OSDP_reader(int bits)
    {
        var sent = new WiegandCard(bits, Card.Number).Encode();
        await ShowAsync(sent);
        var presentation = await PresentedAsync();
        Assert.Equal("card-reader", presentation.ReaderId);
        Assert.IsType<Credential.Code>(presentation.Credential);
        Assert.Equal(OsdpReaderService.CredentialOf(new OsdpCard(0, 1, sent)), presentation.Credential);
    }

    [Fact]
    public async Task A_code_that_lost_edges_is_told_as_unreadable_and_counted_in_words()
    {
        _chip.EdgesToLose = 2;
        await ShowAsync(Card.Encode());
        Assert.Equal(new Credential.Unreadable("card-edges-lost"), (await PresentedAsync()).Credential);
        Assert.Equal(DeviceState.Connected, Status.State);
        Assert.Contains("codes thrown away: 1, 1 of them because edges were lost", Status.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_few_pulses_are_nobodys_card_and_only_counted()
    {
        await ShowAsync(WiegandBits.Of([true, false]));
        await Patience.Until(() =>
        {
            _time.Advance(WiegandReader.Silence);
            return Status.Cause.Contains("codes thrown away: 1", StringComparison.Ordinal);
        });
        await ShowAsync(Card.Encode());
        Assert.Equal(new Credential.Code("099,12345"), (await PresentedAsync()).Credential);
    }

    [Fact]
    public async Task Swapped_wires_show_as_a_reader_that_brings_no_cards_until_one_is_read()
    {
        for (var i = 0; i < 5; i++)
        {
            await ShowAsync(Card.Encode(), isSwapped: true);
            Assert.Equal(new Credential.Unreadable("card-parity-wrong"), (await PresentedAsync()).Credential);
        }
        Assert.Equal(DeviceState.Doubtful, Status.State);
        Assert.Contains("are data0 and data1 swapped", Status.Cause, StringComparison.Ordinal);
        await ShowAsync(Card.Encode());
        await PresentedAsync();
        Assert.Equal(DeviceState.Connected, Status.State);
    }

    [Fact]
    public async Task A_chip_that_is_pulled_is_absent_and_back_when_it_is()
    {
        _chip.Unplug(true);
        await Patience.Until(() => Status.State is DeviceState.Absent && _time.WaitingTimers > 0);
        _chip.Unplug(false);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Patience.Until(() => Status.State is DeviceState.Connected);
        await ShowAsync(Card.Encode());
        Assert.Equal(new Credential.Code("099,12345"), (await PresentedAsync()).Credential);
        Assert.Equal(1, Status.Reconnects);
    }

    [Fact]
    public void The_lines_are_asked_for_as_the_settings_say()
    {
        var lines = (Settings with { Pulse = GpioLevel.High, Bias = GpioBias.AsIs }).ToOptions().Lines;
        Assert.Equal([new() { Line = "d0", Bias = GpioBias.AsIs, IsEdgeOnlyWhenActive = true }, new() { Line = "d1", Bias = GpioBias.AsIs, IsEdgeOnlyWhenActive = true }], lines);
    }

    private async Task ShowAsync(WiegandBits bits, bool isSwapped = false)
    {
        for (var i = 0; i < bits.Count; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            var line = bits[i] != isSwapped ? "d1" : "d0";
            _chip.Drive(line, high: false);
            _chip.Drive(line, high: true);
        }
        await Patience.Until(() => _time.UntilNextTimer == WiegandReader.Silence);
        _time.Advance(WiegandReader.Silence);
    }

    private async Task<Presentation> PresentedAsync()
    {
        await Patience.Until(() =>
        {
            _time.Advance(WiegandReader.Silence); // the wait above may have been for a timer that an edge still under way has set anew
            return _lane.Reader.Count > 0;
        });
        return Assert.IsType<EncounterInput.Presented>(await _lane.Reader.ReadAsync(CancellationToken.None)).Presentation;
    }
}
