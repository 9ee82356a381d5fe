using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Thermometers;
using EdgeGate.Testing;

namespace EdgeGate.Devices.Tests.Thermometers;

/// <summary>The driver against the simulated board, which sends one frame whenever the test lets an interval pass.</summary>
public sealed class GyMcu90614Tests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60), TimeProvider.System);
    private readonly SimulatedGyMcu90614 _board;
    private readonly GyMcu90614 _thermometer;
    private readonly IAsyncEnumerator<TemperatureReading> _readings;
    private readonly Task _running;

    public GyMcu90614Tests()
    {
        var (host, device) = LoopbackLine.CreatePair();
        _board = new SimulatedGyMcu90614(device, _time);
        _running = _board.RunAsync(_stop.Token);
        _thermometer = new GyMcu90614(host, new GyMcu90614Options(), _time);
        _readings = _thermometer.ReadAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(_ => { }, TaskScheduler.Default);
        await _readings.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task The_surroundings_are_measured_until_somebody_comes()
    {
        Assert.Equal(new(new Celsius(25_00), new Celsius(25_00)), await NextAsync());
        _board.Person = new Celsius(36_60);
        Assert.Equal(new(new Celsius(36_60), new Celsius(25_00)), await NextAsync());
    }

    [Fact]
    public async Task Below_zero_is_below_zero()
    {
        _board.Ambient = new Celsius(-12_34);
        Assert.Equal(new Celsius(-12_34), (await NextAsync()).Ambient);
    }

    [Theory, InlineData(0x14), InlineData(0x5A)]
    public async Task The_number_some_boards_send_is_not_garbage(byte number)
    {
        _board.Number = number;
        for (var i = 0; i < 5; i++)
            await NextAsync();
        Assert.Equal(0, _thermometer.Faults.Total);
    }

    [Fact]
    public async Task Wrong_sums_are_counted_and_never_read()
    {
        await NextAsync();
        _board.WrongSums = 3;
        _board.Person = new Celsius(36_60);
        var next = _readings.MoveNextAsync().AsTask();
        for (var frame = 1; frame <= 3; frame++)
        {
            _time.Advance(_board.Interval);
            await UntilAsync(() => _thermometer.Faults.Total == frame);
        }
        Assert.False(next.IsCompleted);
        _time.Advance(_board.Interval);
        Assert.True(await next);
        Assert.Equal(3, _thermometer.Faults[FrameFault.BadChecksum]);
    }

    [Fact]
    public async Task Two_seconds_without_a_reading_are_silence_until_the_next_one()
    {
        var changes = new List<DeviceState?>();
        _thermometer.TroubleChanged += trouble => changes.Add(trouble?.State);
        await NextAsync();
        _board.Silent = true;

        var next = _readings.MoveNextAsync().AsTask();
        await UntilAsync(() => _time.WaitingTimers == 2); // the board's and the driver's
        _time.Advance(TimeSpan.FromSeconds(1.99));
        Assert.Empty(changes);
        _time.Advance(TimeSpan.FromSeconds(0.01));
        await UntilAsync(() => changes.Count == 1);

        _board.Silent = false;
        _time.Advance(_board.Interval);
        Assert.True(await next);
        Assert.Equal([DeviceState.Silent, null], changes);
    }

    private async Task<TemperatureReading> NextAsync()
    {
        var next = _readings.MoveNextAsync().AsTask();
        await UntilAsync(() => _board.IsStreaming);
        _time.Advance(_board.Interval);
        Assert.True(await next);
        return _readings.Current;
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            _stop.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
