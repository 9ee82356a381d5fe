using System.Security.Cryptography;
using EdgeGate.Messages.Privacy;
using EdgeGate.Messages.Records;

namespace EdgeGate.Service.Keys;

/// <summary>Signs what this gate says about itself. Not thread-safe.</summary>
internal sealed class GateSignature : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create();

    /// <exception cref="CryptographicException">Not a key on curve P-256.</exception>
    /// <exception cref="ArgumentException">Not a private key in PEM form.</exception>
    public GateSignature(string privatePem)
    {
        _key.ImportFromPem(privatePem);
        PublicKey = P256Key.Of(_key);
    }

    public P256Key PublicKey { get; }

    public byte[] Sign(ReadOnlySpan<byte> json) => SignedJson.Sign(json, _key);

    public void Dispose() => _key.Dispose();
}
