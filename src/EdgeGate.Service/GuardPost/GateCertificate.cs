using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EdgeGate.Service.GuardPost;

/// <summary>
/// The gate's own certificate for https on the local network: made by the gate, signed by nobody else. Guards' phones are told once to
/// trust it, after comparing the fingerprint that <c>edgegate guard certificate</c> prints.
/// </summary>
internal static class GateCertificate
{
    /// <summary>Phones refuse server certificates that are good for more than 825 days.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromDays(820);

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>The one in the file; a new one when there is none, it cannot be read, or it is over.</summary>
    /// <param name="names">What the gate is called on its network; its own name and addresses need not be among them.</param>
    /// <exception cref="IOException">A new one could not be kept.</exception>
    public static X509Certificate2 LoadOrMake(string file, IReadOnlyList<string> names, DateTimeOffset now)
    {
        if (TryLoad(file) is { } kept)
        {
            if (kept.NotAfter.ToUniversalTime() > now.UtcDateTime)
                return kept;
            kept.Dispose();
        }
        return Make(file, names, now);
    }

    /// <summary>As <see cref="LoadOrMake"/>; on a disk that takes no files one that lasts until the gate stops: a start waits for nothing.</summary>
    public static X509Certificate2 LoadOrMakeAnyway(string file, IReadOnlyList<string> names, DateTimeOffset now)
    {
        try
        {
            return LoadOrMake(file, names, now);
        }
        catch (IOException)
        {
            var pem = NewPem(names, now);
            return X509Certificate2.CreateFromPem(pem, pem);
        }
    }

    /// <inheritdoc cref="LoadOrMake"/>
    public static X509Certificate2 Make(string file, IReadOnlyList<string> names, DateTimeOffset now)
    {
        var pem = NewPem(names, now);
        DurableFile.Write(file, Encoding.ASCII.GetBytes(pem));
        return X509Certificate2.CreateFromPem(pem, pem);
    }

    private static string NewPem(IReadOnlyList<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Environment.MachineName}, O=EdgeGate", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(AlternativeNames(names));
        using var made = request.CreateSelfSigned(now.AddDays(-1), now + GoodFor);
        return $"{made.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    /// <summary>As browsers show it: SHA-256, in pairs.</summary>
    public static string Fingerprint(X509Certificate2 certificate) =>
        string.Join(':', certificate.GetCertHash(HashAlgorithmName.SHA256).Select(value => value.ToString("X2")));

    private static X509Certificate2? TryLoad(string file)
    {
        try
        {
            return File.Exists(file) && File.ReadAllText(file) is var pem ? X509Certificate2.CreateFromPem(pem, pem) : null;
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static X509Extension AlternativeNames(IReadOnlyList<string> names)
    {
        var all = new SubjectAlternativeNameBuilder();
        foreach (var name in new[] { "localhost", Environment.MachineName, Environment.MachineName + ".local" }.Concat(names).Distinct(StringComparer.OrdinalIgnoreCase))
            all.AddDnsName(name);
        foreach (var address in OwnAddresses().Append(IPAddress.Loopback).Append(IPAddress.IPv6Loopback).Distinct())
            all.AddIpAddress(address);
        return all.Build();
    }

    private static IEnumerable<IPAddress> OwnAddresses() =>
        from network in NetworkInterface.GetAllNetworkInterfaces()
        where network.OperationalStatus is OperationalStatus.Up
        from address in network.GetIPProperties().UnicastAddresses
        where !address.Address.IsIPv6LinkLocal
        select address.Address;
}
