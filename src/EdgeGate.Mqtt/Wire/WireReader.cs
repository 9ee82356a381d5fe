using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace EdgeGate.Mqtt.Wire;

/// <summary>
/// Reads the data types of MQTT 5 section 1.5 from the bytes of one packet. The first read that does not fit sets
/// <see cref="Malformed"/>; from then on every read yields an empty value, so a decoder reads straight through and asks once, at the end.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public bool Malformed { get; private set; }

    public readonly bool AtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1) is [var value] ? value : default;

    /// <summary>Two Byte Integer, section 1.5.2.</summary>
    public ushort UInt16() => Take(2) is { Length: 2 } taken ? BinaryPrimitives.ReadUInt16BigEndian(taken) : default;

    /// <summary>Four Byte Integer, section 1.5.3.</summary>
    public uint UInt32() => Take(4) is { Length: 4 } taken ? BinaryPrimitives.ReadUInt32BigEndian(taken) : default;

    /// <summary>Variable Byte Integer, section 1.5.5: at most four bytes, and the shortest form only.</summary>
    public int VariableByteInteger()
    {
        var value = 0;
        for (var shift = 0; shift < 28; shift += 7)
        {
            var next = Byte();
            value |= (next & 0x7F) << shift;
            if ((next & 0x80) != 0)
                continue;
            if (next == 0 && shift > 0)
                Fail();
            return value;
        }
        Fail();
        return 0;
    }

    /// <summary>Binary Data, section 1.5.6.</summary>
    public ReadOnlySpan<byte> Binary() => Take(UInt16());

    /// <summary>UTF-8 Encoded String, section 1.5.4: well formed and without U+0000.</summary>
    public string String()
    {
        var text = Binary();
        if (!Utf8.IsValid(text) || text.Contains((byte)0))
        {
            Fail();
            return "";
        }
        return Encoding.UTF8.GetString(text);
    }

    public ReadOnlySpan<byte> Take(int length)
    {
        if (Malformed || length > _rest.Length)
        {
            Fail();
            return default;
        }
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    public ReadOnlySpan<byte> Rest() => Take(_rest.Length);

    public void Fail()
    {
        Malformed = true;
        _rest = default;
    }
}
