using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeGate.HealthCodes.Trust.Import;

/// <summary>Certificates of document signers (DSC), one or several a file, DER or PEM.</summary>
public static class CertificateImport
{
    private const int MaxFile = 1024 * 1024;

    // The first digits with a stray 0 were misprinted in an early version of the specification and are in two thirds of all certificates.
    private static readonly string[] UsagePrefixes = ["1.3.6.1.4.1.1847.2021.1.", "1.3.6.1.4.1.0.1847.2021.1."];
    private static readonly string[] Extensions = [".der", ".cer", ".crt", ".pem"];

    /// <summary>A file, or every certificate file in a folder and below.</summary>
    /// <param name="country">Two letters; else each certificate's own country is taken.</param>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static TrustImport Read(string path, string? country, string source, DateTimeOffset fetchedAt)
    {
        var files = Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(file => Extensions.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal)
            : (IEnumerable<string>)[path];
        var import = new TrustImport();
        foreach (var file in files)
        {
            if (new FileInfo(file).Length > MaxFile)
                import.Notes.Add($"{Path.GetFileName(file)}: too long for a certificate");
            else
                import.AddCertificates(Path.GetFileName(file), Certificates(File.ReadAllBytes(file)), country, source, fetchedAt);
        }
        return import;
    }

    /// <summary>One certificate as an entry of the trust list.</summary>
    /// <returns>Null, and why in words, when it is no certificate.</returns>
    public static SignerEntry? Entry(byte[] der, string? country, string source, DateTimeOffset fetchedAt, out string fault)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(der);
            fault = "";
            return new SignerEntry
            {
                Kid = KeyIdentifier.OfCertificate(certificate.RawDataMemory.Span).ToString(),
                Certificate = Convert.ToBase64String(certificate.RawData),
                Country = country ?? CountryOf(certificate),
                Kinds = KindsOf(certificate),
                Source = source,
                FetchedAt = fetchedAt,
            };
        }
        catch (CryptographicException broken)
        {
            fault = "no certificate: " + broken.Message;
            return null;
        }
    }

    /// <summary>What the extended key usage allows; certificates that name none of the health usages may sign all.</summary>
    internal static CertificateKinds KindsOf(X509Certificate2 certificate) => KindsOf(certificate.Extensions
        .OfType<X509EnhancedKeyUsageExtension>().SelectMany(extension => extension.EnhancedKeyUsages.Cast<Oid>()).Select(oid => oid.Value!));

    internal static CertificateKinds KindsOf(IEnumerable<string> usages)
    {
        var kinds = CertificateKinds.None;
        foreach (var usage in usages)
        {
            if (UsagePrefixes.FirstOrDefault(prefix => usage.StartsWith(prefix, StringComparison.Ordinal)) is { } known)
                kinds |= usage[known.Length..] switch { "1" => CertificateKinds.Test, "2" => CertificateKinds.Vaccination, "3" => CertificateKinds.Recovery, _ => CertificateKinds.None };
        }
        return kinds == CertificateKinds.None ? CertificateKinds.All : kinds;
    }

    private static List<byte[]> Certificates(byte[] file)
    {
        var text = System.Text.Encoding.ASCII.GetString(file);
        if (!text.Contains("-----BEGIN", StringComparison.Ordinal))
            return [file];
        var certificates = new List<byte[]>();
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
        {
            if (rest[fields.Label] is "CERTIFICATE")
                certificates.Add(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
        }
        return certificates;
    }

    private static string? CountryOf(X509Certificate2 certificate)
    {
        foreach (var name in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (!name.HasMultipleElements && name.GetSingleElementType().Value == "2.5.4.6")
                return name.GetSingleElementValue();
        }
        return null;
    }
}
