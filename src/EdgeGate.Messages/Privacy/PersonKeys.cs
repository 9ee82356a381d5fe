using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeGate.Access;

namespace EdgeGate.Messages.Privacy;

/// <summary>
/// Finds a person again without keeping the number: HMAC-SHA-256 with the site's secret, base64url. The same number
/// gives the same key at every gate of the site and tells nothing to whoever lacks the secret.
/// </summary>
/// <param name="siteSecret">32 random bytes, the same at all gates of the site.</param>
public sealed class PersonKeys(byte[] siteSecret)
{
    /// <summary>Null for a credential that nobody could read.</summary>
    public string? KeyOf(Credential credential) => credential switch
    {
        Credential.IdCard card => KeyOfIdNumber(card.Number),
        Credential.Code code => KeyOf("code", code.Text),
        Credential.Pass pass => KeyOf("code", pass.Id),
        Credential.Statement statement => statement.Person,
        _ => null,
    };

    /// <summary>However it is written: x or X, full-width digits.</summary>
    public string KeyOfIdNumber(string number) => KeyOf("id", CitizenNumber.TryParse(number, out var citizen) ? citizen.Value : number);

    /// <param name="kind">Keeps an ID number and a code of the same digits apart.</param>
    public string KeyOf(string kind, string value) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(siteSecret, Encoding.UTF8.GetBytes(kind + ':' + value)));
}
