using EdgeGate.Access;
using EdgeGate.Devices.I2c;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Thermometers;

public class Amg8833Tests
{
    private static readonly Celsius TwoDegrees = new(2_00);

    private readonly ManualTime _time = new();
    private readonly SimulatedAmg8833 _chip = new();

    [Fact]
    public async Task The_hottest_spot_is_the_person_in_view()
    {
        await using var loop = new ReadingLoop(await SensorAsync(), _time);
        Assert.Equal(new Celsius(25_00), (await loop.NextAsync()).Surface);
        _chip.Person = new Celsius(34_25);
        Assert.Equal(new TemperatureReading(new Celsius(34_25), new Celsius(25_00)), await loop.NextAsync());
    }

    [Fact]
    public void One_warm_pixel_is_noise()
    {
        var pixels = Grid(i => i == 27 ? 40_00 : 25_00);
        Assert.Equal(new Celsius(28_75), pixels.HottestSpot());
        Assert.False(pixels.ShowsPresence(TwoDegrees, pixels: 4));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(48, true)] // close up: most of what it sees is the person
    public void Presence_is_enough_pixels_warmer_than_the_room(int warm, bool present) =>
        Assert.Equal(present, Grid(i => i < warm ? 31_00 : 24_00).ShowsPresence(TwoDegrees, pixels: 4));

    [Fact]
    public async Task A_sensor_that_lost_its_power_is_set_up_again()
    {
        var bus = new SimulatedI2cPort(_chip);
        await using var loop = new ReadingLoop(await SensorAsync(bus), _time);
        await loop.NextAsync();
        bus.IsUnplugged = true;
        _chip.LosePower();
        _time.Advance(TimeSpan.FromMilliseconds(200));
        await loop.UntilAsync(() => _time.WaitingTimers == 1);
        bus.IsUnplugged = false;
        Assert.Equal(new Celsius(25_00), (await loop.NextAsync()).Surface);
    }

    private async Task<Amg8833> SensorAsync(SimulatedI2cPort? bus = null) =>
        new(await (bus ?? new SimulatedI2cPort(_chip)).OpenAsync(default), new Amg8833Options(), _time);

    private static ThermalGrid Grid(Func<int, int> hundredths) =>
        ThermalGrid.Decode(ThermalGrid.Encode([.. Enumerable.Range(0, ThermalGrid.Pixels).Select(i => new Celsius(hundredths(i)))]));
}
