using System.Buffers;

namespace EdgeGate.Devices.Framing;

internal static class Preamble
{
    /// <summary>
    /// Moves the buffer to the first place where it begins with the preamble, or with as much of it as has come (at most
    /// 8 bytes). True when bytes were dropped on the way.
    /// </summary>
    public static bool Seek(ref ReadOnlySequence<byte> buffer, ReadOnlySpan<byte> preamble)
    {
        var held = buffer.Length;
        while (!buffer.IsEmpty && !BeginsLike(buffer, preamble))
        {
            var rest = buffer.Slice(1);
            buffer = rest.Slice(rest.PositionOf(preamble[0]) ?? rest.End);
        }
        return buffer.Length < held;
    }

    private static bool BeginsLike(in ReadOnlySequence<byte> buffer, ReadOnlySpan<byte> preamble)
    {
        var head = buffer.FirstSpan;
        if (head.Length < preamble.Length && !buffer.IsSingleSegment)
        {
            Span<byte> joined = stackalloc byte[8];
            var length = (int)Math.Min(preamble.Length, buffer.Length);
            buffer.Slice(0, length).CopyTo(joined);
            return preamble.StartsWith(joined[..length]);
        }
        return head.Length < preamble.Length ? preamble.StartsWith(head) : head.StartsWith(preamble);
    }
}
