using EdgeGate.Access;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Tests.Time;

public class AgesTests
{
    private static readonly DateTimeOffset Noon = new(2022, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Boot = Guid.NewGuid(), NextBoot = Guid.NewGuid();
    private static readonly ClockReading Then = new(Noon, TimeSpan.FromHours(5), Boot, ClockGrade.Synchronised);

    [Fact]
    public void Within_one_run_a_step_of_the_wall_clock_changes_no_age() =>
        Assert.Equal(TimeSpan.FromMinutes(3), new ClockReading(Noon.AddDays(9), TimeSpan.FromMinutes(303), Boot, ClockGrade.Synchronised).Since(Then));

    [Theory]
    [InlineData(ClockGrade.Synchronised, 40)]
    [InlineData(ClockGrade.Unset, 2)] // so long the machine has been running
    public void After_a_restart_the_wall_clock_counts_where_it_is_known(ClockGrade grade, int minutes) =>
        Assert.Equal(TimeSpan.FromMinutes(minutes), new ClockReading(Noon.AddMinutes(40), TimeSpan.FromMinutes(2), NextBoot, grade).Since(Then));

    [Fact]
    public void A_wall_clock_that_went_back_makes_nothing_younger_than_the_machine_has_been_running() =>
        Assert.Equal(TimeSpan.FromMinutes(2), new ClockReading(Noon.AddHours(-1), TimeSpan.FromMinutes(2), NextBoot, ClockGrade.Holdover).Since(Then));

    [Fact]
    public void What_is_told_late_happened_then_and_a_time_that_cannot_be_is_now()
    {
        var now = new ClockReading(Noon.AddMinutes(40), TimeSpan.FromMinutes(2), NextBoot, ClockGrade.Synchronised);

        Assert.Equal(TimeSpan.FromMinutes(40), now.Since(now.WhenEntered(new ToldLate(Noon, Noon.AddMinutes(40)))));
        Assert.Equal(now, now.WhenEntered(new ToldLate(Noon, Noon.AddHours(-1))));
        Assert.Equal(now, now.WhenEntered(new ToldLate(Noon, Noon.AddDays(3))));
        Assert.Equal(now, now.WhenEntered(new ToldLate(Noon, SentAt: null)));
        Assert.Equal(now, now.WhenEntered(null));
    }

    [Theory]
    [InlineData(ClockGrade.Synchronised)]
    [InlineData(ClockGrade.Unset)]
    public void How_far_the_clocks_of_phone_and_gate_are_off_changes_nothing_in_what_is_told_late(ClockGrade grade)
    {
        var now = new ClockReading(new DateTimeOffset(1970, 1, 1, 0, 3, 0, TimeSpan.Zero), TimeSpan.FromMinutes(3), NextBoot, grade);

        Assert.Equal(TimeSpan.FromMinutes(40), now.Since(now.WhenEntered(new ToldLate(Noon.AddYears(5), Noon.AddYears(5).AddMinutes(40)))));
    }
}
