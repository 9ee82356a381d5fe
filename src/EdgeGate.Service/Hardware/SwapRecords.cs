using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Health;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Hardware;

/// <summary>
/// Puts on record, and alarms, that another device is where one of the gate's was; and how that ended: a person accepted it, or the right one is
/// back. Once for each swap, however often it is pulled and plugged meanwhile.
/// </summary>
internal sealed partial class SwapRecords : BackgroundService
{
    private readonly HashSet<string> _swapped = [];
    private readonly Lock _lock = new();
    private readonly DeviceRecords<DeviceSwapEvent> _records;
    private readonly GateClock _clock;
    private readonly ILogger<SwapRecords> _log;

    public SwapRecords(DeviceBoard board, DeviceIdentities identities, RecordKeeper records, GateClock clock, TimeProvider time, ILogger<SwapRecords> log)
    {
        (_clock, _log) = (clock, log);
        _records = new(word => RecordAsync(records, word), (word, broken) => LogNotYet(word.Device, word.Event, broken), LogLost, time);
        board.Changed += OnChanged;
        identities.Accepted += OnAccepted;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _records.FlushAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _records.RunAsync(stoppingToken);

    private static Task<long> RecordAsync(RecordKeeper records, DeviceWord<DeviceSwapEvent> word)
    {
        var record = new DeviceSwapRecord { Device = word.Device, Event = word.Event, Words = word.Words, Clock = ClockRecord.From(word.At) };
        return records.DeviceSwapAsync(record, word.At, CancellationToken.None).AsTask();
    }

    private void OnChanged(DeviceStatus device)
    {
        lock (_lock)
        {
            if (device.State is DeviceState.Swapped && _swapped.Add(device.DeviceId))
                Tell(device.DeviceId, DeviceSwapEvent.Swapped, device.Cause);
            else if (device.State is DeviceState.Connected && _swapped.Remove(device.DeviceId))
                Tell(device.DeviceId, DeviceSwapEvent.Returned, device.Cause);
        }
    }

    private void OnAccepted(string device, DeviceIdentity identity)
    {
        lock (_lock)
        {
            _swapped.Remove(device);
            Tell(device, DeviceSwapEvent.Accepted, identity.ToString());
        }
    }

    private void Tell(string device, DeviceSwapEvent happened, string words) => _records.Add(new(device, happened, words, _clock.Read()));

    [LoggerMessage(LogLevel.Error, "Device {Device}: {Event} is not on record yet, and will be when the journal takes records again")]
    private partial void LogNotYet(string device, DeviceSwapEvent @event, Exception cause);

    [LoggerMessage(LogLevel.Error, "The gate stops while the journal takes no records: {Count} swaps and returns of {Devices} are lost")]
    private partial void LogLost(int count, string devices, Exception cause);
}
