namespace EdgeGate.Messages.Records;

/// <summary>The names go out in records, so they are never renamed.</summary>
public enum RoundTask
{
    Patrol,
    Disinfection,
}

/// <summary>A guard was at a place and did there what was due. On disk before the guard is told that it counts.</summary>
public sealed record RoundRecord
{
    public const string Type = "edgegate.round.v1";

    /// <summary>An account, not a name.</summary>
    public required string Guard { get; init; }
    public required GuardRole Role { get; init; }

    /// <summary>The place's id in the gate's settings.</summary>
    public required string Place { get; init; }

    /// <summary>The building it belongs to, written as residents' units begin; null for a place outside of buildings.</summary>
    public string? Building { get; init; }
    public required RoundTask Task { get; init; }

    /// <summary>Made by the phone, the same however often it had to send: two records with one id are one round.</summary>
    public string? Form { get; init; }

    /// <summary>When it was done, where a phone had no connection and told it later; by the phone's clock.</summary>
    public DateTimeOffset? EnteredAt { get; init; }
    public required ClockRecord Clock { get; init; }

    /// <summary>A JWE to the center's key holding a <see cref="SealedGuardWords"/>; null when no note was made.</summary>
    public string? Sealed { get; init; }
}
