using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.I2c;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Thermometers;

public class Mlx90614Tests
{
    private readonly ManualTime _time = new();
    private readonly SimulatedMlx90614 _chip = new();
    private readonly SimulatedI2cPort _bus;

    public Mlx90614Tests() => _bus = new SimulatedI2cPort(_chip);

    [Fact]
    public async Task Skin_and_surroundings_are_read_in_steps_of_two_hundredths()
    {
        await using var loop = new ReadingLoop(await SensorAsync(), _time);
        _chip.Person = new Celsius(36_61);
        Assert.Equal(new TemperatureReading(new Celsius(36_61), new Celsius(24_99)), await loop.NextAsync());
    }

    [Fact]
    public async Task Nothing_is_believed_before_the_filter_has_settled()
    {
        await using var loop = new ReadingLoop(await SensorAsync(), _time);
        var began = _time.GetTimestamp();
        await loop.NextAsync();
        Assert.True(_time.GetElapsedTime(began) >= new Mlx90614Options().WarmUp);
    }

    [Fact]
    public async Task A_flagged_reading_is_no_reading_and_after_two_seconds_a_faulty_sensor()
    {
        await using var loop = new ReadingLoop(await SensorAsync(), _time);
        await loop.NextAsync();
        _chip.FlagsErrors = true;
        loop.Last = null;
        await loop.UntilAsync(() => loop.Trouble is { State: DeviceState.Faulty });
        Assert.Null(loop.Last);
        _chip.FlagsErrors = false;
        await loop.NextAsync();
        Assert.Null(loop.Trouble);
    }

    [Fact]
    public async Task A_disturbed_word_is_counted_and_the_next_one_is_read()
    {
        var sensor = await SensorAsync();
        await using var loop = new ReadingLoop(sensor, _time);
        _bus.Disturbed = 3;
        Assert.Equal(new Celsius(24_99), (await loop.NextAsync()).Surface);
        Assert.Equal(3, sensor.Faults[FrameFault.BadChecksum]);
        Assert.Empty(loop.Troubles);
    }

    [Fact]
    public async Task Two_seconds_without_an_answer_are_a_lost_line()
    {
        await using var loop = new ReadingLoop(await SensorAsync(), _time);
        await loop.NextAsync();
        _bus.IsUnplugged = true;
        await loop.UntilAsync(() => loop.Ended is not null);
        Assert.IsType<DeviceLineLostException>(loop.Ended);
    }

    [Fact]
    public async Task A_sensor_that_was_away_for_a_moment_warms_up_again()
    {
        await using var loop = new ReadingLoop(await SensorAsync(), _time);
        await loop.NextAsync();
        _bus.IsUnplugged = true;
        _time.Advance(TimeSpan.FromMilliseconds(300));
        await loop.UntilAsync(() => _time.WaitingTimers == 1);
        _bus.IsUnplugged = false;
        var back = _time.GetTimestamp();
        await loop.NextAsync();
        Assert.True(_time.GetElapsedTime(back) >= TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public async Task One_sensor_is_told_from_another_by_its_number() =>
        Assert.Equal(_chip.Id, (await SensorAsync()).ReadId());

    [Fact]
    public async Task Its_memory_is_never_written()
    {
        await using (var loop = new ReadingLoop(await SensorAsync(), _time))
            await loop.NextAsync();
        Assert.Equal(0, _chip.Writes);
    }

    private async Task<Mlx90614> SensorAsync() => new(await _bus.OpenAsync(default), new Mlx90614Options(), _time);
}
