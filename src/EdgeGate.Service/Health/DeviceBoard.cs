using System.Collections.Concurrent;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Service.Health;

/// <summary>How every device of the gate is doing now.</summary>
internal sealed partial class DeviceBoard(TimeProvider time, ILogger<DeviceBoard> log)
{
    /// <summary>A device that is in trouble for good has told all by then; one whose line flickers would fill the log.</summary>
    private const int LinesAtOnce = 20;
    private static readonly TimeSpan LineEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, DeviceStatus> _devices = new();
    private readonly ConcurrentDictionary<string, Lines> _lines = new();

    /// <summary>Raised once per change of a device's state.</summary>
    public event Action<DeviceStatus>? Changed;

    public IReadOnlyCollection<DeviceStatus> Devices => [.. _devices.Values.OrderBy(device => device.DeviceId, StringComparer.Ordinal)];

    /// <summary>How many are not as they should be.</summary>
    public int NotWell => _devices.Count(device => device.Value.State is not DeviceState.Connected);

    /// <summary>A connection whose state shows on this board.</summary>
    public DeviceConnection Connect(string deviceId, IDevicePort port)
    {
        var connection = new DeviceConnection(deviceId, port, time, Report);
        _devices[deviceId] = connection.Status;
        return connection;
    }

    /// <summary>For what a connection does not know: a device that shares its line with others, words that change while the state does not. One thread for each device.</summary>
    public void Tell(string deviceId, DeviceState state, string cause, int reconnects)
    {
        var before = _devices.GetValueOrDefault(deviceId);
        if (before is null || before.State != state || before.Cause != cause)
            Report(new DeviceStatus(deviceId, state, cause, before?.State == state ? before.Since : time.GetUtcNow(), reconnects));
    }

    /// <summary>The same of a device that hangs on something else than a serial line.</summary>
    public DeviceConnection<TLine> Connect<TLine>(string deviceId, IDevicePort<TLine> port)
        where TLine : IAsyncDisposable
    {
        var connection = new DeviceConnection<TLine>(deviceId, port, time, Report);
        _devices[deviceId] = connection.Status;
        return connection;
    }

    public bool IsConnected(string deviceId) => _devices.TryGetValue(deviceId, out var device) && device.State is DeviceState.Connected or DeviceState.Doubtful;

    private void Report(DeviceStatus status)
    {
        _devices[status.DeviceId] = status;
        Log(status);
        Changed?.Invoke(status);
    }

    private void Log(DeviceStatus status)
    {
        var lines = _lines.GetOrAdd(status.DeviceId, _ => new Lines(new TokenBucket(LinesAtOnce, LineEvery, time)));
        bool hasLine;
        long leftOut;
        lock (lines)
        {
            hasLine = lines.Pace.TryTake();
            leftOut = hasLine ? lines.LeftOut : ++lines.LeftOut;
            if (hasLine)
                lines.LeftOut = 0;
        }
        var level = status.State is DeviceState.Connected or DeviceState.Closed ? LogLevel.Information : LogLevel.Warning;
        if (!hasLine && leftOut == 1)
            LogTooFast(status.DeviceId);
        else if (hasLine && leftOut > 0)
            LogChangedAfter(level, status.DeviceId, status.State, status.Cause, leftOut);
        else if (hasLine)
            LogChanged(level, status.DeviceId, status.State, status.Cause);
    }

    private sealed class Lines(TokenBucket pace)
    {
        public TokenBucket Pace => pace;
        public long LeftOut { get; set; }
    }

    [LoggerMessage("Device {Device} is {State}: {Cause}")]
    private partial void LogChanged(LogLevel level, string device, DeviceState state, string cause);

    [LoggerMessage("Device {Device} is {State}: {Cause}; {LeftOut} changes before it are not in this log")]
    private partial void LogChangedAfter(LogLevel level, string device, DeviceState state, string cause, long leftOut);

    [LoggerMessage(LogLevel.Warning, "Device {Device} changes so often that its changes are only counted from now on, with a line a minute at most; how it is now is under /health")]
    private partial void LogTooFast(string device);
}
