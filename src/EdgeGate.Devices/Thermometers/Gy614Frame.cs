using System.Buffers;
using System.Buffers.Binary;
using EdgeGate.Access;
using EdgeGate.Devices.Framing;

namespace EdgeGate.Devices.Thermometers;

/// <param name="EmissivityHundredths">97 is 0.97.</param>
/// <param name="Temperature">Surface and ambient.</param>
/// <param name="Body">The board's own estimate. For the record of an experiment at most: how it is made is not told, so nothing is decided on it.</param>
public readonly record struct Gy614Reading(byte EmissivityHundredths, TemperatureReading Temperature, Celsius Body)
{
    /// <summary>Without the values: a person's temperature must not slip into a log.</summary>
    public override string ToString() => nameof(Gy614Reading);
}

/// <summary>
/// A4 03 07 07, emissivity, surface, ambient, the board's body estimate (hundredths, 2 bytes each, big-endian, two's complement), low
/// byte of the sum of the eleven before it. The query is the same four bytes with their sum. hardware/gy-614/README.md
/// </summary>
public static class Gy614Frame
{
    private const int Length = 12;
    private const byte Read = 0x03;

    private static ReadOnlySpan<byte> Start => [0xA4, Read, 0x07, 0x07];

    /// <summary>Asks for registers 07 to 0D: one reading.</summary>
    public static ReadOnlyMemory<byte> Query { get; } = EncodeQuery(0x07, 0x07);

    public static byte[] EncodeQuery(byte register, byte count) => [0xA4, Read, register, count, unchecked((byte)(0xA4 + Read + register + count))];

    public static Decoded<Gy614Reading> Decode(ref ReadOnlySequence<byte> buffer)
    {
        if (Preamble.Seek(ref buffer, Start))
            return Decoded.Corrupt<Gy614Reading>(FrameFault.Garbage);
        if (buffer.Length < Length)
            return Decoded.NeedMore<Gy614Reading>();

        Span<byte> frame = stackalloc byte[Length];
        buffer.Slice(0, Length).CopyTo(frame);
        if (Sum(frame[..^1]) != frame[^1])
        {
            buffer = buffer.Slice(1);
            return Decoded.Corrupt<Gy614Reading>(FrameFault.BadChecksum, claimed: Length);
        }
        buffer = buffer.Slice(Length);
        var temperature = new TemperatureReading(At(frame[5..]), At(frame[7..]));
        return Decoded.Complete(new Gy614Reading(frame[4], temperature, At(frame[9..])), claimed: Length);
    }

    public static byte[] Encode(Gy614Reading reading)
    {
        byte[] frame = [.. Start, reading.EmissivityHundredths, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(5), (short)reading.Temperature.Surface.Hundredths);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(7), (short)reading.Temperature.Ambient.Hundredths);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(9), (short)reading.Body.Hundredths);
        frame[^1] = Sum(frame.AsSpan(..^1));
        return frame;
    }

    private static Celsius At(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadInt16BigEndian(bytes));

    private static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (var value in bytes)
            sum += value;
        return sum;
    }
}
