namespace EdgeGate.HealthCodes.Providers;

/// <summary>What one attempt, or the whole question, came to before the offline policy.</summary>
internal sealed record ProviderReply
{
    public required HealthCodeStatus Status { get; init; }
    public string? Colour { get; init; }
    public TimeSpan? TestAge { get; init; }
    public string? MaskedName { get; init; }
    public string? Message { get; init; }

    /// <summary>Null: this is an answer.</summary>
    public string? Fault { get; init; }

    /// <summary>A fault, and yet the provider spoke of this person: what it said before no longer counts.</summary>
    public bool IsNotUnderstood { get; init; }

    /// <summary>Another attempt may do better.</summary>
    public bool MayPass { get; init; }

    public static ProviderReply Failed(string fault, bool mayPass = false, HealthCodeStatus status = HealthCodeStatus.ProviderError) =>
        new() { Status = status, Fault = fault, MayPass = mayPass };
}
