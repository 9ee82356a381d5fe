using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGate.Service.GuardPost.Guards;

/// <summary>
/// Tells a phone on which a guard has signed in before from all others, by a cookie that only this gate can make. Wrong PINs of strangers
/// lock an account for strangers only: else anybody on the estate's Wi-Fi could keep the guards out.
/// </summary>
/// <param name="siteSecret">The cookie's key is derived from it.</param>
internal sealed class KnownPhones(byte[] siteSecret)
{
    private const int NonceLength = 16;
    private readonly byte[] _key = HMACSHA256.HashData(siteSecret, "guard-post-phone"u8);

    /// <summary>A cookie for the phone on which this guard has just signed in. A reset of the guard makes it worthless.</summary>
    public string NewCookie(Guard guard)
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NonceLength));
        return $"{nonce}.{Base64Url.EncodeToString(Mac(guard, nonce))}";
    }

    /// <returns>The phone's own name; null when this guard never signed in on it.</returns>
    public string? NameOf(string? cookie, Guard guard)
    {
        if (cookie is not { Length: < 100 } || cookie.Split('.') is not [var nonce, var written] || !Base64Url.IsValid(written))
            return null;
        return CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(written), Mac(guard, nonce)) ? nonce : null;
    }

    private byte[] Mac(Guard guard, string nonce) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{guard.Id}.{guard.Issue:N}.{nonce}"));
}
