using System.Security.Cryptography;
using EdgeGate.Messages.Privacy;
using EdgeGate.Service.Settings;

namespace EdgeGate.Service.Keys;

/// <summary>The secrets a gate needs to close personal data. What the settings do not name is made once, in the data directory.</summary>
/// <param name="SiteSecret">32 bytes; keys persons (HMAC). The same at all gates of a site, or their records cannot be joined.</param>
/// <param name="RecipientPem">Public key that evidence is sealed to.</param>
/// <param name="SigningPem">The gate's own private key, which signs its tally; it never leaves the box.</param>
/// <param name="Notes">What an installer should know about them.</param>
internal sealed record GateKeys(byte[] SiteSecret, string RecipientPem, string SigningPem, IReadOnlyList<string> Notes)
{
    private const int SecretLength = 32;

    /// <exception cref="GateKeyException">A key file is missing, unreadable or of the wrong kind.</exception>
    public static GateKeys LoadOrMake(PrivacySettings settings, string dataDirectory)
    {
        var directory = Path.Combine(dataDirectory, "keys");
        var notes = new List<string>();
        return new GateKeys(
            SiteSecretFrom(settings.SiteKeyFile, directory, notes),
            RecipientFrom(settings.CenterPublicKeyFile, directory, notes),
            SigningKeyIn(directory, notes),
            notes);
    }

    private static byte[] SiteSecretFrom(string? file, string directory, List<string> notes)
    {
        if (file is not null)
            return Secret(file);
        var own = Path.Combine(directory, "site.key");
        if (!File.Exists(own))
        {
            Write(own, Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretLength)) + "\n");
            notes.Add($"made a site key of this gate's own, {own}; gates whose records are to be joined need the same one (privacy.siteKeyFile)");
        }
        return Secret(own);
    }

    private static byte[] Secret(string file)
    {
        try
        {
            var secret = Convert.FromBase64String(Read(file).Trim());
            return secret.Length == SecretLength ? secret : throw new FormatException($"it holds {secret.Length} bytes");
        }
        catch (FormatException wrong)
        {
            throw new GateKeyException($"{file} is no site key: {wrong.Message}; wanted are {SecretLength} random bytes in base64 (openssl rand -base64 {SecretLength})", wrong);
        }
    }

    private static string RecipientFrom(string? file, string directory, List<string> notes)
    {
        if (file is not null)
            return PublicKey(file);
        var own = Path.Combine(directory, "site-public.pem");
        var secret = Path.Combine(directory, "site-private.pem");
        if (!File.Exists(own))
        {
            using var pair = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            Write(secret, pair.ExportPkcs8PrivateKeyPem() + "\n");
            Write(own, pair.ExportSubjectPublicKeyInfoPem() + "\n");
            notes.Add("no center key in the settings (privacy.centerPublicKeyFile): made a key pair of the site's own");
        }
        if (File.Exists(secret))
            notes.Add($"the private key {secret} opens all sealed evidence and lies on this box: move it to a safe place, the gate does not need it");
        return PublicKey(own);
    }

    /// <summary>Signs nothing but what the gate says of itself, so a damaged one is replaced: it must not keep the gate from starting.</summary>
    private static string SigningKeyIn(string directory, List<string> notes)
    {
        var own = Path.Combine(directory, "gate-signing.pem");
        if (File.Exists(own))
        {
            var pem = Read(own);
            try
            {
                new GateSignature(pem).Dispose();
                return pem;
            }
            catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
            {
                notes.Add($"{own} was no signing key ({wrong.Message}) and has been made anew: the center must be told the new one, which stands on the state topic");
            }
        }
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var fresh = pair.ExportPkcs8PrivateKeyPem() + "\n";
        Write(own, fresh);
        return fresh;
    }

    private static string PublicKey(string file)
    {
        var pem = Read(file);
        if (pem.Contains("PRIVATE KEY", StringComparison.Ordinal))
            throw new GateKeyException($"{file} holds a private key: give the gate the public one only (openssl pkey -in private.pem -pubout)");
        try
        {
            new EvidenceSeal(pem).Dispose();
            return pem;
        }
        catch (CryptographicException wrong)
        {
            throw new GateKeyException($"{file} is no public key to seal to: {wrong.Message}; wanted is curve P-256 in PEM form", wrong);
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
            throw new GateKeyException($"cannot read the key file {file}: {unreadable.Message}", unreadable);
        }
    }

    private static void Write(string file, string content)
    {
        try
        {
            DurableFile.Write(file, System.Text.Encoding.ASCII.GetBytes(content));
        }
        catch (IOException unwritable)
        {
            throw new GateKeyException($"cannot write the key file {file}: {unwritable.Message}", unwritable);
        }
    }
}

internal sealed class GateKeyException(string message, Exception? inner = null) : Exception(message, inner);
