using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeGate.HealthCodes.Trust;

/// <summary>A trust list ready for use. Never changes; <see cref="TrustStore"/> swaps it as a whole.</summary>
public sealed class TrustList
{
    /// <summary>How many keys of one identifier are tried: more would let a list be built that makes each code slow.</summary>
    internal const int MaxKeysOfOneIdentifier = 8;

    private readonly Dictionary<KeyIdentifier, List<TrustedSigner>> _signers = [];
    private readonly Dictionary<string, List<TrustedCardKey>> _cardKeys = [];
    private readonly HashSet<UInt128> _denied = [];
    private readonly List<string> _notes = [];

    private TrustList(TrustListDocument document) => Document = document;

    public TrustListDocument Document { get; }

    public long Version => Document.Version;

    /// <summary>Entries that cannot be used, each in words. They do not make the list worthless.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>How many HC1 keys and card keys can be used.</summary>
    public int UsableKeys => _signers.Values.Sum(keys => keys.Count) + _cardKeys.Values.Sum(keys => keys.Count);

    public static TrustList From(TrustListDocument document)
    {
        var list = new TrustList(document);
        foreach (var entry in document.Signers)
            list.Add(entry);
        foreach (var issuer in document.CardIssuers)
            list.Add(issuer);
        foreach (var hash in document.Denied)
            list.Deny(hash);
        return list;
    }

    /// <summary>Every listed key of this identifier, at most eight.</summary>
    internal IReadOnlyList<TrustedSigner> SignersOf(KeyIdentifier kid) => _signers.GetValueOrDefault(kid) ?? (IReadOnlyList<TrustedSigner>)[];

    /// <summary>The key of this thumbprint, once for each issuer that has it.</summary>
    internal IReadOnlyList<TrustedCardKey> CardKeysOf(string thumbprint) => _cardKeys.GetValueOrDefault(thumbprint) ?? (IReadOnlyList<TrustedCardKey>)[];

    /// <summary>Spares the hashing of what could be denied.</summary>
    internal bool DeniesAny => _denied.Count > 0;

    internal bool IsDenied(ReadOnlySpan<byte> sha256) => _denied.Contains(BinaryPrimitives.ReadUInt128BigEndian(sha256));

    internal TrustListAge AgeAt(DateTimeOffset now, TimeSpan grace)
    {
        // A list from the future means a clock in the past: a Pi without a battery starts in 1970.
        if (now < Document.IssuedAt - TimeSpan.FromDays(1))
            return TrustListAge.NotYetMade;
        if (now <= Document.ExpiresAt)
            return TrustListAge.Current;
        return now <= Document.ExpiresAt + grace ? TrustListAge.Grace : TrustListAge.TooOld;
    }

    private void Add(SignerEntry entry)
    {
        var name = $"{DisplayText.Of(entry.Country)} {DisplayText.Of(entry.Kid)} ({DisplayText.Of(entry.Source)})";
        if (!KeyIdentifier.TryParse(entry.Kid, out var kid))
        {
            _notes.Add(name + ": the key identifier is not 8 bytes");
            return;
        }
        if (TrustedSigner.From(kid, entry, out var fault) is not { } signer)
        {
            _notes.Add(name + ": " + fault);
            return;
        }
        var keys = _signers.TryGetValue(kid, out var known) ? known : _signers[kid] = [];
        if (keys.Count == MaxKeysOfOneIdentifier)
            _notes.Add($"{name}: there are {MaxKeysOfOneIdentifier} keys of this identifier already");
        else
            keys.Add(signer);
    }

    private void Add(CardIssuerEntry issuer)
    {
        if (!issuer.Issuer.StartsWith("https://", StringComparison.Ordinal) || issuer.Issuer.EndsWith('/'))
        {
            _notes.Add($"{DisplayText.Of(issuer.Issuer)}: an issuer begins with https:// and has no slash at the end");
            return;
        }
        foreach (var jwk in issuer.Keys)
        {
            if (jwk.KeyType != "EC" || VerificationKey.From(jwk, out var fault) is not { } key)
                _notes.Add($"{DisplayText.Of(issuer.Issuer)} {DisplayText.Of(jwk.KeyId)}: no P-256 key");
            else if (jwk.KeyId != jwk.Thumbprint())
                _notes.Add($"{DisplayText.Of(issuer.Issuer)} {DisplayText.Of(jwk.KeyId)}: the key's thumbprint is another");
            else
            {
                var keys = _cardKeys.TryGetValue(jwk.KeyId, out var known) ? known : _cardKeys[jwk.KeyId] = [];
                var revoked = issuer.Revoked.Where(revocation => revocation.Kid == jwk.KeyId).SelectMany(revocation => revocation.Rids);
                keys.Add(new TrustedCardKey(issuer.Issuer, key, new CardRevocations(revoked)));
            }
        }
    }

    private void Deny(string hash)
    {
        if (hash.Length is >= 32 and <= 64 && hash.Length % 2 == 0 && hash.All(char.IsAsciiHexDigit))
            _denied.Add(BinaryPrimitives.ReadUInt128BigEndian(Convert.FromHexString(hash)));
        else
            _notes.Add($"denied {DisplayText.Of(hash)}: not 16 to 32 bytes in hex");
    }
}

/// <summary>How old a list is against its own expiry.</summary>
public enum TrustListAge
{
    Current,

    /// <summary>Expired, within the grace time: used, and said so.</summary>
    Grace,
    TooOld,

    /// <summary>Made later than now: the clock is wrong.</summary>
    NotYetMade,
}

/// <summary>A signer's key, when it holds and for what.</summary>
/// <param name="NotBefore">Of the certificate; null for a bare key.</param>
/// <param name="NotAfter">Of the certificate; null for a bare key.</param>
internal sealed record TrustedSigner(VerificationKey Key, string? Country, CertificateKinds Kinds, DateTimeOffset? NotBefore, DateTimeOffset? NotAfter)
{
    /// <returns>Null, and why in words, when the key cannot be used.</returns>
    public static TrustedSigner? From(KeyIdentifier kid, SignerEntry entry, out string fault)
    {
        if (entry.Certificate is null)
        {
            fault = "neither certificate nor key";
            return entry.Key is { } jwk && VerificationKey.From(jwk, out fault) is { } bare ? new TrustedSigner(bare, entry.Country, entry.Kinds, null, null) : null;
        }
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(entry.Certificate));
            fault = "the key identifier is not that of the certificate";
            if (KeyIdentifier.OfCertificate(certificate.RawDataMemory.Span) != kid || VerificationKey.From(certificate, out fault) is not { } key)
                return null;
            return new TrustedSigner(key, entry.Country, entry.Kinds, new DateTimeOffset(certificate.NotBefore), new DateTimeOffset(certificate.NotAfter));
        }
        catch (Exception broken) when (broken is FormatException or CryptographicException)
        {
            fault = "no certificate: " + broken.Message;
            return null;
        }
    }
}

/// <summary>A key of an issuer of SMART Health Cards. Key and issuer belong together: a genuine key under another name is an attack.</summary>
internal sealed record TrustedCardKey(string Issuer, VerificationKey Key, CardRevocations Revocations);

/// <summary>Revocation list of one key (SMART Health Cards, "Revocation").</summary>
internal sealed class CardRevocations
{
    private readonly HashSet<string> _always = [];
    private readonly Dictionary<string, double> _before = [];

    public CardRevocations(IEnumerable<string> rids)
    {
        foreach (var rid in rids)
        {
            // The rid itself is base64url: a dot can only begin a time.
            if (rid.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && double.TryParse(rid.AsSpan(dot + 1), out var seconds))
                _before[rid[..dot]] = Math.Max(seconds, _before.GetValueOrDefault(rid[..dot]));
            else
                _always.Add(rid);
        }
    }

    /// <param name="rid">Of the card.</param>
    /// <param name="validFrom">Its <c>nbf</c>, seconds since 1970.</param>
    public bool Revokes(string rid, double validFrom) => _always.Contains(rid) || (_before.TryGetValue(rid, out var limit) && validFrom < limit);
}
