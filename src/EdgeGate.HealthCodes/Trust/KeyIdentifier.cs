using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace EdgeGate.HealthCodes.Trust;

/// <summary>
/// The 8-byte key identifier of an HC1 signer: the first bytes of SHA-256 over its certificate. It only finds a key and proves nothing;
/// two keys may share one.
/// </summary>
internal readonly record struct KeyIdentifier(ulong Value)
{
    public const int Length = 8;

    public static KeyIdentifier OfCertificate(ReadOnlySpan<byte> der) => From(SHA256.HashData(der).AsSpan(0, Length));

    /// <param name="bytes">Exactly 8.</param>
    public static KeyIdentifier From(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64BigEndian(bytes));

    /// <summary>Takes the forms found in trust lists: hex, base64, base64url with or without padding.</summary>
    public static bool TryParse(string? text, out KeyIdentifier kid)
    {
        kid = default;
        if (text is null || !TryDecode(text, out var bytes) || bytes.Length != Length)
            return false;
        kid = From(bytes);
        return true;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Value);
        return bytes;
    }

    public override string ToString() => Value.ToString("x16");

    private static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.Length == 2 * Length) // base64 of 8 bytes has 11 or 12 characters: no text means both
            return text.All(char.IsAsciiHexDigit) && (bytes = Convert.FromHexString(text)) is not null;
        var url = text.Replace('+', '-').Replace('/', '_');
        return Base64Url.IsValid(url) && (bytes = Base64Url.DecodeFromChars(url)) is not null;
    }
}
