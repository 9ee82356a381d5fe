using System.Buffers;
using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Thermometers;

/// <summary>
/// The other end of a thermometer's line: streams, once told to, what is before the lens. That is a surface as warm as the
/// surroundings until a person's temperature is set. Faults can be set at any time.
/// </summary>
public sealed class SimulatedGyMcu90614(IDeviceLine line, TimeProvider time)
{
    private volatile bool _streaming;
    private volatile bool _asked; // for one reading

    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The host has asked for readings.</summary>
    public bool IsStreaming => _streaming;

    public Celsius Ambient { get; set; } = new(25_00);

    /// <summary>The skin of the person before the lens; null when nobody is.</summary>
    public Celsius? Person { get; set; }

    /// <summary>Sent after each frame by some boards.</summary>
    public byte? Number { get; set; }

    /// <summary>This many of the next frames carry a wrong sum.</summary>
    public int WrongSums { get; set; }

    /// <summary>As if unplugged from its sensor: nothing is sent.</summary>
    public bool Silent { get; set; }

    /// <summary>Repeats one reading for ever, as a sensor that hangs.</summary>
    public TemperatureReading? Frozen { get; set; }

    /// <summary>Listens and streams until cancelled or the line is closed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var listening = ListenAsync(stop.Token);
        var streaming = StreamAsync(stop.Token);
        try
        {
            await await Task.WhenAny(listening, streaming);
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var commands = new FrameParser<byte>(DecodeCommand);
        await foreach (var command in line.Input.ReadFramesAsync(commands, new FrameFaultCounts(), time, cancellationToken: cancellationToken))
        {
            _streaming = command == GyMcu90614Command.Stream.Span[1];
            _asked = command == GyMcu90614Command.OneReading.Span[1];
        }
    }

    private async Task StreamAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (!_streaming && !_asked)
                continue;
            _asked = false;
            await SendReadingAsync(cancellationToken);
        }
    }

    private async ValueTask SendReadingAsync(CancellationToken cancellationToken)
    {
        if (Silent)
            return;
        var frame = GyMcu90614Frame.Encode(Frozen ?? new TemperatureReading(Person ?? Ambient, Ambient));
        if (WrongSums > 0)
        {
            WrongSums--;
            frame[^1]++;
        }
        await line.WriteAsync(Number is { } number ? [.. frame, number] : frame, cancellationToken);
    }

    private static Decoded<byte> DecodeCommand(ref ReadOnlySequence<byte> buffer)
    {
        if (Preamble.Seek(ref buffer, [0xA5]))
            return Decoded.Corrupt<byte>(FrameFault.Garbage);
        if (buffer.Length < 3)
            return Decoded.NeedMore<byte>();
        Span<byte> frame = stackalloc byte[3];
        buffer.Slice(0, 3).CopyTo(frame);
        if ((byte)(frame[0] + frame[1]) != frame[2])
        {
            buffer = buffer.Slice(1);
            return Decoded.Corrupt<byte>(FrameFault.BadChecksum, claimed: 3);
        }
        buffer = buffer.Slice(3);
        return Decoded.Complete(frame[1], claimed: 3);
    }
}
