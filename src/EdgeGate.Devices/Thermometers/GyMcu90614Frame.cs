using System.Buffers;
using System.Buffers.Binary;
using EdgeGate.Access;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Thermometers;

/// <param name="Surface">What is before the lens (makers say object): skin, not body.</param>
/// <param name="Ambient">Temperature of the sensor itself.</param>
public readonly record struct TemperatureReading(Celsius Surface, Celsius Ambient)
{
    /// <summary>Without the values: a person's temperature must not slip into a log.</summary>
    public override string ToString() => nameof(TemperatureReading);
}

/// <summary>
/// 5A 5A 45 04, surface, ambient (hundredths of a degree, 2 bytes each, big-endian, two's complement), low byte of the sum
/// of the eight before it. Some boards send one byte more, their number. hardware/gy-mcu90614/README.md
/// </summary>
public static class GyMcu90614Frame
{
    private const int Length = 9;
    private const int LengthWithNumber = 10;

    private static ReadOnlySpan<byte> Start => [0x5A, 0x5A, 0x45, 0x04];

    public static Decoded<TemperatureReading> Decode(ref ReadOnlySequence<byte> buffer)
    {
        if (Preamble.Seek(ref buffer, Start))
            return Decoded.Corrupt<TemperatureReading>(FrameFault.Garbage);
        if (buffer.Length < Length)
            return Decoded.NeedMore<TemperatureReading>();

        Span<byte> frame = stackalloc byte[Length];
        buffer.Slice(0, Length).CopyTo(frame);
        // The board's number is claimed, not waited for: on boards that send none, the next frame begins there.
        if (Sum(frame[..^1]) != frame[^1])
        {
            buffer = buffer.Slice(1);
            return Decoded.Corrupt<TemperatureReading>(FrameFault.BadChecksum, claimed: LengthWithNumber);
        }
        buffer = buffer.Slice(Length);
        var reading = new TemperatureReading(
            new Celsius(BinaryPrimitives.ReadInt16BigEndian(frame[4..])), new Celsius(BinaryPrimitives.ReadInt16BigEndian(frame[6..])));
        return Decoded.Complete(reading, claimed: LengthWithNumber);
    }

    /// <summary>The nine bytes that hold this reading.</summary>
    public static byte[] Encode(TemperatureReading reading)
    {
        byte[] frame = [.. Start, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(4), (short)reading.Surface.Hundredths);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(6), (short)reading.Ambient.Hundredths);
        frame[^1] = Sum(frame.AsSpan(..^1));
        return frame;
    }

    private static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (var value in bytes)
            sum += value;
        return sum;
    }
}

/// <summary>What the host can tell the board: A5, command, sum of both.</summary>
public static class GyMcu90614Command
{
    public static ReadOnlyMemory<byte> Stream { get; } = Encode(0x45);

    public static ReadOnlyMemory<byte> OneReading { get; } = Encode(0x15);

    private static byte[] Encode(byte command) => [0xA5, command, unchecked((byte)(0xA5 + command))];
}
