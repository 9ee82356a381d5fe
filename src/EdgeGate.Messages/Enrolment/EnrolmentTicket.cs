using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGate.Messages.Enrolment;

/// <summary>
/// Lets the center believe one signing key of a gate, once, without anybody carrying it there: the gate makes its key itself, and shows it on its
/// state topic with a proof that only who opened the bundle can make.
/// </summary>
/// <param name="Id">Names the ticket at the center.</param>
/// <param name="Secret">32 random bytes, base64url.</param>
public sealed record EnrolmentTicket(string Id, string Secret)
{
    public static EnrolmentTicket New() => new(Guid.NewGuid().ToString("N"), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    /// <param name="kid">Of the gate's signing key.</param>
    public EnrolmentProof Prove(string site, string gate, string kid) => new(Id, Base64Url.EncodeToString(Mac(site, gate, kid)));

    public bool IsProvedBy(EnrolmentProof proof, string site, string gate, string kid)
    {
        ArgumentNullException.ThrowIfNull(proof);
        try
        {
            return proof.Id == Id && CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(proof.Mac), Mac(site, gate, kid));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private byte[] Mac(string site, string gate, string kid) =>
        HMACSHA256.HashData(Base64Url.DecodeFromChars(Secret), Encoding.UTF8.GetBytes($"edgegate-enrolment\n{site}/{gate}\n{Id}\n{kid}"));
}

/// <param name="Id">Of the ticket.</param>
/// <param name="Mac">HMAC-SHA-256 over gate, ticket and key, by the ticket's secret; base64url. Worth nothing for another key.</param>
public sealed record EnrolmentProof(string Id, string Mac);
