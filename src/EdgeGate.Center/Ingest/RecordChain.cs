using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGate.Center.Ingest;

/// <summary>
/// The SHA-256 that binds a gate's record to everything before it: over the gate's id <c>site/gate</c> (2-byte length, UTF-8), the sequence
/// (8 bytes), the hash of the record before (32 bytes, zero before the first) and the payload; numbers big-endian. Written from that description
/// and not from the gate's code, so that two agree.
/// </summary>
internal static class RecordChain
{
    public const int Length = SHA256.HashSizeInBytes;

    public static byte[] Next(GateName gate, long sequence, ReadOnlySpan<byte> before, ReadOnlySpan<byte> payload)
    {
        var id = Encoding.UTF8.GetBytes(gate.ToString());
        var length = sizeof(ushort) + id.Length + sizeof(long) + Length + payload.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        var input = rented.AsSpan(0, length);
        BinaryPrimitives.WriteUInt16BigEndian(input, checked((ushort)id.Length));
        id.CopyTo(input[sizeof(ushort)..]);
        var rest = input[(sizeof(ushort) + id.Length)..];
        BinaryPrimitives.WriteInt64BigEndian(rest, sequence);
        before.CopyTo(rest[sizeof(long)..]);
        payload.CopyTo(rest[(sizeof(long) + Length)..]);
        var hash = SHA256.HashData(input);
        ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }
}
