using System.Security.Cryptography;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.HealthCodes.Passes;

/// <summary>A public key whose passes a gate takes.</summary>
public sealed class PassKey
{
    private PassKey(string thumbprint, VerificationKey key)
    {
        Thumbprint = thumbprint;
        Key = key;
    }

    /// <summary>RFC 7638, 43 characters: how a pass names its key.</summary>
    public string Thumbprint { get; }

    internal VerificationKey Key { get; }

    /// <param name="pem">SubjectPublicKeyInfo of a P-256 key.</param>
    /// <exception cref="ArgumentException">It is no PEM text.</exception>
    /// <exception cref="CryptographicException">It is another kind of key.</exception>
    public static PassKey FromPem(string pem)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return From(JsonWebKey.From(key));
    }

    /// <exception cref="CryptographicException">It is no P-256 key.</exception>
    public static PassKey From(JsonWebKey jwk) => jwk.KeyType == "EC" && VerificationKey.From(jwk, out _) is { } key
        ? new PassKey(jwk.Thumbprint(), key)
        : throw new CryptographicException("a pass key is a key of curve P-256");
}
