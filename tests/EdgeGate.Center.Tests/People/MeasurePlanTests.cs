using EdgeGate.Center.People;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Center.Tests.People;

public sealed class MeasurePlanTests
{
    private static readonly TimeZoneInfo Shanghai = TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromHours(8), null, null);
    private static readonly MeasurePlan Twice = new([new(10, 0), new(20, 0)], Shanghai);

    [Fact]
    public void Twice_a_day_is_due_by_the_local_clock_each_since_the_time_before()
    {
        var due = Twice.Between(At("2026-11-22T00:00Z"), At("2026-11-23T00:00Z"));

        Assert.Equal([(At("2026-11-21T12:00Z"), At("2026-11-22T02:00Z")), (At("2026-11-22T02:00Z"), At("2026-11-22T12:00Z"))], due);
    }

    [Fact]
    public void However_a_span_is_divided_each_due_time_comes_once() => Prop.ForAll<PositiveInt, PositiveInt, PositiveInt>((from, first, second) =>
    {
        var start = At("2026-03-01T00:00Z").AddMinutes(from.Get * 7);
        var (middle, end) = (start.AddMinutes(first.Get * 13), start.AddMinutes((first.Get * 13) + (second.Get * 17)));
        Assert.Equal(Twice.Between(start, end), Twice.Between(start, middle).Concat(Twice.Between(middle, end)));
    }).QuickCheckThrowOnFailure();

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
}
