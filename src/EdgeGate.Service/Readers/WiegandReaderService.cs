using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Gpio;
using EdgeGate.Devices.Ports;
using EdgeGate.Devices.Wiegand;
using EdgeGate.Service.Health;
using EdgeGate.Service.Passing;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Readers;

/// <summary>Brings what one Wiegand reader reads to the lane.</summary>
internal sealed class WiegandReaderService(WiegandReaderSettings settings, IDevicePort<IGpioLines> port, LaneInputs lane, DeviceBoard board, TimeProvider time)
    : BackgroundService
{
    /// <summary>Fewer are no card that lost some: wires bounce when a reader gets its power.</summary>
    private const int FewestBits = 20;

    private readonly DeviceConnection<IGpioLines> _connection = board.Connect(settings.Id, port);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _connection.RunAsync(ReadAsync, stoppingToken);

    private async Task ReadAsync(IGpioLines lines, CancellationToken stopping)
    {
        var reader = new WiegandReader(lines, settings.ToOptions(), time);
        var noise = new NoiseWatch(reader.Faults);
        await foreach (var read in reader.ReadAsync(stopping))
        {
            if (read.Card is { } card)
            {
                if (noise.Understood())
                    _connection.Report(DeviceState.Connected, $"{port.Name} is open, and cards are read again");
                await lane.PresentAsync(settings.Id, CardCode.Of(card), stopping);
                continue;
            }
            Tell(reader.Faults, noise);
            if (read.Bits >= FewestBits)
                await lane.PresentAsync(settings.Id, CardCode.Unreadable(read.Fault), stopping);
        }
    }

    /// <summary>The reader is never asked, so a wrong wire shows in nothing but what cannot be read.</summary>
    private void Tell(FrameFaultCounts faults, NoiseWatch noise)
    {
        var lost = faults[FrameFault.Lost] + faults[FrameFault.Timeout];
        var thrownAway = $"codes thrown away: {faults.Total}{(lost > 0 ? $", {lost} of them because edges were lost: is the machine too busy?" : "")}";
        if (noise.IsAllThereIs(out var damaged))
        {
            _connection.Report(DeviceState.Doubtful, $"{port.Name} brings no cards, only codes that are none ({damaged} in a row): are data0 and data1 swapped, is format right? {thrownAway}");
        }
        else if (_connection.Status is { State: DeviceState.Connected, Reconnects: var reconnects })
        {
            board.Tell(settings.Id, DeviceState.Connected, $"{port.Name} is open; {thrownAway}", reconnects);
        }
    }
}
