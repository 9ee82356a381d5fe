using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Osdp;

/// <summary>One RS-485 line with simulated peripherals: each hears everything and answers what is for it.</summary>
public sealed class SimulatedOsdpLine(IReadOnlyList<SimulatedOsdpPeripheral> peripherals, TimeProvider time)
{
    /// <summary>Serves one line until it is unplugged or cancelled.</summary>
    public async Task RunAsync(IDeviceLine line, CancellationToken cancellationToken)
    {
        var parser = new FrameParser<OsdpFrame>(OsdpFrame.Decode);
        await foreach (var frame in line.Input.ReadFramesAsync(parser, new FrameFaultCounts(), time, cancellationToken: cancellationToken))
        {
            foreach (var peripheral in peripherals)
            {
                if (peripheral.Answer(frame) is not { } answer)
                    continue;
                if (peripheral.Delay > TimeSpan.Zero)
                    await Task.Delay(peripheral.Delay, time, cancellationToken);
                await line.WriteAsync(answer, cancellationToken);
            }
        }
    }
}
