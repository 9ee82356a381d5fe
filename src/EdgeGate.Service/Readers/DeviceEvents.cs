using EdgeGate.Messages.Records;
using EdgeGate.Service.Hardware;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Time;

namespace EdgeGate.Service.Readers;

/// <summary>Puts on record what devices tell of themselves.</summary>
internal sealed partial class DeviceEvents : BackgroundService
{
    private readonly DeviceRecords<DeviceEventKind> _records;
    private readonly GateClock _clock;
    private readonly ILogger<DeviceEvents> _log;

    public DeviceEvents(RecordKeeper records, GateClock clock, TimeProvider time, ILogger<DeviceEvents> log)
    {
        (_clock, _log) = (clock, log);
        _records = new(
            word => records.DeviceEventAsync(word.Device, word.Event, word.At, CancellationToken.None).AsTask(),
            (word, broken) => LogNotYet(word.Device, word.Event, broken), LogLost, time);
    }

    public void Tell(string device, DeviceEventKind happened)
    {
        LogHappened(device, happened);
        _records.Add(new(device, happened, Words: "", _clock.Read()));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _records.FlushAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _records.RunAsync(stoppingToken);

    [LoggerMessage(LogLevel.Warning, "Device {Device}: {Event}")]
    private partial void LogHappened(string device, DeviceEventKind @event);

    [LoggerMessage(LogLevel.Error, "Device {Device}: {Event} is not on record yet, and will be when the journal takes records again")]
    private partial void LogNotYet(string device, DeviceEventKind @event, Exception cause);

    [LoggerMessage(LogLevel.Error, "The gate stops while the journal takes no records: {Count} events of {Devices} are lost")]
    private partial void LogLost(int count, string devices, Exception cause);
}
