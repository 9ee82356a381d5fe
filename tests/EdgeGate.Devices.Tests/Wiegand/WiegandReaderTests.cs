using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.Tests.Ports;
using EdgeGate.Devices.Wiegand;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Wiegand;

/// <summary>The driver on two lines of a simulated chip, which the test pulls down as a reader does.</summary>
public sealed class WiegandReaderTests : IAsyncDisposable
{
    private static readonly WiegandCard Card = new(26, 99 << 16 | 12345);

    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<WiegandRead> _reads = [];
    private readonly SimulatedGpio _chip;
    private WiegandOptions _options = new() { Data0 = "d0", Data1 = "d1" };
    private WiegandReader _reader = null!;
    private Task _running = Task.CompletedTask;

    public WiegandReaderTests()
    {
        _chip = new SimulatedGpio(["d0", "d1"], _time);
        _chip.Drive("d0", high: true);
        _chip.Drive("d1", high: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    [Theory, InlineData(26), InlineData(34)]
    public async Task Pulses_become_a_card_when_the_wires_fall_silent(int bits)
    {
        var card = new WiegandCard(bits, Card.Number);
        await StartAsync();
        Send(card.Encode());
        await SilenceAsync();
        Assert.Equal([new WiegandRead(card, default, bits)], await ReadsAsync(1));
        Assert.Equal(0, _reader.Faults.Total);
    }

    [Theory, InlineData(WiegandOrder.LowestByteFirst), InlineData(WiegandOrder.LowestBitFirst)]
    public async Task A_reader_that_turns_numbers_round_reads_the_cards_as_they_are_printed(WiegandOrder order)
    {
        _options = _options with { Order = order };
        await StartAsync();
        Send(Card.SentAs(order).Encode());
        await SilenceAsync();
        Assert.Equal([new WiegandRead(Card, default, 26)], await ReadsAsync(1));
    }

    [Fact]
    public async Task Two_cards_of_which_this_program_hears_at_once_are_two_by_their_stamps()
    {
        await StartAsync();
        Send(Card.Encode());
        _time.Advance(WiegandCollector.Gap); // less than the silence that is waited for
        Send(new WiegandCard(34, 7).Encode());
        await SilenceAsync();
        Assert.Equal([Card, new WiegandCard(34, 7)], (await ReadsAsync(2)).Select(read => read.Card));
    }

    [Fact]
    public async Task A_code_that_lost_edges_is_thrown_away_and_counted_and_the_next_is_read()
    {
        await StartAsync();
        _chip.EdgesToLose = 3;
        Send(Card.Encode());
        await SilenceAsync();
        Assert.Equal([new WiegandRead(null, FrameFault.Lost, 23)], await ReadsAsync(1));
        Assert.Equal(1, _reader.Faults[FrameFault.Lost]);
        Send(Card.Encode());
        await SilenceAsync();
        Assert.Equal(Card, (await ReadsAsync(2))[1].Card);
    }

    [Fact]
    public async Task Swapped_wires_and_a_lost_pulse_are_no_card()
    {
        await StartAsync();
        Send(Card.Encode(), isSwapped: true);
        await SilenceAsync();
        Send(Card.Encode() with { Count = 25 });
        await SilenceAsync();
        Assert.Equal([new(null, FrameFault.BadParity, 26), new(null, FrameFault.BadLength, 25)], await ReadsAsync(2));
    }

    [Theory]
    [InlineData(WiegandFormat.H10301, 34, 26)]
    [InlineData(WiegandFormat.H10306, 26, 34)]
    public async Task Only_cards_of_the_set_format_are_taken(WiegandFormat format, int other, int own)
    {
        _options = _options with { Format = format };
        await StartAsync();
        Send(new WiegandCard(other, 1).Encode());
        await SilenceAsync();
        Send(new WiegandCard(own, 1).Encode());
        await SilenceAsync();
        Assert.Equal([new(null, FrameFault.BadLength, other), new(new WiegandCard(own, 1), default, own)], await ReadsAsync(2));
    }

    [Theory, InlineData(4), InlineData(8)]
    public async Task A_key_of_a_keypad_is_no_card_and_no_damage(int bits)
    {
        await StartAsync();
        Send(new WiegandBits(new byte[] { 0xA5 }, bits));
        await SilenceAsync();
        Send(Card.Encode());
        await SilenceAsync();
        Assert.Equal(Card, Assert.Single(await ReadsAsync(1)).Card);
        Assert.Equal(0, _reader.Faults.Total);
    }

    [Fact]
    public async Task Behind_an_inverting_opto_coupler_a_pulse_is_high()
    {
        _options = _options with { IsActiveLow = false };
        _chip.Drive("d0", high: false);
        _chip.Drive("d1", high: false);
        await StartAsync();
        Send(Card.Encode(), isInverted: true);
        await SilenceAsync();
        Assert.Equal(Card, Assert.Single(await ReadsAsync(1)).Card);
    }

    private async Task StartAsync()
    {
        var lines = await _chip.Port(_options.Lines).OpenAsync(_stop.Token);
        _reader = new WiegandReader(lines, _options, _time);
        _running = RunAsync();

        async Task RunAsync()
        {
            await foreach (var read in _reader.ReadAsync(_stop.Token))
            {
                lock (_reads)
                    _reads.Add(read);
            }
        }
    }

    /// <summary>Whoever listens may hear of all bits at once: their stamps alone say when they came.</summary>
    private void Send(WiegandBits bits, bool isSwapped = false, bool isInverted = false)
    {
        for (var i = 0; i < bits.Count; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            var line = bits[i] != isSwapped ? "d1" : "d0";
            _chip.Drive(line, high: isInverted);
            _chip.Drive(line, high: !isInverted);
        }
    }

    private async Task SilenceAsync()
    {
        await Patience.Until(() => _time.UntilNextTimer == WiegandReader.Silence);
        _time.Advance(WiegandReader.Silence);
    }

    private async Task<IReadOnlyList<WiegandRead>> ReadsAsync(int count)
    {
        await Patience.Until(() =>
        {
            _time.Advance(WiegandReader.Silence); // the wait above may have been for a timer that an edge still under way has set anew
            return Taken().Length >= count;
        });
        return Taken();

        WiegandRead[] Taken()
        {
            lock (_reads)
                return [.. _reads];
        }
    }
}
