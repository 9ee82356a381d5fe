using System.Security.Cryptography;
using EdgeGate.Center.Settings;

namespace EdgeGate.Center.Fleet;

/// <summary>
/// The key that signs what people tell gates to do. It lies on the center's disk closed with a passphrase, which is typed with each command and
/// kept nowhere: who steals the disk, the database or a session opens no door with it. It is another key than the one by which the center
/// itself asks for records, so that gates can tell the two apart and either can be called back alone.
/// </summary>
internal static class OperatorKey
{
    /// <summary>As for passwords: guessing at a stolen file is slow.</summary>
    private static readonly PbeParameters Closing = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA512, SecretHash.Rounds);

    /// <returns>PKCS #8, encrypted (RFC 5958), PEM; and the public half for the gates.</returns>
    public static (string ClosedPem, string PublicPem) New(string passphrase)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (key.ExportEncryptedPkcs8PrivateKeyPem(passphrase, Closing) + "\n", key.ExportSubjectPublicKeyInfoPem() + "\n");
    }

    /// <summary>To be disposed of as soon as it has signed. Null when the passphrase is wrong.</summary>
    /// <exception cref="CenterSettingsException">The file cannot be read, or holds no closed key.</exception>
    public static ECDsa? Open(CommandKeySettings settings, string passphrase)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromEncryptedPem(Read(settings.PrivateKeyFile), passphrase);
            return key;
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            key.Dispose();
            return null;
        }
    }

    private static string Read(string file)
    {
        try
        {
            var pem = File.ReadAllText(file);
            return pem.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal)
                ? pem
                : throw new CenterSettingsException($"operatorKey.privateKeyFile: {file} is not closed with a passphrase (edgegate-center operator-key makes one that is)");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new CenterSettingsException($"operatorKey.privateKeyFile: {file} cannot be used: {unreadable.Message}");
        }
    }
}
