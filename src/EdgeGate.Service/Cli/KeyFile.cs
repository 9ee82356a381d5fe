using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.Service.Cli;

/// <summary>Keys in files, as the trust and code commands take them.</summary>
internal static class KeyFile
{
    /// <summary>A P-256 key in PEM form.</summary>
    /// <exception cref="KeyFileException">There is no such key in the file.</exception>
    public static ECDsa Private(string file)
    {
        var key = Any(file);
        try
        {
            key.ExportParameters(includePrivateParameters: true);
            return key;
        }
        catch (CryptographicException)
        {
            key.Dispose();
            throw new KeyFileException($"{file} holds no private key: signing needs one (openssl ecparam -name prime256v1 -genkey -noout -out operator.pem)");
        }
    }

    /// <summary>The public half of a key in PEM form, public, private or in a certificate, or a public key as JSON (JWK).</summary>
    /// <exception cref="KeyFileException">There is no such key in the file.</exception>
    public static JsonWebKey Public(string file)
    {
        var text = Read(file);
        if (!text.TrimStart().StartsWith('{'))
        {
            using var key = Any(file);
            return JsonWebKey.From(key);
        }
        try
        {
            return JsonWebKey.Parse(text);
        }
        catch (JsonException wrong)
        {
            throw new KeyFileException($"{file} is no key in JSON: {wrong.Message}");
        }
    }

    /// <exception cref="KeyFileException">There is no P-256 key in the file.</exception>
    public static ECDsa Any(string file)
    {
        var text = Read(file);
        try
        {
            ECDsa? key;
            if (text.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal))
            {
                using var certificate = X509Certificate2.CreateFromPem(text);
                key = certificate.GetECDsaPublicKey() ?? throw new CryptographicException("its key is no EC key");
            }
            else
            {
                key = ECDsa.Create();
                key.ImportFromPem(text);
            }
            return key.KeySize == 256 ? key : throw new CryptographicException("it is of another curve");
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            throw new KeyFileException($"{file} is no key of curve P-256 in PEM form: {wrong.Message}");
        }
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException($"cannot read the key file {file}: {unreadable.Message}");
        }
    }
}

internal sealed class KeyFileException(string message) : Exception(message);
