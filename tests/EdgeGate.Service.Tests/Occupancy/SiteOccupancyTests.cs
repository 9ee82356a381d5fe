using EdgeGate.Messages.Records;
using EdgeGate.Service.Occupancy;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Service.Tests.Occupancy;

public sealed class SiteOccupancyTests
{
    [Fact]
    public void Until_this_gate_knows_its_own_numbers_nobody_knows_how_many_are_inside()
    {
        var site = new SiteOccupancy("gate-1");
        site.Hear(new("gate-2", 1, 10, 3));

        Assert.Null(site.Inside);
        site.Own = new("gate-1", 1, 5, 2);
        Assert.Equal(10, site.Inside);
    }

    [Fact]
    public void Whatever_comes_late_twice_or_not_at_all_the_newest_numbers_of_each_gate_count()
    {
        // What two gates said, in order; then heard in any order, any of it several times, but the last of each at least once.
        var histories =
            from first in History("gate-2")
            from second in History("gate-3")
            from more in Gen.ListOf(Gen.Elements([.. first, .. second]))
            from shuffled in Gen.Shuffle([.. more, first[^1], second[^1]])
            select (First: first[^1], Second: second[^1], Heard: shuffled.ToArray());

        Prop.ForAll(histories.ToArbitrary(), history =>
        {
            var site = new SiteOccupancy("gate-1") { Own = new("gate-1", 1, 1000, 0) };
            foreach (var message in history.Heard)
                site.Hear(message);
            return site.Balance == 1000 + history.First.In - history.First.Out + history.Second.In - history.Second.Out;
        }).QuickCheckThrowOnFailure();
    }

    private static Gen<OccupancyMessage[]> History(string gate) =>
        from steps in Gen.NonEmptyListOf(Gen.Choose(0, 9))
        select steps.Aggregate(
            new List<OccupancyMessage> { new(gate, 1, 0, 0) },
            (said, step) =>
            {
                var last = said[^1];
                said.Add(step == 0 ? last with { Epoch = last.Epoch + 1, In = 0, Out = 0 } : step % 2 == 0 ? last with { In = last.In + step } : last with { Out = last.Out + step });
                return said;
            }).ToArray();

    [Fact]
    public void More_who_left_than_came_are_nobody_inside_and_not_fewer()
    {
        var site = new SiteOccupancy("gate-1") { Own = new("gate-1", 1, 2, 5) };

        Assert.Equal((0, -3L), (site.Inside, site.Balance));
    }

    [Fact]
    public void A_stranger_who_invents_gates_fills_no_memory_and_nobody_speaks_for_this_gate()
    {
        var site = new SiteOccupancy("gate-1") { Own = new("gate-1", 1, 1, 0) };
        for (var i = 0; i < 10 * SiteOccupancy.MostGates; i++)
            site.Hear(new($"made-up-{i}", 1, 1, 0));
        site.Hear(new("gate-1", 9, 999, 0));

        Assert.Equal(1 + SiteOccupancy.MostGates, site.Inside);
    }

    [Theory]
    [InlineData(1, long.MaxValue, 0), InlineData(1, 0, long.MaxValue), InlineData(1, SiteOccupancy.MostCounted + 1, 0), InlineData(long.MaxValue, 1, 0), InlineData(1, -1, 0), InlineData(0, 1, 0)]
    public void Numbers_that_cannot_be_of_people_are_passed_over_and_stop_nobody(long epoch, long into, long outOf)
    {
        var site = new SiteOccupancy("gate-1") { Own = new("gate-1", 1, 5, 0) };
        site.Hear(new("gate-2", 1, 10, 0));

        Assert.False(site.Hear(new("gate-3", epoch, into, outOf)));
        site.Own = new("gate-1", 1, 6, 0);

        Assert.Equal(16, site.Inside);
    }

    [Fact]
    public void As_many_as_any_gate_may_say_can_be_summed_up()
    {
        var site = new SiteOccupancy("gate-1") { Own = new("gate-1", 1, SiteOccupancy.MostCounted, 0) };
        for (var gate = 0; gate < SiteOccupancy.MostGates; gate++)
            Assert.True(site.Hear(new($"gate-of-thieves-{gate}", SiteOccupancy.MostCounted, SiteOccupancy.MostCounted, 0)));

        Assert.Equal((1 + SiteOccupancy.MostGates) * SiteOccupancy.MostCounted, site.Balance);
    }
}
