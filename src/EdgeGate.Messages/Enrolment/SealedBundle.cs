using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EdgeGate.Messages.Enrolment;

/// <summary>
/// A bundle as it lies on a USB stick: AES-256-GCM under a key derived from a passphrase by PBKDF2-HMAC-SHA-512 (RFC 8018). Nothing in it tells even
/// which gate it is for. The passphrase is made, never chosen, and goes another way than the file.
/// </summary>
/// <param name="Type">Always <see cref="TypeName"/>.</param>
/// <param name="Iterations">Of PBKDF2.</param>
/// <param name="Salt">16 bytes, base64, as are the other three.</param>
/// <param name="Nonce">12 bytes.</param>
/// <param name="Ciphertext">The bundle as JSON.</param>
/// <param name="Tag">16 bytes.</param>
public sealed record SealedBundle(string Type, int Iterations, string Salt, string Nonce, string Ciphertext, string Tag)
{
    public const string TypeName = "edgegate-bundle-1";
    private const int PassphraseGroups = 5, LettersInGroup = 5, DefaultIterations = 300_000, MostIterations = 5_000_000;

    /// <summary>Without those that are mistaken for one another when they are read out: 30 letters, so 25 of them are worth 122 bits.</summary>
    private const string Letters = "abcdefghjkmnpqrstvwxyz23456789";

    /// <summary>For example <c>k7mzq-2fxab-…</c>: five groups of five.</summary>
    public static string NewPassphrase() =>
        string.Join('-', Enumerable.Range(0, PassphraseGroups).Select(_ => new string(RandomNumberGenerator.GetItems<char>(Letters, LettersInGroup))));

    /// <returns>The file's content: JSON.</returns>
    public static byte[] Seal(EnrolmentBundle bundle, string passphrase)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(16), nonce = RandomNumberGenerator.GetBytes(12), tag = new byte[16];
        var plaintext = JsonSerializer.SerializeToUtf8Bytes(bundle, EnrolmentShapes.Default.EnrolmentBundle);
        var ciphertext = new byte[plaintext.Length];
        using (var cipher = new AesGcm(KeyOf(passphrase, salt, DefaultIterations), tag.Length))
            cipher.Encrypt(nonce, plaintext, ciphertext, tag, Bound(DefaultIterations));
        CryptographicOperations.ZeroMemory(plaintext);
        return JsonSerializer.SerializeToUtf8Bytes(
            new SealedBundle(TypeName, DefaultIterations, Convert.ToBase64String(salt), Convert.ToBase64String(nonce), Convert.ToBase64String(ciphertext), Convert.ToBase64String(tag)),
            EnrolmentShapes.Default.SealedBundle);
    }

    /// <exception cref="InvalidDataException">No bundle, of a later form, altered, or another passphrase: the message says which, as far as that can be known.</exception>
    public static EnrolmentBundle Open(ReadOnlySpan<byte> file, string passphrase)
    {
        try
        {
            if (JsonSerializer.Deserialize(file, EnrolmentShapes.Default.SealedBundle) is not { Type: TypeName, Iterations: > 0 and <= MostIterations } bundle)
                throw new InvalidDataException("it is no bundle of a form that this program knows");
            var ciphertext = Convert.FromBase64String(bundle.Ciphertext);
            var plaintext = new byte[ciphertext.Length];
            using var cipher = new AesGcm(KeyOf(passphrase, Convert.FromBase64String(bundle.Salt), bundle.Iterations), tagSizeInBytes: 16);
            cipher.Decrypt(Convert.FromBase64String(bundle.Nonce), ciphertext, Convert.FromBase64String(bundle.Tag), plaintext, Bound(bundle.Iterations));
            return JsonSerializer.Deserialize(plaintext, EnrolmentShapes.Default.EnrolmentBundle)!;
        }
        catch (AuthenticationTagMismatchException wrong)
        {
            throw new InvalidDataException("the passphrase is not that of this bundle, or the file was altered", wrong);
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or ArgumentException or CryptographicException)
        {
            throw new InvalidDataException("it is no bundle, or it is damaged", malformed);
        }
    }

    /// <summary>However it was typed: capitals, blanks and missing hyphens do not count.</summary>
    private static byte[] KeyOf(string passphrase, byte[] salt, int iterations)
    {
        var typed = string.Concat(passphrase.ToLowerInvariant().Where(letter => !char.IsWhiteSpace(letter) && letter != '-'));
        return Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(typed), salt, iterations, HashAlgorithmName.SHA512, 32);
    }

    private static byte[] Bound(int iterations) => Encoding.ASCII.GetBytes($"{TypeName} {iterations}");
}
