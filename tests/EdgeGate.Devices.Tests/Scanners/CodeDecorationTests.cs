using System.Text;
using EdgeGate.Devices.Scanners;

namespace EdgeGate.Devices.Tests.Scanners;

public class CodeDecorationTests
{
    private static readonly CodeDecoration Decoration = new() { Prefix = "<", Suffix = "#", HasSymbologyIdentifier = true };

    [Theory]
    [InlineData("<]Q1EDGE-1#", "EDGE-1", "Q1")]
    [InlineData("]C0EDGE-1", "EDGE-1", "C0")]
    [InlineData("<EDGE-1#", "EDGE-1", null)]
    [InlineData("EDGE-1", "EDGE-1", null)]
    [InlineData("]Q", "]Q", null)]
    [InlineData("]Q1", "", "Q1")]
    [InlineData("<#", "", null)]
    public void What_is_around_a_code_is_taken_away_where_it_is_there(string sent, string text, string? symbology)
    {
        var code = Decoration.Strip(new ScannedCode(sent, Encoding.UTF8));
        Assert.Equal((text, symbology), (code.Text, code.Symbology));
    }

    [Fact]
    public void A_code_that_begins_like_an_identifier_is_left_alone_unless_the_scanner_sends_one() =>
        Assert.Equal("]Q1EDGE", new CodeDecoration().Strip(new ScannedCode("]Q1EDGE", Encoding.UTF8)).Text);
}
