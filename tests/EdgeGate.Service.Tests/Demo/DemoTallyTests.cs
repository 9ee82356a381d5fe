using EdgeGate.Service.Demo;

namespace EdgeGate.Service.Tests.Demo;

public sealed class DemoTallyTests
{
    private static readonly DemoTally Whole = new()
    {
        Presented = 3,
        Decided = 3,
        Granted = 2,
        Denied = 1,
        Guard = 0,
        Opened = 2,
        Journaled = 5,
        Acknowledged = 5,
        Received = 5,
        Doubled = 0,
        Committed = 5,
        Seconds = 1,
    };

    [Fact]
    public void What_everybody_counted_alike_adds_up_with_a_center_and_without()
    {
        Assert.Empty(Whole.Faults);
        Assert.Empty((Whole with { Committed = null }).Faults);
        Assert.Contains("\"committed\":5", Whole.ToJson(), StringComparison.Ordinal);
        Assert.DoesNotContain("committed", (Whole with { Committed = null }).ToJson(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void A_center_that_committed_fewer_or_more_than_were_made_does_not_add_up(long committed) =>
        Assert.Equal([$"5 records are in the journal and the center committed {committed}"], (Whole with { Committed = committed }).Faults);
}
