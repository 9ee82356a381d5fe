namespace EdgeGate.Access;

/// <summary>How far the wall clock of a reading can be trusted.</summary>
public enum ClockGrade
{
    /// <summary>Never set since power-up: the date may be 1970. Only the time since boot means anything.</summary>
    Unset,

    /// <summary>Set once, but the kernel does not call it synchronised now: it drifts.</summary>
    Holdover,

    /// <summary>The kernel's clock discipline (adjtimex) says the clock is synchronised.</summary>
    Synchronised,
}

/// <summary>
/// One instant as the gate knew it. Records are ordered by sequence and ages come from <paramref name="SinceBoot"/>;
/// the wall time only stamps, and <paramref name="Grade"/> says what the stamp is worth.
/// </summary>
public readonly record struct ClockReading(DateTimeOffset Wall, TimeSpan SinceBoot, Guid BootId, ClockGrade Grade);
