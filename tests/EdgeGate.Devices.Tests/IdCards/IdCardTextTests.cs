using System.Text;
using EdgeGate.Access;
using EdgeGate.Devices.IdCards;

namespace EdgeGate.Devices.Tests.IdCards;

public class IdCardTextTests
{
    public static TheoryData<string> Layouts => ["", "J", "I", "Y"];

    [Theory, MemberData(nameof(Layouts))]
    public void Every_layout_holds_what_was_put_in(string letter)
    {
        var card = Card(letter);
        var text = IdCardText.Format(card);

        Assert.Equal(256, text.Length);
        Assert.Equal(letter, IdCardText.TypeLetter(text));
        Assert.True(IdCardText.TryParse(text, out var parsed));
        Assert.Equal(card, parsed);
    }

    [Theory, InlineData('j'), InlineData('Z'), InlineData('居')]
    public void Of_an_unknown_layout_nothing_is_guessed(char letter)
    {
        var text = IdCardText.Format(TestCards.Resident());
        Encoding.Unicode.GetBytes([letter], text.AsSpan(248));

        Assert.False(IdCardText.TryParse(text, out _));
        Assert.Equal(letter.ToString(), IdCardText.TypeLetter(text));
    }

    [Fact]
    public void Fields_without_padding_and_padding_with_zeros_are_both_read()
    {
        var full = TestCards.Resident(new string('测', 15));
        Assert.True(IdCardText.TryParse(IdCardText.Format(full), out var card));
        Assert.Equal(full, card);

        var zeros = IdCardText.Format(TestCards.Resident()).Select((value, i) => i % 2 == 0 && value == ' ' ? (byte)0 : value).ToArray();
        Assert.True(IdCardText.TryParse(zeros, out card));
        Assert.Equal(TestCards.Resident(), card);
    }

    [Fact]
    public void Half_a_character_does_not_break_the_rest()
    {
        var text = IdCardText.Format(TestCards.Resident());
        text[1] = 0xD8; // a high surrogate with nothing behind it
        Assert.True(IdCardText.TryParse(text, out var card));
        Assert.Contains('\uFFFD', card.HolderName);
        Assert.Equal(TestCards.Resident().Number, card.Number);
    }

    [Theory]
    [InlineData("20400131", "2040-01-31", true)]
    [InlineData("21000229", "2100-02-29", false)]
    [InlineData("00000000", "0000-00-00", false)]
    [InlineData("长期", "长期", false)]
    [InlineData("", "", false)]
    public void A_date_is_kept_as_it_stands_and_is_a_date_only_when_the_calendar_has_it(string stored, string shown, bool isDate)
    {
        var date = new CardDate(stored);
        Assert.Equal(shown, date.ToString());
        Assert.Equal(isDate, date.Date is not null);
        Assert.Equal(stored is "长期", date.IsLongTerm);
    }

    [Fact]
    public void A_card_does_not_show_its_contents_in_a_log()
    {
        foreach (var letter in (string[])["", "J", "I", "Y"])
            Assert.DoesNotContain("测试", $"{new CardRead(Card(letter), null, default)} {Card(letter)}", StringComparison.Ordinal);
    }

    [Fact]
    public void Codes_become_words()
    {
        Assert.Equal(Sex.Male, TestCards.Resident().Sex);
        Assert.Equal("汉", TestCards.Resident().EthnicGroup);
        Assert.Equal("基诺", (TestCards.Resident() with { EthnicGroupCode = "56" }).EthnicGroup);
        Assert.Null((TestCards.Resident() with { EthnicGroupCode = "57" }).EthnicGroup);
    }

    private static IdCard Card(string letter) => letter switch
    {
        "J" => TestCards.Permit,
        "I" => TestCards.Foreigner2017,
        "Y" => TestCards.Foreigner2023,
        _ => TestCards.Resident(),
    };
}
