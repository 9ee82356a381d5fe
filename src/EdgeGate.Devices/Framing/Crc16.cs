namespace EdgeGate.Devices.Framing;

/// <summary>CRC-16 with polynomial 1021, not reflected. OSDP starts it at 1D0F, the GM65 scanner modules at 0000.</summary>
internal static class Crc16
{
    private static readonly ushort[] Table = [.. Enumerable.Range(0, 256).Select(value => Shifted((ushort)(value << 8)))];

    public static ushort Compute(ReadOnlySpan<byte> bytes, ushort start)
    {
        var crc = start;
        foreach (var value in bytes)
            crc = (ushort)(crc << 8 ^ Table[crc >> 8 ^ value]);
        return crc;
    }

    private static ushort Shifted(ushort value)
    {
        for (var bit = 0; bit < 8; bit++)
            value = (ushort)((value & 0x8000) != 0 ? value << 1 ^ 0x1021 : value << 1);
        return value;
    }
}
