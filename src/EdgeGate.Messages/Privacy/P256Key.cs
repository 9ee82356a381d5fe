using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EdgeGate.Messages.Privacy;

/// <summary>A public key on curve P-256 as a JSON Web Key (RFC 7517, RFC 7518 section 6.2.1): coordinates in base64url.</summary>
public sealed record P256Key(string X, string Y)
{
    public string Kty { get; } = "EC";
    public string Crv { get; } = "P-256";

    /// <summary>The key's name: its SHA-256 thumbprint (RFC 7638 section 3).</summary>
    public string Kid =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{X}}","y":"{{Y}}"}""")));

    /// <exception cref="CryptographicException">Of another curve.</exception>
    public static P256Key Of(ECAlgorithm key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var curve = key.ExportParameters(includePrivateParameters: false);
        return curve.Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
            ? new P256Key(Base64Url.EncodeToString(curve.Q.X), Base64Url.EncodeToString(curve.Q.Y))
            : throw new CryptographicException("the key is not on curve P-256");
    }

    /// <summary>For checking signatures.</summary>
    /// <exception cref="CryptographicException">No point of the curve.</exception>
    public ECDsa ToVerifier()
    {
        try
        {
            var point = new ECPoint { X = Base64Url.DecodeFromChars(X), Y = Base64Url.DecodeFromChars(Y) };
            return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
        }
        catch (FormatException wrong)
        {
            throw new CryptographicException("the key's coordinates are not base64url", wrong);
        }
    }
}
