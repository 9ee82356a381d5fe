using System.Buffers;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Scanners;

/// <summary>The other end of a GM65 module's line: keeps registers, answers commands, and sends codes. Faults can be set at any time.</summary>
public sealed class SimulatedGm65(IDeviceLine line, TimeProvider time)
{
    private const byte Read = 0x07, Write = 0x08, Save = 0x09;
    private const int HeaderLength = 6, CrcLength = 2;

    private readonly byte[] _zones = new byte[256];

    /// <summary>Its zones as they are now.</summary>
    public Span<byte> Zones => _zones;

    /// <summary>How often it was told to keep its zones.</summary>
    public int Saves { get; private set; }

    /// <summary>Understands no commands.</summary>
    public bool Deaf { get; set; }

    /// <summary>Says that it has done what it was told, and has not.</summary>
    public bool Forgetful { get; set; }

    /// <summary>This many of the next answers carry a wrong CRC.</summary>
    public int WrongCrcs { get; set; }

    /// <summary>Sent just before the next answer, as when somebody holds a code before it just then.</summary>
    public string? ScannedMeanwhile { get; set; }

    public ValueTask ScanAsync(string code, CancellationToken cancellationToken = default) =>
        line.WriteAsync(System.Text.Encoding.UTF8.GetBytes(code + "\r\n"), cancellationToken);

    /// <summary>Listens and answers until cancelled or the line is closed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var commands = new FrameParser<byte[]>(DecodeCommand);
        await foreach (var command in line.Input.ReadFramesAsync(commands, new FrameFaultCounts(), time, cancellationToken: cancellationToken))
        {
            if (Deaf)
                continue;
            if (ScannedMeanwhile is { } code)
                await ScanAsync(code, cancellationToken);
            ScannedMeanwhile = null;
            var answer = Gm65Frame.Encode(Do(command));
            if (WrongCrcs > 0)
            {
                WrongCrcs--;
                answer[^1]++;
            }
            await line.WriteAsync(answer, cancellationToken);
        }
    }

    private Gm65Reply Do(byte[] command)
    {
        var zone = command[5];
        var data = command.AsSpan(HeaderLength..^CrcLength);
        switch (command[2])
        {
            case Read:
                return new(Gm65Status.Done, _zones.AsMemory(zone, data[0]));
            case Write:
                if (!Forgetful)
                    data.CopyTo(_zones.AsSpan(zone));
                break;
            case Save:
                Saves++;
                break;
            default:
                return new(Gm65Status.CommandInvalid, new byte[1]);
        }
        return new(Gm65Status.Done, new byte[1]);
    }

    private static Decoded<byte[]> DecodeCommand(ref ReadOnlySequence<byte> buffer)
    {
        if (Preamble.Seek(ref buffer, [0x7E, 0x00]))
            return Decoded.Corrupt<byte[]>(FrameFault.Garbage);
        if (buffer.Length < HeaderLength)
            return Decoded.NeedMore<byte[]>();
        var length = HeaderLength + buffer.Slice(3).FirstSpan[0] + CrcLength;
        if (buffer.Length < length)
            return Decoded.NeedMore<byte[]>();
        var frame = buffer.Slice(0, length).ToArray();
        if (Crc16.Compute(frame.AsSpan(2), start: 0) != 0) // the CRC included, a sound frame comes to zero
        {
            buffer = buffer.Slice(1);
            return Decoded.Corrupt<byte[]>(FrameFault.BadChecksum, claimed: length);
        }
        buffer = buffer.Slice(length);
        return Decoded.Complete(frame, claimed: length);
    }
}
