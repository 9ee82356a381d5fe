namespace EdgeGate.HealthCodes.Providers;

/// <summary>Where an answer comes from.</summary>
public enum AnswerSource
{
    /// <summary>The provider, now; or nobody, where the token is malformed and no provider needs to be asked.</summary>
    Provider,

    /// <summary>The provider, earlier: a green remembered for this token, because it cannot be asked now.</summary>
    Cache,

    /// <summary>Nobody: the provider could not be asked, and <see cref="ProviderAnswer.WhenOffline"/> says what the operator wants then.</summary>
    OfflinePolicy,
}

/// <summary>What came of a question, complete for the record.</summary>
public sealed record ProviderAnswer
{
    public required HealthCodeStatus Status { get; init; }

    public required string ProviderId { get; init; }

    /// <summary>For the report of the passage.</summary>
    public required string RequestId { get; init; }

    /// <summary>Keyed hash of the token, hex. All that is kept of it.</summary>
    public required string TokenHash { get; init; }

    public required AnswerSource Source { get; init; }

    /// <summary>Set exactly when <see cref="Source"/> is the offline policy.</summary>
    public OfflineAnswer? WhenOffline { get; init; }

    /// <summary>How long ago the provider gave it, when it comes from the cache.</summary>
    public TimeSpan? CachedSince { get; init; }

    /// <summary>Colour or state in the provider's words, at most 32 characters.</summary>
    public string? Colour { get; init; }

    /// <summary>Age of the last test; null when the provider does not say, or says something that cannot be.</summary>
    public TimeSpan? TestAge { get; init; }

    /// <summary>At most 32 characters.</summary>
    public string? MaskedName { get; init; }

    /// <summary>The provider's words, at most 200 characters.</summary>
    public string? Message { get; init; }

    /// <summary>Why the provider's answer was not to be had now, in words without personal data.</summary>
    public string? Fault { get; init; }

    /// <summary>How long the caller waited.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>Requests sent: 0 when the breaker or a limit held them back, 2 when the second attempt was needed.</summary>
    public required int Attempts { get; init; }
}
