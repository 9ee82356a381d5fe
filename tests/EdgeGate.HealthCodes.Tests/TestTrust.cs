using System.Security.Cryptography;
using EdgeGate.HealthCodes.Jose;
using EdgeGate.HealthCodes.Trust;

namespace EdgeGate.HealthCodes.Tests;

/// <summary>An operator with a key of its own.</summary>
internal static class TestTrust
{
    public static readonly ECDsa OperatorKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static TrustStore Store(IReadOnlyList<SignerEntry> signers, DateTimeOffset issuedAt, DateTimeOffset expiresAt, IReadOnlyList<CardIssuerEntry>? cardIssuers = null, IReadOnlyList<string>? denied = null)
    {
        var store = new TrustStore([JsonWebKey.From(OperatorKey)]);
        Load(store, new TrustListDocument { Version = 1, IssuedAt = issuedAt, ExpiresAt = expiresAt, Signers = signers, CardIssuers = cardIssuers ?? [], Denied = denied ?? [] });
        return store;
    }

    public static TrustLoad Load(TrustStore store, TrustListDocument document)
    {
        string signed;
        lock (OperatorKey) signed = TrustListSignature.Sign(document, OperatorKey);
        return store.Load(signed);
    }
}
