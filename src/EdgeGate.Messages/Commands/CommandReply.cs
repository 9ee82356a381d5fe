namespace EdgeGate.Messages.Commands;

/// <summary>What became of a command, on the gate's <c>replies</c> topic; MQTT correlation data comes back as it was sent.</summary>
/// <param name="Id">The command's; null when the gate cannot know who wrote it, and so believes no id either.</param>
/// <param name="Outcome">As recorded.</param>
/// <param name="Reason">For programs; null when taken.</param>
/// <param name="Text">For people.</param>
/// <param name="Record">Sequence of the command's record; null when it has none of its own.</param>
public sealed record CommandReply(string? Id, CommandOutcome Outcome, CommandReason? Reason, string Text, long? Record);

public enum CommandOutcome
{
    /// <summary>On record, and carried out.</summary>
    Taken,

    /// <summary>Nothing happened.</summary>
    Refused,

    /// <summary>Taken and on record, but what it asked for did not come about.</summary>
    Failed,
}

/// <summary>Why a command was refused or failed, in the order of judging. The names go out in records, so they are never renamed.</summary>
public enum CommandReason
{
    TooLarge,

    /// <summary>Not a token of this form at all.</summary>
    Malformed,

    /// <summary>Signed, if at all, with a key that is not in the gate's settings.</summary>
    KeyUnknown,
    SignatureWrong,

    /// <summary>Truly signed, but a kind or an argument this gate does not know.</summary>
    NotUnderstood,
    OtherGate,

    /// <summary>The broker kept it: the past, not an event.</summary>
    Retained,

    /// <summary>The gate does not know the time, so it cannot tell an old command from a new one.</summary>
    ClockNotSet,
    KeyNotInTime,
    IssuedInFuture,
    LivesTooLong,
    Expired,

    /// <summary>It waited at the broker while the gate was away.</summary>
    Queued,
    UsedBefore,

    /// <summary>No room to remember its id, or no disk to write it to.</summary>
    IdNotKept,
    TooMany,

    /// <summary>This gate cannot do that: another lane, a portal that cannot be held open.</summary>
    NotPossible,

    /// <summary>The journal takes no record, and nothing happens without one.</summary>
    NotRecorded,

    /// <summary>The portal could not be told, or did not answer in time.</summary>
    PortalUnreachable,

    /// <summary>The disk or a queue did not take what was asked.</summary>
    NotStored,
}
