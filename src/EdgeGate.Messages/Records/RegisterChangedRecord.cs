namespace EdgeGate.Messages.Records;

/// <summary>A list that decides about people was changed, and the new version is in force. No personal data but the sealed reason.</summary>
public sealed record RegisterChangedRecord
{
    public const string Type = "edgegate.register-changed.v1";

    public required string Register { get; init; }
    public required long Version { get; init; }

    /// <summary>The version before; null when this one is a whole list of its own.</summary>
    public long? Base { get; init; }
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>An account or role.</summary>
    public required string By { get; init; }
    public required int Added { get; init; }
    public required int Changed { get; init; }
    public required int Removed { get; init; }

    /// <summary>How many persons are on the list now.</summary>
    public required int Persons { get; init; }

    /// <summary>A JWE to the center's key: why.</summary>
    public string? Sealed { get; init; }
    public required ClockRecord Clock { get; init; }
}

/// <summary>A list as a decision used it.</summary>
/// <param name="Version">Null when it was missing.</param>
/// <param name="AgeSeconds">Null when it was missing, or the clock could not tell.</param>
public sealed record ListUseRecord(string Name, long? Version, long? AgeSeconds);
