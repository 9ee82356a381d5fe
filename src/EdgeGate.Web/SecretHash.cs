using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGate.Web;

/// <summary>
/// PBKDF2 with HMAC-SHA-512, as <c>pbkdf2-sha512$rounds$salt$key</c>. The framework has no memory-hard function; the rounds are those
/// that OWASP's password storage notes give for this one. A PIN of six digits is not kept safe by any hash once the file is stolen:
/// the file is readable by the program alone, and guessing at the page is what <see cref="LockOut"/> stops.
/// </summary>
public static class SecretHash
{
    public const int Rounds = 210_000;
    private const string Scheme = "pbkdf2-sha512";
    private const int SaltLength = 16, KeyLength = 32;

    /// <summary>For whom there is none: an answer about an unknown account takes as long as any other.</summary>
    public static string OfNobody { get; } = Write(Rounds, new byte[SaltLength], new byte[KeyLength]);

    public static string Of(string secret)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return Write(Rounds, salt, Derive(secret, salt, Rounds));
    }

    /// <summary>False also for a hash that is none. Takes a tenth of a second or more on purpose.</summary>
    public static bool Fits(string secret, string hash)
    {
        if (hash.Split('$') is not [Scheme, var written, var salt, var key] || !int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) || rounds < 1)
            return false;
        try
        {
            return CryptographicOperations.FixedTimeEquals(Derive(secret, Convert.FromBase64String(salt), rounds), Convert.FromBase64String(key));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static byte[] Derive(string secret, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(secret), salt, rounds, HashAlgorithmName.SHA512, KeyLength);

    private static string Write(int rounds, byte[] salt, byte[] key) => $"{Scheme}${rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(key)}";
}
