using System.Buffers;
using EdgeGate.Devices.Portals;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Devices.Tests.Portals;

public sealed class RelayFrameTests
{
    [Theory]
    [InlineData(1, true, "A00101A2")]
    [InlineData(1, false, "A00100A1")]
    [InlineData(8, true, "A00801A9")]
    [InlineData(255, true, "A0FF01A0")] // the sum runs over
    public void Frames_are_the_boards(byte channel, bool on, string hex) =>
        Assert.Equal(hex, Convert.ToHexString(new RelayFrame(channel, on).Encode()));

    [Fact]
    public void Opening_switches_on_and_closing_switches_off()
    {
        var commands = new RelayCommands(1);
        Assert.Equal("A00101A2", Convert.ToHexString(commands.Open("42").Span));
        Assert.Equal("A00100A1", Convert.ToHexString(commands.Close.Span));
    }

    [Fact]
    public void After_any_noise_and_one_frame_of_padding_the_next_frame_is_found_and_nothing_is_invented() =>
        Prop.ForAll<byte[], byte, bool>((noise, channel, on) =>
        {
            // Noise may end with the beginning of a frame, which swallows up to three bytes.
            var buffer = new ReadOnlySequence<byte>([.. noise, 0, 0, 0, .. new RelayFrame(channel, on).Encode()]);
            var last = default(RelayFrame);
            var before = buffer.Length;
            while (RelayFrame.TryDecode(ref buffer, out var frame))
            {
                if (buffer.Length >= before)
                    return false;
                (last, before) = (frame, buffer.Length);
            }
            return last == new RelayFrame(channel, on) && buffer.Length < RelayFrame.Length;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_frame_with_a_wrong_sum_is_no_order()
    {
        var buffer = new ReadOnlySequence<byte>(Convert.FromHexString("A00101A3"));
        Assert.False(RelayFrame.TryDecode(ref buffer, out _));
    }
}
