using System.Collections.Concurrent;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Service.Health;

/// <summary>How every device of the gate is doing now.</summary>
internal sealed partial class DeviceBoard(TimeProvider time, ILogger<DeviceBoard> log)
{
    private readonly ConcurrentDictionary<string, DeviceStatus> _devices = new();

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
        var level = status.State is DeviceState.Connected or DeviceState.Closed ? LogLevel.Information : LogLevel.Warning;
        LogChanged(level, status.DeviceId, status.State, status.Cause);
        Changed?.Invoke(status);
    }

    [LoggerMessage("Device {Device} is {State}: {Cause}")]
    private partial void LogChanged(LogLevel level, string device, DeviceState state, string cause);
}
