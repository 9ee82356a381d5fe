using System.Buffers;
using EdgeGate.Access;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Thermometers;

/// <summary>The other end of a GY-614's line: answers each query. Faults can be set at any time.</summary>
public sealed class SimulatedGy614(IDeviceLine line, TimeProvider time)
{
    public Celsius Ambient { get; set; } = new(25_00);

    /// <summary>The skin of the person before the lens; null when nobody is.</summary>
    public Celsius? Person { get; set; }

    /// <summary>This many of the next answers carry a wrong sum.</summary>
    public int WrongSums { get; set; }

    /// <summary>Hears and does not answer.</summary>
    public bool Silent { get; set; }

    /// <summary>Answers until cancelled or the line is closed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var queries = new FrameParser<byte>(DecodeQuery);
        await foreach (var _ in line.Input.ReadFramesAsync(queries, new FrameFaultCounts(), time, cancellationToken: cancellationToken))
        {
            if (Silent)
                continue;
            var surface = Person ?? Ambient;
            var frame = Gy614Frame.Encode(new Gy614Reading(97, new TemperatureReading(surface, Ambient), new Celsius(surface.Hundredths + 3_00)));
            if (WrongSums > 0)
            {
                WrongSums--;
                frame[^1]++;
            }
            await line.WriteAsync(frame, cancellationToken);
        }
    }

    private static Decoded<byte> DecodeQuery(ref ReadOnlySequence<byte> buffer)
    {
        var query = Gy614Frame.Query.Span;
        if (Preamble.Seek(ref buffer, query))
            return Decoded.Corrupt<byte>(FrameFault.Garbage);
        if (buffer.Length < query.Length)
            return Decoded.NeedMore<byte>();
        buffer = buffer.Slice(query.Length);
        return Decoded.Complete(query[0], claimed: query.Length);
    }
}
