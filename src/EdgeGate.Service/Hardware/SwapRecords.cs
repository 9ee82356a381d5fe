using System.Threading.Channels;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Ports.Identity;
using EdgeGate.Journal;
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
    /// <summary>More than any gate has devices, three times over.</summary>
    private const int MostWaiting = 256;

    private readonly Channel<(string Device, DeviceSwapEvent Event, string Words)> _happened =
        Channel.CreateBounded<(string, DeviceSwapEvent, string)>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly HashSet<string> _swapped = [];
    private readonly Lock _lock = new();
    private readonly RecordKeeper _records;
    private readonly GateClock _clock;
    private readonly ILogger<SwapRecords> _log;

    public SwapRecords(DeviceBoard board, DeviceIdentities identities, RecordKeeper records, GateClock clock, ILogger<SwapRecords> log)
    {
        (_records, _clock, _log) = (records, clock, log);
        board.Changed += OnChanged;
        identities.Accepted += OnAccepted;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (device, happened, words) in _happened.Reader.ReadAllAsync(stoppingToken))
        {
            var now = _clock.Read();
            var record = new DeviceSwapRecord { Device = device, Event = happened, Words = words, Clock = ClockRecord.From(now) };
            try
            {
                await _records.DeviceSwapAsync(record, now, stoppingToken);
            }
            catch (JournalException broken)
            {
                LogNotRecorded(device, broken);
            }
        }
    }

    private void OnChanged(DeviceStatus device)
    {
        lock (_lock)
        {
            if (device.State is DeviceState.Swapped && _swapped.Add(device.DeviceId))
                _happened.Writer.TryWrite((device.DeviceId, DeviceSwapEvent.Swapped, device.Cause));
            else if (device.State is DeviceState.Connected && _swapped.Remove(device.DeviceId))
                _happened.Writer.TryWrite((device.DeviceId, DeviceSwapEvent.Returned, device.Cause));
        }
    }

    private void OnAccepted(string device, DeviceIdentity identity)
    {
        lock (_lock)
        {
            _swapped.Remove(device);
            _happened.Writer.TryWrite((device, DeviceSwapEvent.Accepted, identity.ToString()));
        }
    }

    [LoggerMessage(LogLevel.Error, "Device {Device}: that it was swapped, accepted or returned could not be recorded")]
    private partial void LogNotRecorded(string device, Exception cause);
}
