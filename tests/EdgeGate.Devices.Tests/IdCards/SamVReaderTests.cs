using EdgeGate.Devices.Framing;
using EdgeGate.Devices.IdCards;
using EdgeGate.Devices.Ports;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.IdCards;

/// <summary>The driver against the simulated module, without delays of its own; time limits long enough not to matter unless a test is about them.</summary>
public sealed class SamVReaderTests : IAsyncDisposable
{
    private static readonly SamVOptions Fast = new()
    {
        PollInterval = TimeSpan.FromMilliseconds(1),
        SettleTime = TimeSpan.FromMilliseconds(1),
        RecoveryInterval = TimeSpan.FromMilliseconds(1),
    };

    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60), TimeProvider.System);
    private readonly LoopbackLine _host;
    private readonly LoopbackLine _device;
    private readonly SimulatedSamV _module;
    private readonly Task _running;
    private IAsyncEnumerator<IdCardEvent>? _events;
    private SamVReader? _reader;

    public SamVReaderTests()
    {
        (_host, _device) = LoopbackLine.CreatePair();
        _module = new SimulatedSamV(_device, SimulatedSamVTiming.Instant, TimeProvider.System);
        _running = _module.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_events is not null)
            await _events.DisposeAsync();
        await _running.ContinueWith(_ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }

    [Fact]
    public async Task A_card_laid_down_is_read()
    {
        _module.Place(SimulatedCard.Of(TestCards.Resident()));

        Assert.IsType<CardPresent>(await NextAsync(Fast));
        var read = Assert.IsType<CardRead>(await NextAsync(Fast));
        Assert.Equal(TestCards.Resident(), read.Card);
        Assert.True(read.Photo.IsEmpty);
    }

    [Fact]
    public async Task Photo_and_additional_address_are_handed_on_when_asked_for()
    {
        var photo = Enumerable.Range(0, 1024).Select(i => (byte)(i * 7)).ToArray();
        _module.Place(SimulatedCard.Of(TestCards.Permit) with { Photo = photo, AdditionalAddress = "虚构省新测试路99号" });

        var read = await ReadCardAsync(Fast with { KeepPhoto = true, ReadAdditionalAddress = true });

        Assert.Equal(photo, read.Photo.ToArray());
        Assert.Equal("虚构省新测试路99号", read.AdditionalAddress);
    }

    [Theory, InlineData(false, CardRemovalProbe.AdditionalAddress), InlineData(true, CardRemovalProbe.FindCard)]
    public async Task A_card_that_stays_is_read_once(bool findsReadCards, CardRemovalProbe probe)
    {
        var options = Fast with { RemovalProbe = probe };
        _module.FindsReadCards = findsReadCards;
        _module.Place(SimulatedCard.Of(TestCards.Resident()));
        await ReadCardAsync(options);

        var next = NextAsync(options).AsTask();
        await CommandsAsync(20);
        Assert.False(next.IsCompleted);
        _module.Lift();
        Assert.IsType<CardRemoved>(await next);
    }

    [Fact]
    public async Task A_module_that_does_not_know_the_removal_probe_still_reads_a_card_once()
    {
        _module.KnowsAdditionalAddress = false;
        _module.Place(SimulatedCard.Of(TestCards.Resident()));
        await ReadCardAsync(Fast);
        Assert.IsType<CardRemoved>(await NextAsync(Fast)); // the best that can be told

        var next = NextAsync(Fast).AsTask();
        await CommandsAsync(20);
        Assert.False(next.IsCompleted);
    }

    [Fact]
    public async Task Silence_does_not_prove_that_a_card_is_gone()
    {
        var patient = Fast with { ReplyWithin = TimeSpan.FromMilliseconds(100), SilencesUntilOutOfService = int.MaxValue };
        _module.Place(SimulatedCard.Of(TestCards.Resident()));
        await ReadCardAsync(patient);
        _module.Silences = 3;

        var next = NextAsync(patient).AsTask();
        await CommandsAsync(6);
        Assert.False(next.IsCompleted);
    }

    [Fact]
    public async Task A_card_lifted_and_put_back_is_read_twice()
    {
        var card = SimulatedCard.Of(TestCards.Resident());
        _module.Place(card);
        await ReadCardAsync(Fast);
        _module.Lift();
        Assert.IsType<CardRemoved>(await NextAsync(Fast));
        _module.Place(card);

        Assert.Equal(TestCards.Resident(), (await ReadCardAsync(Fast)).Card);
    }

    [Theory]
    [InlineData(SamVStatus.CardTypeUnknown, CardUnreadableCause.NotSupported)]
    [InlineData(SamVStatus.CardRefusedModule, CardUnreadableCause.Refused)]
    [InlineData(SamVStatus.ModuleRefusedCard, CardUnreadableCause.Refused)]
    [InlineData(SamVStatus.InformationCheckFailed, CardUnreadableCause.Refused)]
    [InlineData(SamVStatus.ReadFailed, CardUnreadableCause.ReadFailed)]
    [InlineData(SamVStatus.RandomNumberFailed, CardUnreadableCause.ReadFailed)]
    public async Task A_card_the_module_cannot_read_is_reported_once_with_its_cause(SamVStatus refusal, CardUnreadableCause cause)
    {
        _module.Place(SimulatedCard.Of(TestCards.Resident()) with { Refusal = refusal });

        Assert.IsType<CardPresent>(await NextAsync(Fast));
        Assert.Equal(new CardUnreadable(cause, refusal), await NextAsync(Fast));

        var next = NextAsync(Fast).AsTask();
        await CommandsAsync(10);
        Assert.False(next.IsCompleted);
        _module.Lift();
        Assert.IsType<CardRemoved>(await next);
    }

    [Fact]
    public async Task A_good_card_that_takes_an_unreadable_ones_place_between_two_looks_is_read()
    {
        _module.Place(SimulatedCard.Of(TestCards.Permit) with { Refusal = SamVStatus.CardTypeUnknown });
        Assert.IsType<CardPresent>(await NextAsync(Fast));
        Assert.IsType<CardUnreadable>(await NextAsync(Fast));

        _module.Place(SimulatedCard.Of(TestCards.Resident())); // never seen lifted

        Assert.Equal(TestCards.Resident(), Assert.IsType<CardRead>(await NextAsync(Fast)).Card);
    }

    [Fact]
    public async Task A_card_that_comes_to_lie_better_is_read_after_all()
    {
        _module.FailedReads = Fast.ReadAttempts + 2;
        _module.Place(SimulatedCard.Of(TestCards.Resident()));
        Assert.IsType<CardPresent>(await NextAsync(Fast));
        Assert.IsType<CardUnreadable>(await NextAsync(Fast));

        Assert.IsType<CardRead>(await NextAsync(Fast));
    }

    [Fact]
    public async Task A_card_of_an_unknown_layout_is_not_supported()
    {
        var text = IdCardText.Format(TestCards.Resident());
        text[248] = (byte)'j';
        _module.Place(new SimulatedCard(text));

        Assert.IsType<CardPresent>(await NextAsync(Fast));
        Assert.Equal(new CardUnreadable(CardUnreadableCause.NotSupported, SamVStatus.Done), await NextAsync(Fast));
    }

    [Fact]
    public async Task A_read_that_fails_twice_is_tried_a_third_time()
    {
        _module.FailedReads = 2;
        _module.Place(SimulatedCard.Of(TestCards.Resident()));

        await ReadCardAsync(Fast);
    }

    [Fact]
    public async Task Noise_before_replies_costs_nothing_but_is_counted()
    {
        _module.NoiseBeforeReply = [0x00, 0xFF, 0xAA, 0x96, 0xAA];
        _module.Place(SimulatedCard.Of(TestCards.Resident()));

        await ReadCardAsync(Fast);
        Assert.True(_reader!.Faults[FrameFault.Garbage] >= 3);
    }

    [Fact]
    public async Task A_damaged_reply_to_a_read_is_asked_for_again()
    {
        _module.Place(SimulatedCard.Of(TestCards.Resident()));
        Assert.IsType<CardPresent>(await NextAsync(Fast));
        _module.WrongChecksums = 2; // select or read, whichever comes next

        Assert.IsType<CardRead>(await NextAsync(Fast));
        Assert.Equal(2, _reader!.Faults[FrameFault.BadChecksum]);
    }

    [Fact]
    public async Task A_module_that_failed_its_self_test_is_out_of_service_until_it_is_well()
    {
        _module.Broken = SamVStatus.SelfTestFailed;
        Assert.Equal(new ModuleOutOfService(ModuleFault.SelfTestFailed), await NextAsync(Fast));

        _module.Broken = null;
        Assert.IsType<ModuleBackInService>(await NextAsync(Fast));
        _module.Place(SimulatedCard.Of(TestCards.Resident()));
        await ReadCardAsync(Fast);
    }

    [Fact]
    public async Task A_line_that_is_lost_ends_the_reading_with_an_error()
    {
        _module.Place(SimulatedCard.Of(TestCards.Resident()));
        await ReadCardAsync(Fast);
        var next = NextAsync(Fast).AsTask();
        _device.Unplug();

        await Assert.ThrowsAsync<DeviceLineLostException>(() => next);
    }

    private async ValueTask<IdCardEvent> NextAsync(SamVOptions options)
    {
        _reader ??= new SamVReader(_host, options, TimeProvider.System);
        _events ??= _reader.ReadAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);
        Assert.True(await _events.MoveNextAsync());
        return _events.Current;
    }

    private async ValueTask<CardRead> ReadCardAsync(SamVOptions options)
    {
        Assert.IsType<CardPresent>(await NextAsync(options));
        return Assert.IsType<CardRead>(await NextAsync(options));
    }

    /// <summary>Lets the driver ask this many more questions.</summary>
    private async Task CommandsAsync(int count)
    {
        var until = _module.Commands + count;
        while (_module.Commands < until)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, _stop.Token);
    }
}
