using EdgeGate.Access;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Tests.Settings;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Service.Tests.Passing;

public class TemperatureSettlingTests
{
    private static readonly Celsius Ambient = Celsius.From(24m);
    private readonly TemperatureSettling _settling = new(new SettlingOptions { SurfaceOffset = Celsius.From(0.5m) });
    private TimeSpan _now;

    private TemperatureEvidence? Read(decimal surface, double secondsLater = 0.1)
    {
        _now += TimeSpan.FromSeconds(secondsLater);
        return _settling.Add(Celsius.From(surface), Ambient, _now);
    }

    [Fact]
    public void Three_readings_that_agree_are_a_temperature_with_the_offset_of_the_site()
    {
        Assert.Null(Read(36.2m));
        Assert.Null(Read(36.4m));
        var measured = Read(36.3m);

        Assert.NotNull(measured);
        Assert.Equal(Celsius.From(36.8m), measured.Body);
        Assert.Equal(Celsius.From(36.3m), measured.Surface);
        Assert.Equal(Ambient, measured.Ambient);
        Assert.Equal(_now, measured.At);
    }

    [Theory]
    [InlineData(34.0, 24.0, 35.55)] // 34.5 after the offset, and a tenth of what it is above the room
    [InlineData(34.0, 16.0, 36.35)] // the same skin in a colder room is a warmer body
    public void A_skin_is_made_a_body_by_the_difference_to_its_surroundings(double surface, double ambient, double body)
    {
        var settling = new TemperatureSettling(new SettlingOptions { SurfaceOffset = Celsius.From(0.5m), Gain = 0.1m, Samples = 1 });
        var measured = settling.Add(Celsius.From((decimal)surface), Celsius.From((decimal)ambient), TimeSpan.FromSeconds(1));
        Assert.Equal(Celsius.From((decimal)body), measured?.Body);
    }

    [Theory]
    [InlineData("", 16, 32)]
    [InlineData(", \"ambientFrom\": 5, \"ambientTo\": 50", 10, 40)] // the rule's own
    [InlineData(", \"ambientFrom\": 20, \"ambientTo\": 25", 20, 25)]
    public void Nothing_is_decided_where_the_conversion_or_the_rule_means_nothing(string conversion, int from, int to)
    {
        var settings = SmallSettings.IsValid(SmallSettings.Parse(SmallSettings.With("\"gain\": 0.1", "\"gain\": 0.1" + conversion))).Settings;
        var limits = LaneSetup.OptionsOf(settings, settings.Lanes[0]).Encounter.Limits;
        Assert.Equal((Celsius.From(from), Celsius.From(to)), (limits.AmbientFrom, limits.AmbientTo));
    }

    [Fact]
    public void Readings_that_still_rise_are_no_temperature_until_the_last_three_agree()
    {
        decimal[] rising = [33m, 34m, 35m, 35.9m, 36.1m];
        Assert.All(rising, surface => Assert.Null(Read(surface)));
        Assert.Equal(Celsius.From(36.7m), Read(36.2m)?.Body);
    }

    [Fact]
    public void Exactly_as_far_apart_as_allowed_still_agrees()
    {
        Read(36.0m);
        Read(36.3m);
        Assert.NotNull(Read(36.0m));
        Assert.Null(Read(36.31m));
    }

    [Fact]
    public void Below_presence_nobody_stands_there()
    {
        for (var i = 0; i < 10; i++)
            Assert.Null(Read(31.99m));
    }

    [Fact]
    public void One_stay_has_one_number_and_the_next_has_another()
    {
        var first = Stand(36.5m);
        Assert.Equal(first, Stand(36.5m));
        Read(24m);
        Assert.Equal(first + 1, Stand(36.5m));

        long Stand(decimal surface)
        {
            Read(surface);
            Read(surface);
            return Read(surface)!.Episode;
        }
    }

    [Fact]
    public void Readings_from_before_somebody_left_count_for_nobody_after()
    {
        Read(36.5m);
        Read(36.5m);
        Read(24m);
        Assert.Null(Read(36.5m));
        Assert.Null(Read(36.5m));
        Assert.NotNull(Read(36.5m));
    }

    [Fact]
    public void A_pause_of_the_stream_ends_the_stay()
    {
        Read(36.5m);
        Read(36.5m);
        var before = Read(36.5m)!.Episode;
        Assert.Null(Read(36.5m, secondsLater: 2.01));
        Read(36.5m);
        Assert.Equal(before + 1, Read(36.5m)!.Episode);
    }

    [Fact]
    public void A_short_hiccup_of_the_stream_does_not()
    {
        Read(36.5m);
        Read(36.5m);
        Assert.NotNull(Read(36.5m, secondsLater: 2));
    }

    /// <summary>
    /// Whatever is read, a number is only ever given within one unbroken run of presence, numbers never go back, and what is
    /// measured is backed by readings of that run alone.
    /// </summary>
    [Fact]
    public void A_stay_number_never_spans_a_drop_below_presence()
    {
        var readings = Gen.Choose(3000, 3800).Select(surface => (Surface: surface, Pause: 100))
            .Or(Gen.Choose(3150, 3250).Select(surface => (Surface: surface, Pause: 100)))
            .Or(Gen.Choose(1900, 2300).Select(pause => (Surface: 3650, Pause: pause)))
            .ListOf();
        Prop.ForAll(readings.ToArbitrary(), stream =>
        {
            var settling = new TemperatureSettling(new SettlingOptions());
            var at = TimeSpan.FromHours(1);
            long run = 0, latest = 0;
            var inRun = 0;
            var runOf = new Dictionary<long, long>();
            foreach (var (surface, pause) in stream)
            {
                at += TimeSpan.FromMilliseconds(pause);
                var present = surface >= 3200;
                if (!present || pause > 2000 || inRun == 0)
                    (run, inRun) = (run + 1, 0);
                inRun = present ? inRun + 1 : 0;
                if (settling.Add(new Celsius(surface), Ambient, at) is not { } measured)
                    continue;
                if (inRun < 3 || measured.Episode < latest || (runOf.TryGetValue(measured.Episode, out var known) && known != run))
                    return false;
                (latest, runOf[measured.Episode]) = (measured.Episode, run);
            }
            return true;
        }).QuickCheckThrowOnFailure();
    }
}
