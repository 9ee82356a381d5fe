using System.Buffers;
using System.Runtime.CompilerServices;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Scanners;

/// <summary>
/// Driver of a GM67 scanner module: told at the start to send codes as packets, each of which is acknowledged or asked for
/// again. hardware/gm65/README.md
/// </summary>
public sealed class Gm67Scanner(IDeviceLine line, Gm65Options options, TimeProvider time)
{
    private const byte SendAsPackets = 0xEE;

    /// <summary>After a byte that wakes it a module sleeps on for a while.</summary>
    private static readonly TimeSpan WakeTime = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc cref="Gm65Scanner.Faults"/>
    public FrameFaultCounts Faults { get; } = new();

    /// <summary>Codes until cancelled. One caller at a time.</summary>
    /// <exception cref="DeviceLineLostException">The line was lost.</exception>
    public async IAsyncEnumerable<ScannedCode> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var packets = new FrameReader<Gm67Packet>(line.Input, new FrameParser<Gm67Packet>(Gm67Frame.Decode), time, options.GiveUpAfter);
        await line.WriteAsync(new byte[1], cancellationToken);
        await Task.Delay(WakeTime, time, cancellationToken);
        await line.WriteAsync(Gm67Frame.SetParameter(SendAsPackets, 1, permanent: false), cancellationToken);

        var repeats = new RepeatFilter(options.RepeatHoldOff, time); // also for a packet sent again because its ACK was lost
        while (true)
        {
            var next = await packets.NextAsync(within: null, cancellationToken);
            if (next.Status == DecodeStatus.Corrupt)
            {
                Faults.Add(next.Fault);
                if (next.Fault is FrameFault.BadChecksum or FrameFault.Timeout)
                    await line.WriteAsync(Gm67Frame.Resend(), cancellationToken);
                continue;
            }
            if (next.Frame.Opcode is not (Gm67Opcode.Scanned or Gm67Opcode.ScannedLong))
                continue;
            await line.WriteAsync(Gm67Frame.Ack(), cancellationToken);
            if (!ScannerText.Chinese.TryDecode(new ReadOnlySequence<byte>(next.Frame.Text), out var code))
            {
                Faults.Add(FrameFault.BadEncoding);
                continue;
            }
            var bare = options.Decoration.Strip(code);
            if (bare.Text.Length > 0 && !repeats.IsRepeat(bare.Text))
                yield return bare;
        }
    }
}
