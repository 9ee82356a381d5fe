using System.Security.Cryptography.X509Certificates;

namespace EdgeGate.HealthCodes.Providers;

/// <summary>How one provider of health codes is asked over HTTP, how its reply is read, and what happens when it cannot be asked.</summary>
public sealed record ProviderOptions
{
    /// <summary>Short name for records and logs.</summary>
    public required string Id { get; init; }

    public required ProviderEndpoint Verify { get; init; }

    /// <summary>Where the actual passage is reported afterwards; none: it is not reported.</summary>
    public ProviderEndpoint? Report { get; init; }

    /// <summary>Signs both calls; none: they go unsigned.</summary>
    public ProviderSignature? Signature { get; init; }

    public ProviderTls Tls { get; init; } = new();

    public required ProviderReplyForm Reply { get; init; }

    /// <summary>The caller never waits longer, whatever happens on the network. 0.1 to 15 seconds.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// A second attempt starts when the first has not answered for so long, or at once when it failed in a way that may pass; the first
    /// good answer counts. Both carry the same request id. Null: one attempt only.
    /// </summary>
    public TimeSpan? SecondAttemptAfter { get; init; } = TimeSpan.FromSeconds(1.2);

    public ProviderBreaker Breaker { get; init; } = new();

    /// <summary>Questions under way at once; one more is not asked. From 1.</summary>
    public int MaxConcurrent { get; init; } = 4;

    /// <summary>Questions in a minute, so that a scanner gone mad does not become the provider's problem. From 1.</summary>
    public int MaxPerMinute { get; init; } = 120;

    /// <summary>Bytes of a reply that are read at most.</summary>
    public int MaxReplyBytes { get; init; } = 64 * 1024;

    public ProviderOffline Offline { get; init; } = new();

    /// <summary>
    /// Key of the token hash. Null: a new random one for each process, which is enough for the cache. A token may be an ID number, and a
    /// hash without a key would give that away to anybody who tries all numbers.
    /// </summary>
    public ReadOnlyMemory<byte>? HashKey { get; init; }
}

/// <summary>
/// One call. Placeholders: {token} {kind} {device} {place} {requestId} {timestamp} (milliseconds since 1970) {celsius} and, in a
/// report, {passed}.
/// </summary>
public sealed record ProviderEndpoint
{
    /// <summary>
    /// https, or http to this machine. Placeholders only in the query, where they are percent-encoded: a token must not choose the
    /// host or climb up the path.
    /// </summary>
    public required string Address { get; init; }

    public string Method { get; init; } = "POST";

    /// <summary>Placeholders other than {token}, {kind} and {celsius} are filled in.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// A JSON object, in whose strings the placeholders stand. A string that is just <c>{celsius:json}</c>, <c>{timestamp:json}</c> or
    /// <c>{passed:json}</c> becomes a number, a boolean, or null when not known. Null: no body.
    /// </summary>
    public string? Body { get; init; }
}

/// <summary>
/// HMAC-SHA-256 over <c>name=value</c> pairs joined by <c>&amp;</c>, sorted by name (ordinal), empty values left out. The pairs are the
/// query's parameters, decoded, and the members of the body; objects and arrays in it count as compact JSON.
/// </summary>
public sealed record ProviderSignature
{
    public required ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>The header or parameter it goes into.</summary>
    public string Name { get; init; } = "sign";

    /// <summary>False: a member of the body, or of the query where there is no body.</summary>
    public bool InHeader { get; init; }

    /// <summary>False: lower-case hex.</summary>
    public bool Base64 { get; init; }
}

/// <summary>Whom the gate believes to be the provider. No revocation lists are fetched, no proxy is used.</summary>
public sealed record ProviderTls
{
    /// <summary>Only certificates under these authorities; null: the system's roots.</summary>
    public X509Certificate2Collection? PinnedAuthorities { get; init; }

    /// <summary>
    /// SHA-256 of the SubjectPublicKeyInfo (RFC 7469 section 2.4), base64. When there are any, the server's own certificate must have one
    /// of these keys, and must be good otherwise as well.
    /// </summary>
    public IReadOnlyList<string> PinnedKeys { get; init; } = [];
}

/// <summary>Where things stand in the reply. Paths are names and array indices separated by dots: <c>data.person.0.color</c>.</summary>
public sealed record ProviderReplyForm
{
    /// <summary>Looked at in this order; the first whose value is in <see cref="States"/> decides. So a state may stand before the colour.</summary>
    public required IReadOnlyList<string> Colour { get; init; }

    /// <summary>
    /// Colours and states, without regard to case, numbers by their digits. Only the provider statuses and CannotVerify;
    /// ProviderTimeout and ProviderError say that the provider could not find out, and count as a fault. See <see cref="ProviderPresets"/>.
    /// </summary>
    public required IReadOnlyDictionary<string, HealthCodeStatus> States { get; init; }

    /// <summary>When the last test was made: ISO 8601, <c>yyyy-MM-dd HH:mm:ss</c>, or seconds or milliseconds since 1970.</summary>
    public string? TestTime { get; init; }

    /// <summary>Of times without an offset.</summary>
    public TimeSpan TestTimeOffset { get; init; } = TimeSpan.FromHours(8);

    /// <summary>Age of the last test in hours, where the provider gives that.</summary>
    public string? TestAgeHours { get; init; }

    /// <summary>Masked again here when the provider forgot to.</summary>
    public string? MaskedName { get; init; }

    public string? Message { get; init; }
}

/// <summary>When asking stops for a while because it is in vain.</summary>
public sealed record ProviderBreaker
{
    /// <summary>It opens when half of the questions, and at least this many, failed within <see cref="Window"/>. From 2.</summary>
    public int Faults { get; init; } = 3;

    /// <summary>At least half a second.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Then one question is let through, and closes it when answered. At least half a second.</summary>
    public TimeSpan OpenFor { get; init; } = TimeSpan.FromSeconds(15);
}

public enum OfflineAnswer
{
    /// <summary>A person must look.</summary>
    Guard,
    Deny,
}

/// <summary>What happens when the provider cannot be asked. Each choice is the operator's; none is safe by itself.</summary>
public sealed record ProviderOffline
{
    public OfflineAnswer Answer { get; init; } = OfflineAnswer.Guard;

    /// <summary>A green this provider gave for the same token, not older than this, is taken instead. Null: never.</summary>
    public TimeSpan? CachedGreenFor { get; init; }

    /// <summary>Greens remembered at most; the oldest goes first.</summary>
    public int CachedGreens { get; init; } = 2_000;
}
