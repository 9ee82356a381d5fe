using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace EdgeGate.Messages.Enrolment;

/// <summary>
/// Lets the center believe one signing key of a gate, once, without anybody carrying it there: the gate makes its key itself, and shows it on its
/// state topic with a proof that only who opened the bundle can make. The center keeps the ticket's public half, which makes no proof.
/// </summary>
/// <param name="Id">Names the ticket at the center.</param>
/// <param name="PrivateKey">P-256, PKCS #8, base64url.</param>
public sealed record EnrolmentTicket(string Id, string PrivateKey)
{
    /// <summary>SubjectPublicKeyInfo, base64url.</summary>
    [JsonIgnore]
    public string PublicKey
    {
        get
        {
            using var key = Key();
            return Base64Url.EncodeToString(key.ExportSubjectPublicKeyInfo());
        }
    }

    public static EnrolmentTicket New()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new EnrolmentTicket(Guid.NewGuid().ToString("N"), Base64Url.EncodeToString(key.ExportPkcs8PrivateKey()));
    }

    /// <param name="kid">Of the gate's signing key.</param>
    /// <exception cref="FormatException">The ticket's key is not base64url.</exception>
    /// <exception cref="CryptographicException">It is no key.</exception>
    public EnrolmentProof Prove(string site, string gate, string kid)
    {
        using var key = Key();
        return new EnrolmentProof(Id, Base64Url.EncodeToString(key.SignData(EnrolmentProof.Claim(site, gate, Id, kid), HashAlgorithmName.SHA256)));
    }

    private ECDsa Key()
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(Base64Url.DecodeFromChars(PrivateKey), out _);
        return key;
    }
}

/// <param name="Id">Of the ticket.</param>
/// <param name="Signature">ES256 over gate, ticket and key, by the ticket's key; base64url. Worth nothing for another key.</param>
public sealed record EnrolmentProof(string Id, string Signature)
{
    /// <param name="publicKey">The ticket's (<see cref="EnrolmentTicket.PublicKey"/>).</param>
    public bool IsBy(string publicKey, string site, string gate, string kid)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(Base64Url.DecodeFromChars(publicKey), out _);
            return key.VerifyData(Claim(site, gate, Id, kid), Base64Url.DecodeFromChars(Signature), HashAlgorithmName.SHA256);
        }
        catch (Exception none) when (none is FormatException or CryptographicException)
        {
            return false;
        }
    }

    internal static byte[] Claim(string site, string gate, string ticket, string kid) => Encoding.UTF8.GetBytes($"edgegate-enrolment\n{site}/{gate}\n{ticket}\n{kid}");
}
