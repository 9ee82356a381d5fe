using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGate.Messages.Privacy;

/// <summary>The Concat key derivation of NIST SP 800-56A with SHA-256, as RFC 7518 section 4.6.2 uses it.</summary>
internal static class ConcatKdf
{
    /// <param name="sharedSecret">Z of the key agreement.</param>
    /// <param name="algorithm">The <c>enc</c> value in direct key agreement.</param>
    /// <param name="keyBytes">At most 32: one round of SHA-256.</param>
    public static byte[] Derive(ReadOnlySpan<byte> sharedSecret, string algorithm, ReadOnlySpan<byte> partyU, ReadOnlySpan<byte> partyV, int keyBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keyBytes, SHA256.HashSizeInBytes);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendNumber(hash, 1); // round
        hash.AppendData(sharedSecret);
        AppendCounted(hash, Encoding.ASCII.GetBytes(algorithm));
        AppendCounted(hash, partyU);
        AppendCounted(hash, partyV);
        AppendNumber(hash, keyBytes * 8); // SuppPubInfo: key length in bits
        return hash.GetHashAndReset()[..keyBytes];
    }

    private static void AppendCounted(IncrementalHash hash, ReadOnlySpan<byte> data)
    {
        AppendNumber(hash, data.Length);
        hash.AppendData(data);
    }

    private static void AppendNumber(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
