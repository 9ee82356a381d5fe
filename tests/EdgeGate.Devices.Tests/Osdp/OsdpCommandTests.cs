using EdgeGate.Devices.Osdp;

namespace EdgeGate.Devices.Tests.Osdp;

/// <summary>Commands as bytes: whole frames where the standard's notes show one.</summary>
public class OsdpCommandTests
{
    [Fact]
    public void Poll_with_CRC_and_with_checksum()
    {
        Assert.Equal("FF5301080005608B33", Hex(OsdpCommand.Poll, sequence: 1));
        Assert.Equal("FF53010700006045", Hex(OsdpCommand.Poll, sequence: 0, crc: false));
    }

    [Fact]
    public void An_output_is_on_for_a_second() =>
        Assert.Equal("FF53010C00066800050A0005BB", Hex(OsdpCommand.Output(0, OsdpOutputAction.OnForTime, TimeSpan.FromSeconds(1)), sequence: 2));

    [Fact]
    public void Three_beeps() =>
        Assert.Equal("FF53010D00076A00020201036C30", Hex(OsdpCommand.Buzzer(0, TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(100), 3), sequence: 3));

    [Fact]
    public void A_text_in_the_first_row() =>
        Assert.Equal("FF53011200056B000100010104504153534F57", Hex(OsdpCommand.Text(0, 0, 1, 1, "PASS"), sequence: 1));

    [Fact]
    public void A_text_of_other_characters_shows_question_marks() =>
        Assert.Equal("3F3F41", Convert.ToHexString(OsdpCommand.Text(0, 5, 1, 1, "测\nA").Data.Span[6..]));

    [Fact]
    public void A_light_blinks_for_a_time_and_is_then_another() =>
        Assert.Equal("0000" + "02050502001E00" + "0101000100", Convert.ToHexString(OsdpCommand.Led(
            0, 0, OsdpLight.Blinking(OsdpColour.Green, TimeSpan.FromMilliseconds(500)), TimeSpan.FromSeconds(3), OsdpLight.Steady(OsdpColour.Red)).Data.Span));

    [Fact]
    public void What_does_not_fit_is_refused_before_it_is_sent()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => OsdpCommand.Buzzer(0, TimeSpan.FromSeconds(26), TimeSpan.Zero, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => OsdpCommand.Output(0, OsdpOutputAction.OnForTime, TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentException>(() => new OsdpKey(new byte[15]));
        Assert.Throws<ArgumentException>(() => new OsdpKey("0123456789:;<=>?"u8));
    }

    private static string Hex(OsdpCommand command, int sequence, bool crc = true) => Convert.ToHexString(
        OsdpFrame.Create(new OsdpHeader(1, IsReply: false, sequence, crc), (byte)command.Code, command.Data.Span).Wire.Span);
}
