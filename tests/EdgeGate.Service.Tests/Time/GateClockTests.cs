using EdgeGate.Access;
using EdgeGate.Service.Time;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Time;

public class GateClockTests
{
    private readonly ManualTime _time = new();
    private bool _synchronised = true;

    private GateClock Clock => new(_time, Guid.Empty, () => _synchronised);

    [Theory, InlineData(true, ClockGrade.Synchronised), InlineData(false, ClockGrade.Holdover)]
    public void The_kernel_says_whether_the_time_is_synchronised(bool synchronised, ClockGrade grade)
    {
        _synchronised = synchronised;
        Assert.Equal(grade, Clock.Read().Grade);
    }

    [Theory, InlineData(1970), InlineData(2000), InlineData(2019)]
    public void A_date_before_this_program_is_a_clock_that_was_never_set(int year)
    {
        _time.StepWallClock(new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(ClockGrade.Unset, Clock.Read().Grade);
    }

    [Theory, InlineData(1970), InlineData(2050)]
    public void Ages_do_not_care_when_the_wall_clock_steps(int year)
    {
        var clock = Clock;
        var before = clock.Read();
        _time.StepWallClock(new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(TimeSpan.FromSeconds(3), clock.Read().SinceBoot - before.SinceBoot);
        Assert.Equal(year, clock.Read().Wall.UtcDateTime.Year);
    }

    [Fact]
    public void Both_clocks_are_read_at_one_instant_also_by_who_is_held_up_between_them()
    {
        var start = _time.GetUtcNow();
        var reading = new GateClock(new HeldUpOnce(_time), Guid.Empty, () => true).Read();

        Assert.Equal(start, reading.Wall - reading.SinceBoot);
    }

    /// <summary>Three seconds go by while the wall clock is read for the first time.</summary>
    private sealed class HeldUpOnce(ManualTime time) : TimeProvider
    {
        private bool _was;

        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override DateTimeOffset GetUtcNow()
        {
            var now = time.GetUtcNow();
            if (!_was)
                time.Advance(TimeSpan.FromSeconds(3));
            _was = true;
            return now;
        }
    }

    [Fact]
    public void This_machine_has_a_boot_and_counts_from_it()
    {
        var (one, other) = (GateClock.OfThisMachine(TimeProvider.System), GateClock.OfThisMachine(TimeProvider.System));

        Assert.Equal(one.Read().BootId, other.Read().BootId);
        Assert.True(one.SinceBoot > TimeSpan.Zero);
        Assert.NotEqual(ClockGrade.Unset, one.Read().Grade);
    }
}
