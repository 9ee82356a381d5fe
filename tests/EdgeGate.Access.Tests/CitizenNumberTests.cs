namespace EdgeGate.Access.Tests;

public class CitizenNumberTests
{
    [Theory]
    [InlineData("11010519491231002X")] // the standard's own examples
    [InlineData("440524188001010014")]
    [InlineData("932682198501010017")] // the authority's specimen of 2023
    public void Published_examples_are_valid(string text)
    {
        Assert.True(CitizenNumber.TryParse(text, out var number));
        Assert.True(number.HasValidCheckDigit);
        Assert.Equal(text, number.Value);
    }

    [Fact]
    public void Any_other_last_character_is_wrong()
    {
        foreach (var last in "1234567890")
        {
            Assert.True(CitizenNumber.TryParse("99999920000229006" + last, out var number));
            Assert.False(number.HasValidCheckDigit);
        }
    }

    [Theory, InlineData("99999920000229006X"), InlineData("99999920000229006x"), InlineData("99999920000229006Ｘ"), InlineData("９９９９９９20000229006ｘ")]
    public void People_and_scanners_write_X_in_four_ways(string text)
    {
        Assert.True(CitizenNumber.TryParse(text, out var number));
        Assert.Equal("99999920000229006X", number.Value);
        Assert.True(number.HasValidCheckDigit);
    }

    [Theory, InlineData(null), InlineData(""), InlineData("99999920000229006"), InlineData("99999920000229006X0"), InlineData("X9999920000229006X"), InlineData("XXX999900010107"), InlineData("99999920000229 06X")]
    public void Anything_of_another_form_is_no_citizen_number(string? text) => Assert.False(CitizenNumber.TryParse(text, out _));

    [Fact]
    public void The_digits_tell_region_birth_and_sex()
    {
        Assert.True(CitizenNumber.TryParse("11010519491231002X", out var woman));
        Assert.Equal(("110105", new DateOnly(1949, 12, 31), Sex.Female), (woman.Region, woman.BirthDate, woman.Sex));
        Assert.True(CitizenNumber.TryParse("440524188001010014", out var man));
        Assert.Equal(Sex.Male, man.Sex);
    }

    [Fact]
    public void A_birth_date_the_calendar_has_not_is_none()
    {
        Assert.True(CitizenNumber.TryParse("999999190002290010", out var number));
        Assert.Null(number.BirthDate);
    }

    [Fact]
    public void A_number_does_not_show_itself_in_a_log()
    {
        Assert.True(CitizenNumber.TryParse("99999920000229006X", out var number));
        Assert.DoesNotContain("9", number.ToString(), StringComparison.Ordinal);
    }
}
