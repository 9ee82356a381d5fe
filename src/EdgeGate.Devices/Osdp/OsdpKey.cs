namespace EdgeGate.Devices.Osdp;

/// <summary>A peripheral's base key (SCBK): 16 bytes that only it and this gate have.</summary>
public sealed class OsdpKey
{
    public const int Length = 16;

    private readonly byte[] _bytes;

    /// <exception cref="ArgumentException">The length is wrong, or it is the key everybody knows.</exception>
    public OsdpKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
            throw new ArgumentException($"an OSDP key has {Length} bytes; this one has {bytes.Length}", nameof(bytes));
        if (bytes.SequenceEqual(KnownToAll))
            throw new ArgumentException("this is the OSDP key everybody knows: make one of your own", nameof(bytes));
        _bytes = bytes.ToArray();
    }

    private OsdpKey(byte[] bytes) => _bytes = bytes;

    /// <summary>The key everybody knows (SCBK-D), with which a new peripheral is given its own.</summary>
    internal static OsdpKey Install { get; } = new(KnownToAll.ToArray());

    private static ReadOnlySpan<byte> KnownToAll => "0123456789:;<=>?"u8;

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Without the key.</summary>
    public override string ToString() => nameof(OsdpKey);
}
