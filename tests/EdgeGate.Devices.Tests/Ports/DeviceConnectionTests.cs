using System.Threading.Channels;
using EdgeGate.Devices.Ports;
using EdgeGate.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Devices.Tests.Ports;

public sealed class DeviceConnectionTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly LoopbackPort _port = new("loop");
    private readonly Channel<DeviceStatus> _told = Channel.CreateUnbounded<DeviceStatus>();
    private readonly CancellationTokenSource _stop = new();
    private int _delays;

    public void Dispose() => _stop.Dispose();

    private DeviceConnection Connection(IDevicePort port) =>
        new("reader-1", port, _time, status => _told.Writer.TryWrite(status), NoJitter);

    private double NoJitter()
    {
        Interlocked.Increment(ref _delays);
        return 0;
    }

    private static Task ListenAsync(IDeviceLine line, CancellationToken stopping) => line.Input.ReadToTheEndAsync().WaitAsync(stopping);

    private async Task<DeviceStatus> NextAsync() => await _told.Reader.ReadAsync(CancellationToken.None).InTime();

    private async Task<List<DeviceStatus>> TakeAsync(int count)
    {
        var taken = new List<DeviceStatus>();
        while (taken.Count < count)
            taken.Add(await NextAsync());
        Assert.False(_told.Reader.TryRead(out _));
        return taken;
    }

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.InTime());
    }

    [Fact]
    public async Task An_absent_port_is_tried_after_50_ms_doubling_to_500()
    {
        var port = new AbsentPort();
        var running = Connection(port).RunAsync(ListenAsync, _stop.Token);
        await port.Tried();
        foreach (var milliseconds in new[] { 50, 100, 200, 400, 500, 500, 500 })
        {
            await Patience.Until(() => _time.WaitingTimers == 1);
            _time.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
            Assert.Equal(1, _time.WaitingTimers); // not earlier
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await port.Tried();
        }
        await StopAsync(running);
    }

    [Fact]
    public void Every_delay_is_at_least_three_quarters_of_the_nominal_one_and_never_above_500_ms() =>
        Prop.ForAll<NonNegativeInt, byte>((attempt, random) =>
        {
            var nominal = Math.Min(50 * Math.Pow(2, Math.Min(attempt.Get, 20)), 500);
            var delay = DeviceConnection.Delay(attempt.Get, random / 256.0).TotalMilliseconds;
            return delay >= nominal * 0.75 - 0.001 && delay <= nominal + 0.001;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task A_state_is_reported_once_however_often_the_port_is_tried()
    {
        var port = new AbsentPort();
        var running = Connection(port).RunAsync(ListenAsync, _stop.Token);
        for (var tries = 0; tries < 20; tries++)
        {
            await port.Tried();
            await Patience.Until(() => _time.WaitingTimers == 1);
            _time.Advance(TimeSpan.FromMilliseconds(500));
        }
        await StopAsync(running);

        var told = await TakeAsync(2);
        Assert.Equal([DeviceState.Absent, DeviceState.Closed], told.Select(status => status.State));
        Assert.Equal("not there", told[0].Cause);
        Assert.Equal("reader-1", told[0].DeviceId);
    }

    [Fact]
    public async Task A_lost_line_is_opened_again_at_once_and_counted()
    {
        var connection = Connection(_port);
        var running = connection.RunAsync(ListenAsync, _stop.Token);
        var device = await _port.NextDeviceEndAsync(_stop.Token).InTime();
        Assert.Equal(new DeviceStatus("reader-1", DeviceState.Connected, "loop is open", _time.GetUtcNow(), 0), await NextAsync());

        _time.Advance(TimeSpan.FromSeconds(10));
        device.Unplug();
        await _port.NextDeviceEndAsync(_stop.Token).InTime();

        Assert.Equal(
            new DeviceStatus("reader-1", DeviceState.Absent, "the loopback line was unplugged", _time.GetUtcNow(), 0), await NextAsync());
        Assert.Equal(new DeviceStatus("reader-1", DeviceState.Connected, "loop is open", _time.GetUtcNow(), 1), await NextAsync());
        await StopAsync(running);
    }

    [Fact]
    public async Task A_line_that_keeps_breaking_is_tried_ever_more_slowly_and_not_called_connected_before_it_holds()
    {
        var running = Connection(_port).RunAsync(ListenAsync, _stop.Token);
        var device = await _port.NextDeviceEndAsync(_stop.Token).InTime();
        var breaks = 0;
        foreach (var milliseconds in new[] { 50, 100, 200, 400, 500 })
        {
            device.Unplug();
            var opened = _port.NextDeviceEndAsync(_stop.Token).AsTask();
            breaks++;
            await Patience.Until(() => _delays == breaks && _time.WaitingTimers == 1);
            _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            device = await opened.InTime();
            await Patience.Until(() => _time.WaitingTimers == (breaks < 3 ? 0 : 1)); // from the third break on: until it has settled
        }
        _time.Advance(TimeSpan.FromSeconds(2));

        var told = await TakeAsync(7);
        DeviceState[] once = [DeviceState.Connected, DeviceState.Absent];
        Assert.Equal([.. once, .. once, .. once, DeviceState.Connected], told.Select(status => status.State));
        Assert.Equal(5, told[^1].Reconnects);
        await StopAsync(running);
    }

    [Fact]
    public async Task A_driver_can_say_that_its_device_is_silent()
    {
        var connection = Connection(_port);
        var running = connection.RunAsync(
            async (line, stopping) =>
            {
                connection.Report(DeviceState.Silent, "no answer for 3 s");
                connection.Report(DeviceState.Silent, "no answer for 4 s");
                await ListenAsync(line, stopping);
            },
            _stop.Token);
        Assert.Equal(DeviceState.Connected, (await NextAsync()).State);
        Assert.Equal("no answer for 3 s", (await NextAsync()).Cause);
        await Patience.Until(() => connection.Status.Cause is "no answer for 4 s");
        Assert.False(_told.Reader.TryRead(out _));
        await StopAsync(running);
    }

    [Theory]
    [InlineData(DevicePortFault.HeldByAnother, DeviceState.HeldByAnother)]
    [InlineData(DevicePortFault.NotPermitted, DeviceState.NotPermitted)]
    [InlineData(DevicePortFault.NotASerialLine, DeviceState.Faulty)]
    [InlineData(DevicePortFault.SettingsRefused, DeviceState.Faulty)]
    public async Task A_refused_port_is_reported_with_its_cause(DevicePortFault fault, DeviceState state)
    {
        _port.Fault = new DevicePortException(fault, "because");
        var running = Connection(_port).RunAsync(ListenAsync, _stop.Token);
        var status = await NextAsync();
        Assert.Equal((state, "because"), (status.State, status.Cause));
        await StopAsync(running);
    }

    [Fact]
    public async Task A_bug_in_the_talk_reaches_the_caller_and_the_line_is_given_back()
    {
        var running = Connection(_port).RunAsync((_, _) => throw new InvalidOperationException("a bug"), _stop.Token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => running.InTime());
        var device = await _port.NextDeviceEndAsync(_stop.Token).InTime();
        await device.Input.ReadToTheEndAsync().InTime();
    }

    [Fact]
    public async Task A_talk_that_is_over_ends_the_connection()
    {
        await Connection(_port).RunAsync((_, _) => Task.CompletedTask, _stop.Token).InTime();
        Assert.Equal(DeviceState.Connected, (await NextAsync()).State);
        Assert.Equal(DeviceState.Closed, (await NextAsync()).State);
    }

    private sealed class AbsentPort : IDevicePort
    {
        private readonly Channel<int> _tried = Channel.CreateUnbounded<int>();

        public string Name => "absent";

        public Task<int> Tried() => _tried.Reader.ReadAsync().InTime();

        public ValueTask<IDeviceLine> OpenAsync(CancellationToken cancellationToken)
        {
            _tried.Writer.TryWrite(1);
            throw new DevicePortException(DevicePortFault.Absent, "not there");
        }
    }
}
