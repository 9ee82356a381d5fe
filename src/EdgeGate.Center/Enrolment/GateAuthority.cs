using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeGate.Center.Enrolment;

/// <summary>Vouches for gates at the broker: certificates whose common name is the gate's user there, and the list of those that are called back.</summary>
internal sealed class GateAuthority(X509Certificate2 authority, TimeProvider time) : IDisposable
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");
    private readonly DateTimeOffset _until = new(authority.NotAfter.ToUniversalTime(), TimeSpan.Zero);

    /// <exception cref="CryptographicException">Not a certificate with its private key, or not that of an authority.</exception>
    public static GateAuthority Read(string certificateFile, string keyFile, TimeProvider time)
    {
        var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        return certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority)
            ? new GateAuthority(certificate, time)
            : throw new CryptographicException("it may not vouch for others (basicConstraints CA:TRUE is missing)");
    }

    /// <returns>Certificate and private key in PEM form, and the serial number in hexadecimal.</returns>
    public (string CertificatePem, string KeyPem, string Serial) Issue(string user, int days)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={user}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ClientAuthentication], critical: false));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F; // a positive number (RFC 5280 section 4.1.2.2)
        var now = time.GetUtcNow();
        using var certificate = request.Create(authority, now.AddHours(-1), now.AddDays(days) < _until ? now.AddDays(days) : _until, serial);
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n", Convert.ToHexStringLower(serial));
    }

    /// <summary>The certificates that the broker must refuse (RFC 5280 section 5), in PEM form.</summary>
    /// <param name="revoked">Serial numbers in hexadecimal, and since when.</param>
    public string RevocationList(IEnumerable<(string Serial, DateTimeOffset Since)> revoked)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var (serial, since) in revoked)
            list.AddEntry(AsInteger(serial), since);
        var now = time.GetUtcNow();
        // Valid as long as the authority: a broker refuses every gate when its list is out of date, and a new one is made at each change.
        var bytes = list.Build(authority, now.ToUnixTimeMilliseconds(), _until, HashAlgorithmName.SHA256, thisUpdate: now.AddHours(-1));
        return PemEncoding.WriteString("X509 CRL", bytes) + "\n";
    }

    /// <summary>A serial number is drawn as 16 bytes, of which one in 256 begins with a zero that a DER integer must not have (X.690 section 8.3.2).</summary>
    private static byte[] AsInteger(string serial) => new BigInteger(Convert.FromHexString(serial), isUnsigned: true, isBigEndian: true).ToByteArray(isBigEndian: true);

    public void Dispose() => authority.Dispose();
}
