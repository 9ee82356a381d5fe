using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EdgeGate.Messages.Privacy;

/// <summary>
/// Closes personal data to one public key (P-256): JWE compact form, ECDH-ES direct, A256GCM (RFC 7516, RFC 7518 sections 4.6 and
/// 5.3). The gate can seal and never open again. One key agreement serves an epoch of records (a new ephemeral key
/// after <see cref="RecordsPerEpoch"/>): the agreement costs a hundred times what AES does, and the person at
/// the portal waits for it. Each record still has a nonce of its own.
/// </summary>
/// <remarks>Not thread-safe: one per lane.</remarks>
public sealed class EvidenceSeal : IDisposable
{
    public const int RecordsPerEpoch = 1000;
    private const string ContentEncryption = "A256GCM";

    private readonly ECDiffieHellman _recipient;
    private readonly string _keyId;
    private AesGcm? _content;
    private string _header = "";
    private int _sealedInEpoch;

    /// <param name="recipientPem">The recipient's public key, PEM SubjectPublicKeyInfo, curve P-256.</param>
    /// <exception cref="CryptographicException">Not a P-256 public key.</exception>
    public EvidenceSeal(string recipientPem)
    {
        _recipient = ECDiffieHellman.Create();
        try
        {
            _recipient.ImportFromPem(recipientPem);
        }
        catch (ArgumentException notPem)
        {
            throw new CryptographicException("not a public key in PEM form", notPem);
        }
        _keyId = P256Key.Of(_recipient).Kid;
    }

    public string Seal(ReadOnlySpan<byte> plaintext)
    {
        if (_content is null || _sealedInEpoch == RecordsPerEpoch)
            BeginEpoch();
        _sealedInEpoch++;
        Span<byte> nonce = stackalloc byte[12];
        RandomNumberGenerator.Fill(nonce);
        Span<byte> tag = stackalloc byte[16];
        var ciphertext = new byte[plaintext.Length];
        _content!.Encrypt(nonce, plaintext, ciphertext, tag, Encoding.ASCII.GetBytes(_header));
        // The second part, the encrypted key, is empty in direct agreement.
        return $"{_header}..{Base64Url.EncodeToString(nonce)}.{Base64Url.EncodeToString(ciphertext)}.{Base64Url.EncodeToString(tag)}";
    }

    /// <exception cref="CryptographicException">Sealed to another key, altered, or not a JWE of this profile.</exception>
    public static byte[] Open(string jwe, ECDiffieHellman recipient)
    {
        try
        {
            var parts = jwe.Split('.');
            if (parts is not [var head, "", var nonce, var ciphertext, var tag])
                throw new CryptographicException("not a JWE in compact form with direct key agreement");
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(head));
            var root = header.RootElement;
            if (root.GetProperty("alg").GetString() != "ECDH-ES" || root.GetProperty("enc").GetString() != ContentEncryption)
                throw new CryptographicException("not ECDH-ES with " + ContentEncryption);
            var ephemeral = root.GetProperty("epk");
            using var sender = ECDiffieHellman.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = { X = Base64Url.DecodeFromChars(ephemeral.GetProperty("x").GetString()), Y = Base64Url.DecodeFromChars(ephemeral.GetProperty("y").GetString()) },
            });
            using var content = new AesGcm(AgreeOnKey(recipient, sender.PublicKey), tagSizeInBytes: 16);
            var sealedBytes = Base64Url.DecodeFromChars(ciphertext);
            var plaintext = new byte[sealedBytes.Length];
            content.Decrypt(
                Base64Url.DecodeFromChars(nonce), sealedBytes, Base64Url.DecodeFromChars(tag), plaintext, Encoding.ASCII.GetBytes(head));
            return plaintext;
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new CryptographicException("not a JWE of this profile", malformed);
        }
    }

    public void Dispose()
    {
        _content?.Dispose();
        _recipient.Dispose();
    }

    private void BeginEpoch()
    {
        // The ephemeral private key lives only in this method: what was sealed cannot be opened from the gate's memory later.
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var point = ephemeral.ExportParameters(includePrivateParameters: false).Q;
        var header = $$$"""{"alg":"ECDH-ES","enc":"{{{ContentEncryption}}}","kid":"{{{_keyId}}}","epk":{"kty":"EC","crv":"P-256","x":"{{{Base64Url.EncodeToString(point.X)}}}","y":"{{{Base64Url.EncodeToString(point.Y)}}}"}}""";
        _header = Base64Url.EncodeToString(Encoding.ASCII.GetBytes(header));
        _content?.Dispose();
        _content = new AesGcm(AgreeOnKey(ephemeral, _recipient.PublicKey), tagSizeInBytes: 16);
        _sealedInEpoch = 0;
    }

    private static byte[] AgreeOnKey(ECDiffieHellman own, ECDiffieHellmanPublicKey other) =>
        ConcatKdf.Derive(own.DeriveRawSecretAgreement(other), ContentEncryption, [], [], keyBytes: 32);
}
