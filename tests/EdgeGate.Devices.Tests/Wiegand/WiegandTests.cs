using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Wiegand;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Devices.Tests.Wiegand;

public class WiegandTests
{
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

    [Theory]
    [InlineData(26, 0x123456, WiegandOrder.HighestFirst, 0x123456)]
    [InlineData(26, 0x123456, WiegandOrder.LowestByteFirst, 0x563412)]
    [InlineData(26, 0x123456, WiegandOrder.LowestBitFirst, 0x6A2C48)]
    [InlineData(34, 0x12345678, WiegandOrder.LowestByteFirst, 0x78563412)]
    [InlineData(34, 0x12345678, WiegandOrder.LowestBitFirst, 0x1E6A2C48)]
    public void A_number_sent_the_other_way_round_is_turned_back(int bits, uint sent, WiegandOrder order, uint meant) =>
        Assert.Equal((new WiegandCard(bits, meant), new WiegandCard(bits, sent)), (new WiegandCard(bits, sent).SentAs(order), new WiegandCard(bits, meant).SentAs(order)));

    [Theory, InlineData(26), InlineData(34)]
    public void All_zeros_are_no_card(int count)
    {
        Assert.False(WiegandCard.TryDecode(new(new byte[5], count), out _, out var fault));
        Assert.Equal(FrameFault.BadParity, fault);
    }
}
