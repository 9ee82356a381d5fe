namespace EdgeGate.Messages.Records;

/// <summary>What became of settings that a command brought: they went into force for good, or the gate went back to those before.</summary>
public sealed record SettingsTrialRecord
{
    public const string Type = "edgegate.settings-trial.v1";

    /// <summary>Id of the command, whose own record says who sent it.</summary>
    public required string Command { get; init; }
    public required bool Confirmed { get; init; }

    /// <summary>SHA-256 of the settings file's text, in hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Why they were taken back, in words; null when confirmed.</summary>
    public string? Cause { get; init; }
    public required ClockRecord Clock { get; init; }
}
