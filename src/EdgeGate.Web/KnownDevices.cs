using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGate.Web;

/// <summary>
/// Tells a phone on which somebody has signed in before from all others, by a cookie that only this program can make. Wrong tries of strangers
/// lock an account for strangers only: else anybody who reaches the page could keep its owner out.
/// </summary>
/// <param name="key">The cookies are worthless without it: nobody else has it.</param>
public sealed class KnownDevices(byte[] key)
{
    private const int NonceLength = 16;

    /// <param name="owner">Who has just signed in, and by which secret, so that a new secret makes the cookie worthless.</param>
    public string NewCookie(string owner)
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NonceLength));
        return $"{nonce}.{Base64Url.EncodeToString(Mac(owner, nonce))}";
    }

    /// <returns>The device's own name; null when this owner never signed in on it.</returns>
    public string? NameOf(string? cookie, string owner)
    {
        if (cookie is not { Length: < 100 } || cookie.Split('.') is not [var nonce, var written] || !Base64Url.IsValid(written))
            return null;
        return CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(written), Mac(owner, nonce)) ? nonce : null;
    }

    private byte[] Mac(string owner, string nonce) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{owner}.{nonce}"));
}
