using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace EdgeGate.Journal;

/// <summary>
/// The SHA-256 that binds a record to everything before it: over the gate's id (2-byte length, UTF-8), the sequence
/// (8 bytes), the previous record's hash (32 bytes) and the payload, numbers big-endian. The first record's previous hash
/// is all zero. Whoever holds record n and its hash can check record n+1; a change or a removal anywhere shows at the head.
/// </summary>
[JsonConverter(typeof(ChainHashJsonConverter))]
public readonly record struct ChainHash(UInt128 High, UInt128 Low)
{
    public const int Length = 32;

    /// <summary>The hash of the record that follows <paramref name="previous"/>, or the first kept record before it.</summary>
    public static ChainHash Next(string gate, long sequence, ChainHash previous, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(gate);
        var name = Encoding.UTF8.GetBytes(gate);
        Span<byte> fixedPart = stackalloc byte[sizeof(long) + Length];
        BinaryPrimitives.WriteInt64BigEndian(fixedPart, sequence);
        previous.WriteTo(fixedPart[sizeof(long)..]);
        Span<byte> nameLength = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(nameLength, checked((ushort)name.Length));

        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(nameLength);
        sha.AppendData(name);
        sha.AppendData(fixedPart);
        sha.AppendData(payload);
        Span<byte> hash = stackalloc byte[Length];
        sha.GetHashAndReset(hash);
        return Read(hash);
    }

    public static ChainHash Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(source), BinaryPrimitives.ReadUInt128BigEndian(source[16..]));

    public void WriteTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt128BigEndian(target, High);
        BinaryPrimitives.WriteUInt128BigEndian(target[16..], Low);
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> hash = stackalloc byte[Length];
        WriteTo(hash);
        return Convert.ToHexStringLower(hash);
    }
}

/// <summary>The newest record's number and hash: published with the tally, so that a journal cut off at its end shows.</summary>
public readonly record struct ChainHead(long Sequence, ChainHash Hash);
