using System.Buffers.Binary;

namespace EdgeGate.Devices.I2c;

/// <summary>
/// The reply to an SMBus "read word": low byte, high byte, packet error code. The PEC is a CRC-8 (polynomial 07, from 00) over
/// everything on the wire since the start: address with write bit, command, address with read bit, low, high. SMBus 2.0, 5.5.5.
/// </summary>
public static class SmBusWord
{
    public const int Length = 3;

    /// <param name="address">Seven bits.</param>
    /// <param name="command">What was asked for.</param>
    /// <param name="reply">Three bytes.</param>
    /// <param name="word">Meaningless when the PEC does not fit.</param>
    /// <returns>Whether the PEC fits.</returns>
    public static bool TryDecode(byte address, byte command, ReadOnlySpan<byte> reply, out ushort word)
    {
        word = BinaryPrimitives.ReadUInt16LittleEndian(reply);
        return Pec(address, command, word) == reply[2];
    }

    public static byte[] Encode(byte address, byte command, ushort word) =>
        [(byte)word, (byte)(word >> 8), Pec(address, command, word)];

    private static byte Pec(byte address, byte command, ushort word)
    {
        byte crc = 0;
        foreach (var value in (ReadOnlySpan<byte>)[(byte)(address << 1), command, (byte)(address << 1 | 1), (byte)word, (byte)(word >> 8)])
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (byte)((crc & 0x80) != 0 ? crc << 1 ^ 0x07 : crc << 1);
        }
        return crc;
    }
}
