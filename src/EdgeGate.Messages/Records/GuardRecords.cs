using EdgeGate.Access;

namespace EdgeGate.Messages.Records;

/// <summary>What somebody may do at the guard post. Each may do what the one before may.</summary>
public enum GuardRole
{
    Guard,

    /// <summary>Also approves what a guard may not decide alone, changes modes and corrects the count.</summary>
    Supervisor,

    /// <summary>Who sets the gate up: not a person of the shift, and told apart from them in the records.</summary>
    Installer,
}

public enum GuardSessionEvent
{
    SignedIn,
    SignedOut,
}

/// <summary>Somebody signed in or out at the guard post. A session that ran out leaves no record: it could do nothing any more.</summary>
public sealed record GuardSessionRecord
{
    public const string Type = "edgegate.guard-session.v1";

    /// <summary>An account, not a name.</summary>
    public required string Guard { get; init; }
    public required GuardRole Role { get; init; }
    public required GuardSessionEvent Event { get; init; }
    public required ClockRecord Clock { get; init; }
}

public enum SignInRefusal
{
    WrongSecret,

    /// <summary>Not looked at, because of those before.</summary>
    LockedOut,

    /// <summary>There is no such account. What was typed is not kept: it may be a password in the wrong field.</summary>
    UnknownGuard,

    /// <summary>Not looked at: more came at once than a gate looks at.</summary>
    TooMany,
}

/// <summary>Refused sign-ins, counted: whoever can reach the page can make them at will.</summary>
public sealed record GuardSignInsRefusedRecord
{
    public const string Type = "edgegate.guard-sign-ins-refused.v1";

    public required IReadOnlyList<RefusedSignIns> Refused { get; init; }

    /// <summary>How long they were counted for, in seconds.</summary>
    public required double Within { get; init; }
    public required ClockRecord Clock { get; init; }
}

/// <param name="Guard">Null when it is not of one account that exists.</param>
public sealed record RefusedSignIns(string? Guard, SignInRefusal Reason, long Count);

/// <summary>The names go out in records, so they are never renamed.</summary>
public enum GuardActionKind
{
    /// <summary>Lets pass whom a decision sent to a guard. A <see cref="PassageRecord"/> about this record follows.</summary>
    Grant,
    Deny,
    MeasureAgain,

    /// <summary>Opens for somebody who showed nothing, or whom the lane refused: then the record names them. A <see cref="PassageRecord"/> about this record follows.</summary>
    OpenOnce,
    SetMode,

    /// <summary>Said who somebody is, who then stands at the lane like anybody else; or, entered late, stood there.</summary>
    Vouch,
    VisitorExpected,
    VisitorLeft,

    /// <summary>A note for the next shift.</summary>
    HandOver,

    /// <summary>Made a pass for a visitor and printed it.</summary>
    PassIssued,

    /// <summary>Read a code at a handheld lane. The decision that comes of it, where one does, names this record (<see cref="DecidedRecord.GuardActions"/>).</summary>
    Scan,

    /// <summary>Searched the residents; what for is sealed.</summary>
    LookUp,
}

/// <summary>What somebody did at the guard post. On disk before anything happens.</summary>
public sealed record GuardActionRecord
{
    public const string Type = "edgegate.guard-action.v1";

    public required string Guard { get; init; }
    public required GuardRole Role { get; init; }
    public required GuardActionKind Action { get; init; }
    public string? Lane { get; init; }

    /// <summary>Which way the portal was opened for somebody; null in every other record.</summary>
    public Direction? Direction { get; init; }

    /// <summary>Sequence of the decision that is answered or overridden; null where there is none.</summary>
    public long? Decision { get; init; }

    /// <summary>A word from the gate's own list, for example <c>document-checked</c>; null where none is asked for.</summary>
    public string? Reason { get; init; }

    /// <summary>The supervisor who gave a PIN for it; null when none was needed.</summary>
    public string? ApprovedBy { get; init; }

    /// <summary>The mode that was set; null in a record of setting it: the lane's hours decide again.</summary>
    public PortalMode? Mode { get; init; }

    /// <summary>The key of the pass that was issued, as decisions have it for whoever shows it (<see cref="Privacy.PersonKeys"/>); null when none was.</summary>
    public string? Pass { get; init; }

    /// <summary>Keyed like all persons (<see cref="Privacy.PersonKeys"/>); null when nobody in particular is meant.</summary>
    public string? Person { get; init; }
    public string? MaskedName { get; init; }

    /// <summary>Made by the phone, the same however often it had to send: two records with one id are one action.</summary>
    public string? Form { get; init; }

    /// <summary>When it was entered, where a phone had no connection and told it later; by the phone's clock.</summary>
    public DateTimeOffset? EnteredAt { get; init; }
    public required ClockRecord Clock { get; init; }

    /// <summary>A JWE to the center's key holding a <see cref="SealedGuardWords"/>; null when there is nothing to close.</summary>
    public string? Sealed { get; init; }
}

/// <summary>What was typed at the guard post about people.</summary>
public sealed record SealedGuardWords
{
    public string? Note { get; init; }
    public string? Number { get; init; }
    public string? Name { get; init; }
    public string? Unit { get; init; }
    public int? Companions { get; init; }

    /// <summary>A courier's, whole.</summary>
    public string? Phone { get; init; }
}
