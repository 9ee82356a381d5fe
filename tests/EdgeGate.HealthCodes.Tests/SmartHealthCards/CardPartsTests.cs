using EdgeGate.HealthCodes.SmartHealthCards;
using EdgeGate.Testing;

namespace EdgeGate.HealthCodes.Tests.SmartHealthCards;

public class CardPartsTests
{
    private readonly ManualTime _time = new();
    private readonly CardParts _parts;

    public CardPartsTests() => _parts = new CardParts(_time);

    [Fact]
    public void Parts_in_any_order_and_seen_twice_make_the_card()
    {
        Assert.Equal(new CardPartsAnswer.Incomplete(1, 3), _parts.Offer("shc:/3/3/33"));
        Assert.Equal(new CardPartsAnswer.Incomplete(2, 3), _parts.Offer("shc:/1/3/11\r\n"));
        Assert.Equal(new CardPartsAnswer.Incomplete(2, 3), _parts.Offer("shc:/1/3/11"));
        Assert.Equal(new CardPartsAnswer.Complete("shc:/1/3/11\nshc:/2/3/22\nshc:/3/3/33"), _parts.Offer("shc:/2/3/22"));
        Assert.Equal(new CardPartsAnswer.Incomplete(1, 3), _parts.Offer("shc:/1/3/11")); // and begins anew
    }

    [Fact]
    public void Parts_more_than_ten_seconds_apart_are_not_joined()
    {
        _parts.Offer("shc:/1/2/11");
        _time.Advance(CardParts.Patience);
        Assert.IsType<CardPartsAnswer.Complete>(_parts.Offer("shc:/2/2/22"));
        _parts.Offer("shc:/1/2/11");
        _time.Advance(CardParts.Patience + TimeSpan.FromSeconds(1));
        Assert.Equal(new CardPartsAnswer.Incomplete(1, 2), _parts.Offer("shc:/2/2/22"));
    }

    [Fact]
    public void Parts_of_another_card_begin_another_set()
    {
        _parts.Offer("shc:/1/3/11");
        Assert.Equal(new CardPartsAnswer.Incomplete(1, 2), _parts.Offer("shc:/2/2/22"));
        Assert.Equal(new CardPartsAnswer.Incomplete(1, 2), _parts.Offer("shc:/2/2/44"));
        Assert.Equal(new CardPartsAnswer.Complete("shc:/1/2/33\nshc:/2/2/44"), _parts.Offer("shc:/1/2/33"));
    }

    [Fact]
    public void Another_persons_code_ends_the_collecting()
    {
        _parts.Offer("shc:/1/2/11");
        Assert.IsType<CardPartsAnswer.NotAPart>(_parts.Offer("HC1:ABC"));
        Assert.Equal(new CardPartsAnswer.Incomplete(1, 2), _parts.Offer("shc:/2/2/22"));
    }

    [Fact]
    public void More_than_eight_parts_are_refused()
    {
        Assert.IsType<CardPartsAnswer.Refused>(_parts.Offer("shc:/1/9/11"));
        Assert.Equal(new CardPartsAnswer.Incomplete(1, 8), _parts.Offer("shc:/1/8/11"));
    }

    [Theory, InlineData("shc:/1122"), InlineData("shc:/1/1/1122"), InlineData("123"), InlineData("shc:/3/2/11")]
    public void A_whole_card_or_anything_else_is_not_a_part(string text) => Assert.IsType<CardPartsAnswer.NotAPart>(_parts.Offer(text));
}
