using System.Security.Cryptography;
using System.Text.Json;
using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.HealthCodes.Trust;

/// <summary>A trust list as it travels: compact JWS, ES256, <c>typ</c> of its own so that nothing else this key signs can pass for a list.</summary>
public static class TrustListSignature
{
    /// <summary>Most characters of a signed list: some ten thousand certificates.</summary>
    public const int MaxLength = 32 * 1024 * 1024;

    private const string Type = "edgegate-trust+jws";

    /// <param name="operatorKey">Private key, P-256.</param>
    public static string Sign(TrustListDocument document, ECDsa operatorKey) => CompactJws.Sign(
        operatorKey,
        CompactJws.Header(JsonWebKey.From(operatorKey).KeyId!, Type),
        JsonSerializer.SerializeToUtf8Bytes(document, TrustListJson.ShapeOf<TrustListDocument>()));

    /// <summary>Checks the signature only; whether the list may replace another is the store's question.</summary>
    public static TrustLoad Open(string text, IReadOnlyList<JsonWebKey> operatorKeys)
    {
        if (text.Length > MaxLength || !CompactJws.TryParse(text.AsSpan().Trim(), out var jws))
            return new TrustLoad.Refused("it is no signed list");
        if (jws.Algorithm != CompactJws.Es256 || jws.Type != Type || jws.HasCritical)
            return new TrustLoad.Refused("it is signed, but not as a trust list");
        if (operatorKeys.FirstOrDefault(key => key.Thumbprint() == jws.KeyId) is not { } named || VerificationKey.From(named, out _) is not { } operatorKey)
            return new TrustLoad.Refused("it is signed by a key that is not the operator's");
        if (!operatorKey.Verify(jws.SigningInput, jws.Signature))
            return new TrustLoad.Refused("its signature does not hold: it was altered");
        try
        {
            return JsonSerializer.Deserialize(jws.Payload, TrustListJson.ShapeOf<TrustListDocument>()) is { } document && !HasEmptyEntry(document)
                ? new TrustLoad.Accepted(TrustList.From(document))
                : new TrustLoad.Refused("it is signed, but it or an entry of it is empty");
        }
        catch (JsonException unreadable)
        {
            return new TrustLoad.Refused("it is signed, but cannot be read: " + unreadable.Message);
        }
    }

    /// <summary>The serializer minds nulls among members, not among elements.</summary>
    private static bool HasEmptyEntry(TrustListDocument document) =>
        document.Signers.Contains(null!) || document.Denied.Contains(null!)
        || document.CardIssuers.Any(issuer => issuer is null || issuer.Keys.Contains(null!) || issuer.Revoked.Any(revocation => revocation is null || revocation.Rids.Contains(null!)));
}

/// <summary>What came of loading a trust list.</summary>
public abstract record TrustLoad
{
    public sealed record Accepted(TrustList List) : TrustLoad;

    /// <param name="Why">In words, as the end of a sentence about the list.</param>
    public sealed record Refused(string Why) : TrustLoad;
}
