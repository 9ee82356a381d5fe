using Polly;
using Polly.Retry;

namespace EdgeGate.Devices.Ports;

/// <summary>
/// Keeps one device's line open: the only place that knows a line can break. Opens the port, lets the driver talk, and when
/// the line is lost opens it again, for ever, 50 ms to 500 ms apart.
/// </summary>
/// <typeparam name="TLine">What an open port is talked to through; see <see cref="IDevicePort{TLine}"/>.</typeparam>
public class DeviceConnection<TLine>
    where TLine : IAsyncDisposable
{
    private static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(50), LongestDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// A line that breaks sooner, several times in a row, hangs on a loose plug or a device that keeps restarting: the delay
    /// goes on growing, and it is not called connected again before it has held this long.
    /// </summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private const int UnsteadyAfter = 3;

    private readonly IDevicePort<TLine> _port;
    private readonly TimeProvider _time;
    private readonly Action<DeviceStatus> _changed;
    private readonly ResiliencePipeline _reopening;
    private readonly Lock _lock = new();
    private DeviceStatus _status;
    private int _opened;
    private int _brokeEarly;

    /// <param name="deviceId">The id it has in the settings.</param>
    /// <param name="port">Where it is attached.</param>
    /// <param name="time">For delays and stamps.</param>
    /// <param name="changed">
    /// Called when the state changes, once per change however often the port is tried; one call at a time, in order. Must be quick.
    /// </param>
    public DeviceConnection(string deviceId, IDevicePort<TLine> port, TimeProvider time, Action<DeviceStatus> changed)
        : this(deviceId, port, time, changed, Random.Shared.NextDouble) { }

    internal DeviceConnection(string deviceId, IDevicePort<TLine> port, TimeProvider time, Action<DeviceStatus> changed, Func<double> random)
    {
        (_port, _time, _changed) = (port, time, changed);
        _status = new(deviceId, DeviceState.Closed, $"{port.Name} is not opened yet", time.GetUtcNow(), 0);
        _reopening = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<DevicePortException>().Handle<DeviceLineLostException>(),
                MaxRetryAttempts = int.MaxValue,
                DelayGenerator = retry => ValueTask.FromResult<TimeSpan?>(Delay(retry.AttemptNumber, random())),
            })
            .Build();
    }

    /// <summary>The state now. Its cause is always the latest, also when the state has not changed.</summary>
    public DeviceStatus Status
    {
        get { lock (_lock) return _status; }
    }

    /// <summary>
    /// Runs <paramref name="talk"/> on every line that can be opened, one after the other, and returns when it returns. Its
    /// token is <paramref name="stopping"/>.
    /// </summary>
    /// <param name="talk">
    /// Must keep reading the line's input, since that is where a loss shows; the loss is to be let through. Every other
    /// exception is a bug and ends this method with it.
    /// </param>
    /// <param name="stopping">Ends it.</param>
    /// <exception cref="OperationCanceledException">Asked to stop.</exception>
    public async Task RunAsync(Func<TLine, CancellationToken, Task> talk, CancellationToken stopping)
    {
        try
        {
            var over = false;
            while (!over)
                over = await _reopening.ExecuteAsync(async stop => await TalkOnceAsync(talk, stop), stopping);
        }
        finally
        {
            Report(DeviceState.Closed, $"{_port.Name} was closed by the service");
        }
    }

    /// <summary>For the driver, while it talks: what it knows of the device beyond its line, such as that it does not answer.</summary>
    public void Report(DeviceState state, string cause)
    {
        lock (_lock)
        {
            var changed = _status.State != state;
            _status = _status with
            {
                State = state,
                Cause = cause,
                Since = changed ? _time.GetUtcNow() : _status.Since,
                Reconnects = Math.Max(0, _opened - 1),
            };
            if (changed)
                _changed(_status);
        }
    }

    /// <summary>50 ms doubling to 500 ms, shortened by up to a quarter so that devices lost together do not come back together.</summary>
    /// <param name="attempt">From 0.</param>
    /// <param name="random">0 to below 1.</param>
    internal static TimeSpan Delay(int attempt, double random)
    {
        var doubled = ShortestDelay * Math.Pow(2, Math.Min(attempt, 10));
        return (doubled < LongestDelay ? doubled : LongestDelay) * (1 - random / 4);
    }

    /// <returns>True when the talk is over; false when a settled line was lost, so that the delays start small again.</returns>
    private async Task<bool> TalkOnceAsync(Func<TLine, CancellationToken, Task> talk, CancellationToken stopping)
    {
        var line = await OpenAsync(stopping);
        var opened = _time.GetTimestamp();
        try
        {
            await TalkOnAsync(line, talk, stopping);
            return true;
        }
        catch (DeviceLineLostException lost)
        {
            var early = _time.GetElapsedTime(opened) < Settled;
            _brokeEarly = early ? _brokeEarly + 1 : 0;
            Report(DeviceState.Absent, lost.Message);
            if (early)
                throw;
            return false;
        }
    }

    private async Task TalkOnAsync(TLine line, Func<TLine, CancellationToken, Task> talk, CancellationToken stopping)
    {
        await using var _ = line;
        var unsteady = _brokeEarly >= UnsteadyAfter;
        // Disposing waits for a running callback, so that "connected" never comes after "lost".
        await using var settling = _time.CreateTimer(
            _ => ReportConnected(), null, unsteady ? Settled : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (!unsteady)
            ReportConnected();
        await talk(line, stopping);
    }

    private async Task<TLine> OpenAsync(CancellationToken stopping)
    {
        try
        {
            var line = await _port.OpenAsync(stopping);
            Interlocked.Increment(ref _opened);
            return line;
        }
        catch (DevicePortException refused)
        {
            Report(StateOf(refused.Fault), refused.Message);
            throw;
        }
    }

    private void ReportConnected() => Report(DeviceState.Connected, $"{_port.Name} is open");

    private static DeviceState StateOf(DevicePortFault fault) => fault switch
    {
        DevicePortFault.Absent => DeviceState.Absent,
        DevicePortFault.HeldByAnother => DeviceState.HeldByAnother,
        DevicePortFault.NotPermitted => DeviceState.NotPermitted,
        DevicePortFault.Swapped => DeviceState.Swapped,
        DevicePortFault.Silent => DeviceState.Silent,
        _ => DeviceState.Faulty,
    };
}

/// <summary>A connection over a serial line, which most devices have.</summary>
public sealed class DeviceConnection : DeviceConnection<IDeviceLine>
{
    public DeviceConnection(string deviceId, IDevicePort port, TimeProvider time, Action<DeviceStatus> changed)
        : base(deviceId, port, time, changed) { }

    internal DeviceConnection(string deviceId, IDevicePort port, TimeProvider time, Action<DeviceStatus> changed, Func<double> random)
        : base(deviceId, port, time, changed, random) { }
}
