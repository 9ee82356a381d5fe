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
            // Either the whole preamble is in this segment, or only the segment's last bytes can be the beginning of one.
            var segment = buffer.FirstSpan;
            var whole = segment.IndexOf(preamble);
            buffer = buffer.Slice(whole >= 0 ? whole : Math.Max(1, segment.Length - preamble.Length + 1));
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
