namespace EdgeGate.HealthCodes.Tests;

public class DisplayTextTests
{
    [Theory]
    [InlineData("https://x.example", "https://x.example")]
    [InlineData("a\u202Eb\u2066c\u200Fd", "a?b?c?d")] // bidirectional
    [InlineData("a\u001b[31mb\r\nc\0", "a?[31mb??c?")] // terminal
    [InlineData("测试", "测试")]
    [InlineData(null, "(none)")]
    public void Text_out_of_a_code_cannot_steer_the_output(string? text, string expected) => Assert.Equal(expected, DisplayText.Of(text));

    [Fact]
    public void Half_a_character_becomes_a_question_mark() => Assert.Equal("?x", DisplayText.Of("\uD800x"));

    [Fact]
    public void Text_out_of_a_code_is_cut() => Assert.Equal(81, DisplayText.Of(new string('x', 5000)).Length);
}
