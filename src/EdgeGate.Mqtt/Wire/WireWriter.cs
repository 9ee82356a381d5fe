using System.Buffers.Binary;
using System.Text;

namespace EdgeGate.Mqtt.Wire;

/// <summary>
/// Writes the data types of MQTT 5 section 1.5. A measuring writer counts without writing, so that a length that stands
/// before its content is found by running the same code twice and can never disagree with it.
/// </summary>
internal ref struct WireWriter
{
    private readonly Span<byte> _into;
    private readonly bool _measuring;

    public WireWriter(Span<byte> into) => _into = into;

    private WireWriter(bool measuring) => _measuring = measuring;

    public static WireWriter Measuring() => new(measuring: true);

    public int Length { get; private set; }

    public void Byte(byte value)
    {
        if (!_measuring)
            _into[Length] = value;
        Length += 1;
    }

    public void UInt16(int value)
    {
        if (!_measuring)
            BinaryPrimitives.WriteUInt16BigEndian(_into[Length..], checked((ushort)value));
        Length += 2;
    }

    public void UInt32(uint value)
    {
        if (!_measuring)
            BinaryPrimitives.WriteUInt32BigEndian(_into[Length..], value);
        Length += 4;
    }

    public void VariableByteInteger(int value)
    {
        do
        {
            var digit = (byte)(value & 0x7F);
            value >>= 7;
            Byte(value > 0 ? (byte)(digit | 0x80) : digit);
        }
        while (value > 0);
    }

    public void Binary(ReadOnlySpan<byte> value)
    {
        UInt16(value.Length);
        Bytes(value);
    }

    public void String(string value)
    {
        UInt16(Encoding.UTF8.GetByteCount(value));
        if (_measuring)
            Length += Encoding.UTF8.GetByteCount(value);
        else
            Length += Encoding.UTF8.GetBytes(value, _into[Length..]);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        if (!_measuring)
            value.CopyTo(_into[Length..]);
        Length += value.Length;
    }
}
