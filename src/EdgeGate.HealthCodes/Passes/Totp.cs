using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGate.HealthCodes.Passes;

/// <summary>Time-based one-time codes (RFC 6238): six digits, new every 30 seconds.</summary>
internal static class Totp
{
    private const int Digits = 6;
    private const int Modulus = 1_000_000;
    private const long StepSeconds = 30;

    /// <summary>Steps that a phone's clock may be off, either way.</summary>
    private const int Window = 1;

    public static long StepOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>Code of a step (RFC 4226, 5.3).</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "wallets' rotating barcodes have HMAC-SHA-1, which collisions do not weaken")]
    public static string Code(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(secret, counter, hash);
        var truncated = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0x0F)..]) & int.MaxValue;
        return (truncated % Modulus).ToString("D6", CultureInfo.InvariantCulture);
    }

    public static bool Verify(ReadOnlySpan<byte> secret, ReadOnlySpan<char> code, DateTimeOffset now)
    {
        if (code.Length != Digits || code.ContainsAnyExceptInRange('0', '9'))
            return false;
        Span<byte> shown = stackalloc byte[Digits];
        Encoding.ASCII.GetBytes(code, shown);
        var holds = false;
        for (var off = -Window; off <= Window; off++)
            holds |= CryptographicOperations.FixedTimeEquals(shown, Encoding.ASCII.GetBytes(Code(secret, StepOf(now) + off)));
        return holds;
    }
}
