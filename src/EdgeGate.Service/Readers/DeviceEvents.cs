using System.Threading.Channels;
using EdgeGate.Access;
using EdgeGate.Journal;
using EdgeGate.Messages.Records;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Readers;

/// <summary>
/// Puts on record what devices tell of themselves, off the lines' loops, which must not wait for the disk. Bounded: what comes while 64
/// wait is left out, and the device's state shows it all the same.
/// </summary>
internal sealed partial class DeviceEvents(RecordKeeper records, GateClock clock, ILogger<DeviceEvents> log) : BackgroundService
{
    private readonly Channel<(string Device, DeviceEventKind Event, ClockReading At)> _events =
        Channel.CreateBounded<(string, DeviceEventKind, ClockReading)>(new BoundedChannelOptions(64) { SingleReader = true });

    public void Tell(string device, DeviceEventKind happened)
    {
        LogHappened(device, happened);
        _events.Writer.TryWrite((device, happened, clock.Read()));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (device, happened, at) in _events.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await records.DeviceEventAsync(device, happened, at, CancellationToken.None);
            }
            catch (JournalException broken)
            {
                LogNotRecorded(device, happened, broken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Device {Device}: {Event}")]
    private partial void LogHappened(string device, DeviceEventKind @event);

    [LoggerMessage(LogLevel.Error, "Device {Device}: {Event} could not be recorded")]
    private partial void LogNotRecorded(string device, DeviceEventKind @event, Exception cause);
}
