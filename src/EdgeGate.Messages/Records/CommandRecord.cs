using EdgeGate.Access;
using EdgeGate.Messages.Commands;

namespace EdgeGate.Messages.Records;

/// <summary>
/// A command that somebody known signed. When taken it is on disk before anything happens; a second record with the same id and
/// outcome failed follows when what was asked did not come about. An opening is followed by a <see cref="PassageRecord"/>.
/// </summary>
public sealed record CommandRecord
{
    public const string Type = "edgegate.command.v1";

    /// <summary>Null when the claims could not be understood.</summary>
    public string? Id { get; init; }
    public string? Kind { get; init; }

    /// <summary>Id of the key that signed it.</summary>
    public required string Key { get; init; }
    public required CommandOutcome Outcome { get; init; }
    public CommandReason? Reason { get; init; }

    /// <summary>The reason in words.</summary>
    public string? Cause { get; init; }
    public string? Lane { get; init; }
    public PortalMode? Mode { get; init; }
    public required ClockRecord Clock { get; init; }

    /// <summary>When taken, a JWE to the center's key holding the token as it came: proof of who asked for what, and why.</summary>
    public string? Sealed { get; init; }
}

/// <summary>Refused commands without a record of their own, counted: those that nobody known signed, and those beyond what a disk should hold.</summary>
public sealed record CommandsRefusedRecord
{
    public const string Type = "edgegate.commands-refused.v1";

    public required IReadOnlyList<RefusedCount> Refused { get; init; }

    /// <summary>How long they were counted for, in seconds.</summary>
    public required double Within { get; init; }
    public required ClockRecord Clock { get; init; }
}

public sealed record RefusedCount(CommandReason Reason, long Count);
