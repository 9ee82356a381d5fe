namespace EdgeGate.HealthCodes.Trust.Import;

/// <summary>What was found in a trust list of another form, as entries of EdgeGate's own.</summary>
public sealed class TrustImport
{
    private readonly List<SignerEntry> _signers = [];

    public IReadOnlyList<SignerEntry> Signers => _signers;

    public IReadOnlyList<CardIssuerEntry> CardIssuers { get; internal init; } = [];

    /// <summary>What was left out, and doubts, each in words.</summary>
    public IList<string> Notes { get; } = [];

    /// <summary>Takes the entry when its key can be used, else notes why not.</summary>
    internal void Add(SignerEntry entry)
    {
        var fault = "the key identifier is not 8 bytes";
        if (KeyIdentifier.TryParse(entry.Kid, out var kid) && TrustedSigner.From(kid, entry, out fault) is not null)
            _signers.Add(entry);
        else
            Notes.Add($"{DisplayText.Of(entry.Country)} {DisplayText.Of(entry.Kid)}: left out, {fault}");
    }

    internal void AddCertificates(string name, IReadOnlyList<byte[]> certificates, string? country, string source, DateTimeOffset fetchedAt)
    {
        if (certificates.Count == 0)
            Notes.Add(name + ": no certificate in it");
        foreach (var der in certificates)
        {
            if (CertificateImport.Entry(der, country, source, fetchedAt, out var fault) is { } entry)
                Add(entry);
            else
                Notes.Add($"{name}: {fault}");
        }
    }
}
