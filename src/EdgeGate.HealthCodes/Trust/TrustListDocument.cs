using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EdgeGate.HealthCodes.Jose;

namespace EdgeGate.HealthCodes.Trust;

/// <summary>
/// EdgeGate's own trust list as JSON: whom a gate believes. It travels as a JWS signed by the operator (<see cref="TrustListSignature"/>);
/// converters in <c>Trust/Import</c> make it from the forms in the wild.
/// </summary>
public sealed record TrustListDocument
{
    /// <summary>Grows by at least one with every list; a gate never goes back.</summary>
    public required long Version { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>From here on the list is old: it is used for the verifier's grace time, then nothing can be verified.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Signers of HC1 certificates.</summary>
    public IReadOnlyList<SignerEntry> Signers { get; init; } = [];

    /// <summary>Issuers of SMART Health Cards.</summary>
    public IReadOnlyList<CardIssuerEntry> CardIssuers { get; init; } = [];

    /// <summary>
    /// Codes not to be accepted: SHA-256, at least its first 16 bytes, in hex, of a certificate identifier (<c>ci</c>), of the country and
    /// the identifier, of the signature (of an ES256 signature: its r), or of what was signed (<see cref="HealthCodeResult.Reference"/>).
    /// </summary>
    public IReadOnlyList<string> Denied { get; init; } = [];
}

/// <summary>One signer's key: a certificate or, where a source has none, a bare key.</summary>
public sealed record SignerEntry
{
    /// <summary>8 bytes in hex: the first of SHA-256 over the certificate. Several signers may have the same.</summary>
    public required string Kid { get; init; }

    /// <summary>DER in base64.</summary>
    public string? Certificate { get; init; }

    /// <summary>Used when there is no certificate; then no times limit the key.</summary>
    public JsonWebKey? Key { get; init; }

    /// <summary>ISO 3166-1, two letters, where known.</summary>
    public string? Country { get; init; }

    /// <summary>What this key may sign.</summary>
    public CertificateKinds Kinds { get; init; } = CertificateKinds.All;

    /// <summary>Where the operator had it from, in the operator's words; an import replaces the entries of its own source.</summary>
    public required string Source { get; init; }

    public required DateTimeOffset FetchedAt { get; init; }
}

/// <summary>An issuer of SMART Health Cards with its keys.</summary>
public sealed record CardIssuerEntry
{
    /// <summary>Exactly as cards name it: https, no slash at the end.</summary>
    public required string Issuer { get; init; }

    public required IReadOnlyList<JsonWebKey> Keys { get; init; }

    public IReadOnlyList<CardRevocation> Revoked { get; init; } = [];

    public required string Source { get; init; }

    public required DateTimeOffset FetchedAt { get; init; }
}

/// <summary>Revocations of one key: each <c>rid</c>, or <c>rid.seconds</c> which revokes cards valid from before that time.</summary>
public sealed record CardRevocation(string Kid, IReadOnlyList<string> Rids);

/// <summary>How the list and its keys are written. By reflection: the source generator forgets the initial values of init-only members.</summary>
internal static class TrustListJson
{
    private static readonly JsonSerializerOptions Options = Create();

    public static JsonTypeInfo<T> ShapeOf<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The records are in this assembly, which is kept whole.")]
    private static JsonSerializerOptions Create() => new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter<CertificateKinds>() },
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        MaxDepth = 16,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };
}
