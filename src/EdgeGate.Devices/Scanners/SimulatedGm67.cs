using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using EdgeGate.Devices.Framing;
using EdgeGate.Devices.Ports;

namespace EdgeGate.Devices.Scanners;

/// <summary>
/// The other end of a GM67 module's line: sleeps until a byte comes, acknowledges parameters, sends codes as packets or as lines of text as it is told, and sends a
/// packet again when it is asked for. hardware/gm65/README.md
/// </summary>
public sealed class SimulatedGm67(IDeviceLine line, TimeProvider time)
{
    private const byte Qr = 0xF1, SendAsPackets = 0xEE;
    private byte[] _last = [];

    /// <summary>Told to send codes as packets; lines of text as shipped.</summary>
    public bool SendsPackets { get; private set; }

    /// <summary>How many codes the host has acknowledged.</summary>
    public int Acknowledged { get; private set; }

    public ValueTask ScanAsync(string code, CancellationToken cancellationToken = default)
    {
        var text = Encoding.UTF8.GetBytes(code);
        return line.WriteAsync(_last = SendsPackets ? Gm67Frame.Scanned(Qr, text) : [.. text, (byte)'\r', (byte)'\n'], cancellationToken);
    }

    /// <summary>Listens and answers until cancelled or the line is closed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var commands = new FrameParser<byte[]>(DecodeCommand);
        await foreach (var command in line.Input.ReadFramesAsync(commands, new FrameFaultCounts(), time, cancellationToken: cancellationToken))
        {
            switch ((Gm67Opcode)command[1], command)
            {
                case (Gm67Opcode.SetParameter, [_, _, _, _, _, SendAsPackets, var value]):
                    SendsPackets = value == 1;
                    await line.WriteAsync(Gm67Frame.AckOfModule(), cancellationToken);
                    break;
                case (Gm67Opcode.Ack, _):
                    Acknowledged++;
                    break;
                case (Gm67Opcode.Nack, _):
                    await line.WriteAsync(_last, cancellationToken);
                    break;
                default:
                    await line.WriteAsync(Gm67Frame.AckOfModule(), cancellationToken);
                    break;
            }
        }
    }

    /// <summary>A packet without its checksum. The 00 that wakes it, and whatever else cannot be a length, is passed over.</summary>
    private static Decoded<byte[]> DecodeCommand(ref ReadOnlySequence<byte> buffer)
    {
        const int Shortest = 4, Checksum = 2;
        if (buffer.IsEmpty)
            return Decoded.NeedMore<byte[]>();
        int length = buffer.FirstSpan[0];
        if (length < Shortest)
        {
            buffer = buffer.Slice(1);
            return Decoded.Corrupt<byte[]>(FrameFault.Garbage);
        }
        if (buffer.Length < length + Checksum)
            return Decoded.NeedMore<byte[]>();
        var frame = buffer.Slice(0, length + Checksum).ToArray();
        var sum = frame.AsSpan(0, length).ToArray().Aggregate(0, (all, value) => all + value);
        if ((ushort)-sum != BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(length)))
        {
            buffer = buffer.Slice(1);
            return Decoded.Corrupt<byte[]>(FrameFault.BadChecksum, claimed: length);
        }
        buffer = buffer.Slice(length + Checksum);
        return Decoded.Complete(frame[..length], claimed: length + Checksum);
    }
}
