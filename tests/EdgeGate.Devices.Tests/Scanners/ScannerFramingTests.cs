using System.Buffers;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Scanners;

namespace EdgeGate.Devices.Tests.Scanners;

/// <summary>What is too long, cut off or unreadable, in each framing.</summary>
public class ScannerFramingTests
{
    private readonly List<string> _found = [];
    private byte[] _held = [];

    [Fact]
    public void The_largest_code_is_read_and_one_byte_more_is_too_long()
    {
        var parser = new FrameParser<ScannedCode>(new LineFraming(ScannerText.Chinese).Decode);
        Feed(parser, Text(7089) + "\r");
        Feed(parser, Text(7090) + "\rnext\r");
        Assert.Equal([Text(7089), "TooLong", "next"], _found);
    }

    [Fact]
    public void A_line_too_long_is_reported_before_its_end_and_dropped_up_to_it()
    {
        var parser = new FrameParser<ScannedCode>(new LineFraming(ScannerText.Chinese).Decode);
        Feed(parser, Text(8000));
        Assert.Equal(["TooLong"], _found);
        Assert.Empty(_held);
        Feed(parser, "tail");
        Feed(parser, "\r\nnext\r\n");
        Assert.Equal(["TooLong", "next"], _found);
    }

    [Theory, InlineData("\u0003"), InlineData("")]
    public void Between_STX_and_ETX_too_long_ends_with_the_next_of_either(string end)
    {
        var parser = new FrameParser<ScannedCode>(new StxEtxFraming(ScannerText.Chinese).Decode);
        Feed(parser, "\u0002" + Text(8000));
        Feed(parser, "tail" + end + "\u0002next\u0003");
        Assert.Equal(["TooLong", "next"], _found);
    }

    [Fact]
    public void A_second_STX_drops_what_was_begun_before()
    {
        var parser = new FrameParser<ScannedCode>(new StxEtxFraming(ScannerText.Chinese).Decode);
        Feed(parser, "\u0002lost\u0002kept\u0003noise\u0002\u0003\u0002more\u0003");
        Assert.Equal(["Truncated", "kept", "Garbage", "more"], _found);
    }

    [Fact]
    public void Without_terminators_too_long_ends_with_silence_which_is_waited_for()
    {
        var gap = new GapFraming(ScannerText.Chinese);
        var parser = new FrameParser<ScannedCode>(gap.Decode, gap.DecodeAtSilence);
        Feed(parser, Text(8000));
        Feed(parser, "tail");
        Assert.Single(_held); // or the reader would not wait for silence
        Silence(parser);
        Feed(parser, "next");
        Silence(parser);
        Assert.Equal(["TooLong", "next"], _found);
    }

    [Fact]
    public void Bytes_in_no_known_encoding_are_a_fault_and_cost_one_line()
    {
        var parser = new FrameParser<ScannedCode>(new LineFraming(new ScannerText(fallback: null)).Decode);
        Feed(parser, [0xB2, 0xE2, (byte)'\r', .. "next\r"u8]);
        Assert.Equal(["BadEncoding", "next"], _found);
    }

    private static string Text(int length) => new('x', length);

    private void Feed(FrameParser<ScannedCode> parser, string text) => Feed(parser, System.Text.Encoding.UTF8.GetBytes(text));

    private void Feed(FrameParser<ScannedCode> parser, byte[] bytes)
    {
        var buffer = new ReadOnlySequence<byte>([.. _held, .. bytes]);
        Drain(parser, buffer);
    }

    private void Silence(FrameParser<ScannedCode> parser)
    {
        var buffer = new ReadOnlySequence<byte>(_held);
        Note(parser.Expire(ref buffer));
        Drain(parser, buffer);
    }

    private void Drain(FrameParser<ScannedCode> parser, ReadOnlySequence<byte> buffer)
    {
        Decoded<ScannedCode> next;
        do
        {
            next = parser.Next(ref buffer);
            Note(next);
        }
        while (next.Status != DecodeStatus.NeedMore);
        _held = buffer.ToArray();
    }

    private void Note(Decoded<ScannedCode> decoded)
    {
        if (decoded.Status != DecodeStatus.NeedMore)
            _found.Add(decoded.Status == DecodeStatus.Complete ? decoded.Frame.Text : decoded.Fault.ToString());
    }
}
