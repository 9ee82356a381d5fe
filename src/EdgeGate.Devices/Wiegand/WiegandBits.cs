namespace EdgeGate.Devices.Wiegand;

/// <summary>Bits as a reader sent them.</summary>
/// <param name="Bytes">The first bit sent is the highest bit of the first byte; what the last byte has left is zero or ignored.</param>
/// <param name="Count">How many bits count.</param>
public readonly record struct WiegandBits(ReadOnlyMemory<byte> Bytes, int Count)
{
    /// <summary>The bit sent at this place, from 0.</summary>
    public bool this[int index] => (Bytes.Span[index / 8] >> (7 - index % 8) & 1) != 0;

    /// <param name="bits">Of zeros and ones.</param>
    public static WiegandBits Of(ReadOnlySpan<bool> bits)
    {
        var bytes = new byte[(bits.Length + 7) / 8];
        for (var i = 0; i < bits.Length; i++)
        {
            if (bits[i])
                bytes[i / 8] |= (byte)(0x80 >> i % 8);
        }
        return new(bytes, bits.Length);
    }

    /// <summary>Without the bits: they are somebody's card.</summary>
    public override string ToString() => $"{Count} bits";
}
