using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.HealthCodes.Trust;

/// <summary>
/// A public key and the one algorithm it verifies: P-256 with ES256, RSA of 2048 to 4096 bits with PS256. The header of a code never
/// chooses. Safe to use from several lanes: the framework's key objects are not, so each is used under a lock.
/// </summary>
internal abstract class VerificationKey
{
    public const long CoseEs256 = -7;
    public const long CosePs256 = -37;

    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 4096;
    private static readonly string P256 = ECCurve.NamedCurves.nistP256.Oid.Value!;

    /// <summary>COSE algorithm number (RFC 9053, 2.1; RFC 8230, 2).</summary>
    public abstract long CoseAlgorithm { get; }

    /// <summary>For example <c>P-256</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The key as DER (SubjectPublicKeyInfo): equal keys have equal bytes.</summary>
    public required byte[] SubjectPublicKeyInfo { get; init; }

    public abstract bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

    /// <returns>Null, and why in words, for a key of another kind or size, or for a broken one.</returns>
    public static VerificationKey? From(X509Certificate2 certificate, out string fault)
    {
        try
        {
            if (certificate.GetECDsaPublicKey() is { } ecdsa)
                return From(ecdsa, out fault);
            if (certificate.GetRSAPublicKey() is { } rsa)
                return From(rsa, out fault);
            fault = "its key is neither EC nor RSA";
        }
        catch (CryptographicException unusable)
        {
            fault = "its key cannot be used: " + unusable.Message;
        }
        return null;
    }

    public static VerificationKey? From(JsonWebKey jwk, out string fault)
    {
        try
        {
            if (jwk.ToEcParameters() is { } point)
                return From(ECDsa.Create(point), out fault);
            if (jwk.ToRsaParameters() is { } rsa)
                return From(RSA.Create(rsa), out fault);
            fault = $"a key of kind {DisplayText.Of(jwk.KeyType)} {DisplayText.Of(jwk.Curve)} is not accepted, or its members are not as they must be";
        }
        catch (CryptographicException unusable)
        {
            fault = "the key cannot be used: " + unusable.Message; // for example a point that is not on the curve
        }
        return null;
    }

    public static VerificationKey? From(ECDsa key, out string fault)
    {
        var curve = key.ExportParameters(includePrivateParameters: false).Curve;
        fault = curve.IsNamed && (curve.Oid.Value ?? Oid.FromFriendlyName(curve.Oid.FriendlyName!, OidGroup.PublicKeyAlgorithm).Value) == P256
            ? ""
            : $"an EC key of {key.KeySize} bits is not accepted, only P-256 is";
        if (fault.Length == 0)
            return new Es256Key(key) { SubjectPublicKeyInfo = key.ExportSubjectPublicKeyInfo() };
        key.Dispose();
        return null;
    }

    public static VerificationKey? From(RSA key, out string fault)
    {
        fault = key.KeySize is >= MinRsaBits and <= MaxRsaBits ? "" : $"an RSA key of {key.KeySize} bits is not accepted, only {MinRsaBits} to {MaxRsaBits} are";
        if (fault.Length == 0)
            return new Ps256Key(key) { SubjectPublicKeyInfo = key.ExportSubjectPublicKeyInfo() };
        key.Dispose();
        return null;
    }

    private sealed class Es256Key(ECDsa key) : VerificationKey
    {
        private const int SignatureLength = 64;
        private readonly Lock _lock = new();

        public override long CoseAlgorithm => CoseEs256;

        public override string Kind => "P-256";

        public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
        {
            if (signature.Length != SignatureLength) // r and s; the DER form is refused
                return false;
            lock (_lock)
                return key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    private sealed class Ps256Key(RSA key) : VerificationKey
    {
        private readonly Lock _lock = new();

        public override long CoseAlgorithm => CosePs256;

        public override string Kind => $"RSA-{key.KeySize}";

        public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
        {
            if (signature.Length != (key.KeySize + 7) / 8)
                return false;
            lock (_lock)
                return key.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        }
    }
}
