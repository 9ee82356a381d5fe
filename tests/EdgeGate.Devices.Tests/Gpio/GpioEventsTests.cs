using System.Runtime.InteropServices;
using EdgeGate.Devices.Gpio;

namespace EdgeGate.Devices.Tests.Gpio;

public class GpioEventsTests
{
    private readonly GpioEvents _events = new([22, 17]);

    [Fact]
    public void A_gap_in_a_lines_count_is_a_loss_of_that_line_and_of_no_other()
    {
        Assert.Equal(new GpioEdge(0, true, TimeSpan.FromMilliseconds(1)), Take(22, sequence: 1, rising: true));
        Assert.Equal(new GpioEdge(1, true, TimeSpan.FromMilliseconds(1)), Take(17, sequence: 1, rising: true));
        Assert.True(Take(22, sequence: 3, rising: true).IsAfterLoss);
        Assert.False(Take(17, sequence: 2, rising: false).IsAfterLoss);
        Assert.False(Take(22, sequence: 4, rising: false).IsAfterLoss);
    }

    [Fact]
    public void The_first_event_may_be_after_a_loss_and_the_count_goes_round()
    {
        Assert.True(Take(22, sequence: 2, rising: true).IsAfterLoss);
        Take(22, sequence: uint.MaxValue, rising: true);
        Assert.False(Take(22, sequence: 0, rising: true).IsAfterLoss);
    }

    [Fact]
    public void A_level_that_no_event_told_of_is_news_once()
    {
        Assert.False(_events.IsNews(0, active: true)); // nothing was lost of a line that never moved
        Take(22, sequence: 1, rising: true);
        Assert.False(_events.IsNews(0, active: true));
        Assert.True(_events.IsNews(0, active: false));
        Assert.False(_events.IsNews(0, active: false));
    }

    private GpioEdge Take(int offset, uint sequence, bool rising)
    {
        var bytes = new byte[GpioStructs.EventSize];
        MemoryMarshal.Write(bytes, 1_000_000ul);
        MemoryMarshal.Write(bytes.AsSpan(8), rising ? 1u : 2u);
        MemoryMarshal.Write(bytes.AsSpan(12), (uint)offset);
        MemoryMarshal.Write(bytes.AsSpan(20), sequence);
        return _events.Take(bytes);
    }
}
