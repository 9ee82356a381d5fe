using EdgeGate.Access;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Service.Readers;
using EdgeGate.Service.Settings;
using EdgeGate.Service.Time;
using EdgeGate.Testing;

namespace EdgeGate.Service.Tests.Readers;

public sealed class ThermometerCareTests : IDisposable
{
    private readonly ManualTime _time = new(new DateTimeOffset(2022, 3, 1, 8, 0, 0, TimeSpan.Zero));
    private readonly TemporaryDirectory _directory = new();
    private readonly GyMcu90614Settings _settings = new() { Id = "forehead", Port = "/dev/test" };
    private long _episode;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void One_value_for_ten_minutes_is_a_sensor_that_hangs_and_nobodys_temperature()
    {
        var care = Care(_settings);
        for (var second = 0; second < 600; second++)
            Assert.True(Read(care, 36_50));
        Assert.False(Read(care, 36_50));
        Assert.Equal(DeviceState.Faulty, care.Finding?.State);
        Assert.True(Read(care, 36_52));
        Assert.Null(care.Finding);
    }

    [Fact]
    public void A_day_whose_people_are_all_warmer_than_usual_is_doubtful()
    {
        var care = Care(_settings);
        for (var day = 0; day < 4; day++)
            People(care, 36_50);
        Assert.Null(care.Finding);
        People(care, 37_20);
        Assert.Equal(DeviceState.Doubtful, care.Finding?.State);
        Assert.Contains("+0.7 °C", care.Finding!.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_with_a_fever_are_no_drift()
    {
        var care = Care(_settings);
        for (var day = 0; day < 5; day++)
            People(care, 36_50);
        for (var i = 0; i < 15; i++)
            Measure(care, 39_00);
        Assert.Null(care.Finding);
    }

    [Fact]
    public void What_was_usual_is_known_after_a_restart()
    {
        var before = Care(_settings);
        for (var day = 0; day < 5; day++)
            People(before, 36_50);
        var after = Care(_settings);
        People(after, 35_80);
        Assert.Equal(DeviceState.Doubtful, after.Finding?.State);
    }

    [Fact]
    public void Calibration_is_due_the_day_after_its_last_good_one()
    {
        var care = Care(_settings with { Calibration = new() { Done = new DateOnly(2022, 2, 1), GoodForDays = 28 } });
        Read(care, 36_50);
        Assert.Null(care.Finding); // the first of March is the 28th day
        _time.Advance(TimeSpan.FromDays(1));
        Read(care, 36_50);
        Assert.Equal(DeviceState.Doubtful, care.Finding?.State);
        Assert.Contains("2022-03-01", care.Finding!.Cause, StringComparison.Ordinal);
    }

    private ThermometerCare Care(ThermometerSettings settings) =>
        new(settings, _directory["medians"], new GateClock(_time, Guid.NewGuid(), () => true), new ListLogger<ThermometerCare>());

    private bool Read(ThermometerCare care, int surface)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return care.Believes(new TemperatureReading(new Celsius(surface), new Celsius(25_00)));
    }

    /// <summary>A day of forty people, the next of which is tomorrow's first.</summary>
    private void People(ThermometerCare care, int body)
    {
        for (var i = 0; i < 40; i++)
            Measure(care, body);
        if (care.Finding is null)
            _time.Advance(TimeSpan.FromDays(1));
    }

    private void Measure(ThermometerCare care, int body) =>
        care.Measured(new TemperatureEvidence(new Celsius(body), new Celsius(body), new Celsius(25_00), ++_episode, _time.GetElapsedTime(0), _time.GetElapsedTime(0)));
}
