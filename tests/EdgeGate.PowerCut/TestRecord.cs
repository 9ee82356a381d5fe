using System.Buffers.Binary;

namespace EdgeGate.PowerCut;

/// <summary>
/// A payload that says which boot wrote it under which number, and whose every byte can be told from those two: 4 bytes boot, 8 bytes
/// sequence, big-endian, then 88 to 987 bytes of noise. Different lengths end commits at different places of a page.
/// </summary>
internal static class TestRecord
{
    private const int HeaderLength = 12;

    public static byte[] Make(int boot, long sequence)
    {
        var random = new Random(unchecked((boot * 1_000_003) + (int)sequence));
        var payload = new byte[random.Next(100, 1000)];
        random.NextBytes(payload);
        BinaryPrimitives.WriteInt32BigEndian(payload, boot);
        BinaryPrimitives.WriteInt64BigEndian(payload.AsSpan(4), sequence);
        return payload;
    }

    /// <summary>Which boot wrote the record; null when not every byte is as it was written.</summary>
    public static int? BootOf(long sequence, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeaderLength)
            return null;
        var boot = BinaryPrimitives.ReadInt32BigEndian(payload);
        return payload.SequenceEqual(Make(boot, sequence)) ? boot : null;
    }
}
