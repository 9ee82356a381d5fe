using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Wiegand;
using EdgeGate.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Devices.Tests.Wiegand;

public class WiegandTests
{
    private readonly ManualTime _time = new();
    private readonly List<WiegandBits> _cards = [];

    [Fact]
    public void Every_number_comes_back_from_its_bits() =>
        Prop.ForAll<uint, bool>((number, wide) =>
        {
            var card = wide ? new WiegandCard(34, number) : new WiegandCard(26, number & 0xFFFFFF);
            return WiegandCard.TryDecode(card.Encode(), out var read, out _) && read == card;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void One_bit_turned_over_anywhere_is_noticed() =>
        Prop.ForAll(ArbMap.Default.ArbFor<uint>(), Gen.Choose(0, 33).ToArbitrary(), (number, at) =>
        {
            var bits = new WiegandCard(34, number).Encode();
            var bytes = bits.Bytes.ToArray();
            bytes[at / 8] ^= (byte)(0x80 >> at % 8);
            return !WiegandCard.TryDecode(new(bytes, 34), out _, out var fault) && fault == FrameFault.BadParity;
        }).QuickCheckThrowOnFailure();

    [Theory, InlineData(26), InlineData(34)]
    public void All_zeros_are_no_card(int count)
    {
        Assert.False(WiegandCard.TryDecode(new(new byte[5], count), out _, out var fault));
        Assert.Equal(FrameFault.BadParity, fault);
    }

    [Fact]
    public void Pulses_become_a_card_when_the_line_falls_silent()
    {
        using var collector = NewCollector();
        Send(collector, new WiegandCard(26, 99 << 16 | 12345).Encode());
        Assert.Empty(_cards);
        _time.Advance(WiegandCollector.UsualGap);
        Assert.True(WiegandCard.TryDecode(Assert.Single(_cards), out var card, out _));
        Assert.Equal((99, 12345), (card.Facility, card.Card));
    }

    [Fact]
    public void Two_cards_with_a_silence_between_are_two()
    {
        using var collector = NewCollector();
        for (var i = 0; i < 2; i++)
        {
            Send(collector, new WiegandCard(34, 0x99990001).Encode());
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }
        Assert.Equal(2, _cards.Count);
    }

    [Fact]
    public void A_line_that_pulses_for_ever_costs_nothing_and_is_no_card()
    {
        using var collector = NewCollector();
        for (var i = 0; i < 100_000; i++)
            collector.Pulse(one: i % 3 == 0);
        _time.Advance(WiegandCollector.UsualGap);
        Assert.False(WiegandCard.TryDecode(Assert.Single(_cards), out _, out var fault));
        Assert.Equal(FrameFault.BadLength, fault);
    }

    private WiegandCollector NewCollector() => new(WiegandCollector.UsualGap, _time, _cards.Add);

    private void Send(WiegandCollector collector, WiegandBits bits)
    {
        for (var i = 0; i < bits.Count; i++)
        {
            collector.Pulse(bits[i]);
            _time.Advance(TimeSpan.FromMilliseconds(2));
        }
    }
}
