using System.Buffers;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.IdCards;

namespace EdgeGate.Devices.Tests.Framing;

/// <summary>To whom dropped bytes belong, shown with SAM-V frames.</summary>
public class FrameParserTests
{
    private static readonly byte[] Good = SamVFrame.Encode([0, 0, 0x80]);

    private readonly FrameParser<SamVReply> _parser = new(SamVFrame.DecodeReply);
    private readonly List<string> _found = [];
    private ReadOnlySequence<byte> _held;

    [Fact]
    public void A_run_of_garbage_is_one_fault_however_it_is_cut()
    {
        Feed([0x01, 0x02]);
        Feed([0x03]);
        Feed([0xAA, 0x04]);
        Feed(Good);
        Assert.Equal(["Garbage", "frame"], _found);
    }

    [Fact]
    public void Two_runs_of_garbage_are_two_faults()
    {
        Feed([0x01, .. Good, 0x02, .. Good]);
        Assert.Equal(["Garbage", "frame", "Garbage", "frame"], _found);
    }

    [Fact]
    public void The_bytes_of_a_rejected_frame_are_not_garbage_as_well()
    {
        Feed([.. Damaged(Good), .. Good]);
        Assert.Equal(["BadChecksum", "frame"], _found);
    }

    [Fact]
    public void Noise_behind_a_rejected_frame_is_garbage_of_its_own()
    {
        Feed([.. Damaged(Good), 0x01, 0x02, .. Good]);
        Assert.Equal(["BadChecksum", "Garbage", "frame"], _found);
    }

    [Theory, InlineData(0), InlineData(3), InlineData(4090), InlineData(65535)]
    public void A_length_no_frame_can_have_is_rejected_at_once(int length)
    {
        Feed([0xAA, 0xAA, 0xAA, 0x96, 0x69, (byte)(length >> 8), (byte)length, .. Good]);
        Assert.Equal(["BadLength", "frame"], _found);
    }

    [Fact]
    public void Our_own_command_echoed_by_the_line_is_one_fault()
    {
        Feed([.. SamVCommand.FindCard.Frame.Span, .. Good]);
        Assert.Equal(["BadLength", "frame"], _found);
    }

    [Fact]
    public void A_good_frame_swallowed_by_a_lying_length_is_found()
    {
        Feed([0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x00, 0x10, .. Good]);
        Assert.Empty(_found); // might still be completed
        Expire();
        Assert.Equal(["Timeout", "frame"], _found);
        Assert.True(_held.IsEmpty);
    }

    [Fact]
    public void Silence_within_a_frame_is_one_fault_and_leaves_nothing_behind()
    {
        Feed([0x01, .. Good.AsSpan(..^1), 0xAA]); // what is left ends like another beginning
        _found.Clear();
        Feed([0xAA, 0xAA]);
        Expire();
        Assert.Equal(["Timeout"], _found);
        Assert.True(_held.IsEmpty);
        Feed(Good);
        Assert.Equal(["Timeout", "frame"], _found);
    }

    [Fact]
    public void Silence_between_frames_is_nothing()
    {
        Feed(Good);
        Expire();
        Assert.Equal(["frame"], _found);
    }

    [Fact]
    public void A_frame_inside_a_good_frame_is_data()
    {
        Feed(SamVFrame.Encode([0, 0, 0x90, .. Good, .. Good]));
        Assert.Equal(["frame"], _found);
    }

    [Fact]
    public void More_than_three_AA_before_a_frame_do_not_hide_it()
    {
        Feed([0xAA, 0xAA, .. Good]);
        Assert.Equal(["Garbage", "frame"], _found);
    }

    private static byte[] Damaged(byte[] frame) => [.. frame[..^1], (byte)(frame[^1] ^ 1)];

    private void Feed(byte[] chunk)
    {
        _held = new ReadOnlySequence<byte>([.. _held.ToArray(), .. chunk]);
        Drain();
    }

    private void Expire()
    {
        Note(_parser.Expire(ref _held));
        Drain();
    }

    private void Drain()
    {
        Decoded<SamVReply> next;
        do
        {
            next = _parser.Next(ref _held);
            Note(next);
        }
        while (next.Status != DecodeStatus.NeedMore);
    }

    private void Note(Decoded<SamVReply> decoded)
    {
        if (decoded.Status != DecodeStatus.NeedMore)
            _found.Add(decoded.Status == DecodeStatus.Complete ? "frame" : decoded.Fault.ToString());
    }
}
