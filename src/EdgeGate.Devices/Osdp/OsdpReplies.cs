using System.Buffers.Binary;
using EdgeGate.Devices.Wiegand;

namespace EdgeGate.Devices.Osdp;

/// <summary>What a peripheral says it is: maker (its three bytes as sent), model, version, serial number, firmware.</summary>
public sealed record OsdpIdentification(string Vendor, byte Model, byte Version, uint Serial, string Firmware)
{
    private const int Length = 12;

    public override string ToString() => $"{Vendor} model {Model}.{Version} serial {Serial:X8} firmware {Firmware}";

    internal static OsdpIdentification? Parse(ReadOnlySpan<byte> data) => data.Length != Length
        ? null
        : new(Convert.ToHexString(data[..3]), data[3], data[4], BinaryPrimitives.ReadUInt32LittleEndian(data[5..]), $"{data[9]}.{data[10]}.{data[11]}");

    /// <summary>The way back; for simulated peripherals.</summary>
    internal byte[] Encode()
    {
        var data = new byte[Length];
        Convert.FromHexString(Vendor).CopyTo(data, 0);
        (data[3], data[4]) = (Model, Version);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(5), Serial);
        Firmware.Split('.').Select(byte.Parse).ToArray().CopyTo(data, 9);
        return data;
    }
}

/// <summary>One thing a peripheral can do, how well, and how many of it there are.</summary>
public readonly record struct OsdpCapability(OsdpFunction Function, byte Level, byte Count)
{
    private const int Length = 3;

    internal static IReadOnlyList<OsdpCapability>? Parse(ReadOnlySpan<byte> data)
    {
        if (data.Length % Length != 0)
            return null;
        var capabilities = new OsdpCapability[data.Length / Length];
        for (var i = 0; i < capabilities.Length; i++)
            capabilities[i] = new((OsdpFunction)data[3 * i], data[3 * i + 1], data[3 * i + 2]);
        return capabilities;
    }
}

/// <summary>A card as a reader sent it on: the bits of its Wiegand output.</summary>
/// <param name="Reader">Which of the peripheral's readers.</param>
/// <param name="Format">0 for any bits, 1 for bits with parity around them.</param>
/// <param name="Bits">First bit sent = highest bit of the first byte.</param>
public sealed record OsdpCard(byte Reader, byte Format, WiegandBits Bits)
{
    private const int HeaderLength = 4;

    /// <returns>Null when the number of bits contradicts the number of bytes.</returns>
    internal static OsdpCard? Parse(ReadOnlySpan<byte> data)
    {
        if (data.Length < HeaderLength)
            return null;
        int count = BinaryPrimitives.ReadUInt16LittleEndian(data[2..]);
        return (count + 7) / 8 == data.Length - HeaderLength ? new(data[0], data[1], new(data[HeaderLength..].ToArray(), count)) : null;
    }

    /// <summary>The way back; for simulated peripherals.</summary>
    internal byte[] Encode() => [Reader, Format, (byte)Bits.Count, (byte)(Bits.Count >> 8), .. Bits.Bytes.Span];
}

/// <summary>Keys pressed on a reader: digits, # and *.</summary>
public sealed record OsdpKeys(byte Reader, string Keys)
{
    private const int HeaderLength = 2;
    private const byte Hash = 0x0D, Star = 0x7F;

    /// <returns>Null when the number of keys contradicts the number of bytes.</returns>
    internal static OsdpKeys? Parse(ReadOnlySpan<byte> data) => data.Length < HeaderLength || data[1] != data.Length - HeaderLength
        ? null
        : new(data[0], string.Concat(data[HeaderLength..].ToArray().Select(key => key switch { Hash => '#', Star => '*', _ => (char)key })));

    /// <summary>The way back; for simulated peripherals.</summary>
    internal byte[] Encode() =>
        [Reader, (byte)Keys.Length, .. Keys.Select(key => key switch { '#' => Hash, '*' => Star, _ => (byte)key })];

    /// <summary>Without the keys: they are somebody's code.</summary>
    public override string ToString() => nameof(OsdpKeys);
}
