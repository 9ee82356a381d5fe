using System.Buffers.Binary;

namespace EdgeGate.HealthCodes.Compression;

/// <summary>The zlib format (RFC 1950): two bytes of header, a DEFLATE stream, its Adler-32, and nothing after that.</summary>
internal static class Zlib
{
    private const int HeaderLength = 2;
    private const int ChecksumLength = 4;
    private const int MethodDeflate = 8;
    private const int MaxWindowBits = 7;
    private const int PresetDictionary = 0x20;
    private const uint AdlerModulus = 65521;

    // The most bytes whose sums stay below 2^32 (RFC 1950, section 9).
    private const int AdlerRun = 5552;

    public static InflateStatus TryDecode(ReadOnlySpan<byte> input, int limit, out ReadOnlyMemory<byte> output)
    {
        output = default;
        if (input.Length < HeaderLength + ChecksumLength || !IsHeader(input[0], input[1]))
            return InflateStatus.Broken;
        var status = Inflate.TryDecode(input[HeaderLength..], limit, out var inflated, out var consumed);
        if (status != InflateStatus.Done)
            return status;
        var checksum = input[(HeaderLength + consumed)..];
        if (checksum.Length != ChecksumLength || BinaryPrimitives.ReadUInt32BigEndian(checksum) != Adler32(inflated.Span))
            return InflateStatus.Broken;
        output = inflated;
        return InflateStatus.Done;
    }

    private static bool IsHeader(byte method, byte flags) =>
        (method & 0x0F) == MethodDeflate && method >> 4 <= MaxWindowBits && ((method << 8) | flags) % 31 == 0 && (flags & PresetDictionary) == 0;

    private static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        uint a = 1, b = 0;
        while (!bytes.IsEmpty)
        {
            var run = bytes[..Math.Min(bytes.Length, AdlerRun)];
            foreach (var value in run)
            {
                a += value;
                b += a;
            }
            a %= AdlerModulus;
            b %= AdlerModulus;
            bytes = bytes[run.Length..];
        }
        return (b << 16) | a;
    }
}
