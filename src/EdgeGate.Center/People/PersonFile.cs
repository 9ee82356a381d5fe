namespace EdgeGate.Center.People;

/// <summary>Why somebody is under observation. The numbers stand in the database and are never changed.</summary>
internal enum FileKind : short
{
    Quarantine = 1,
    Fever = 2,

    /// <summary>Came from outside, or from a listed area.</summary>
    Arrival = 3,

    /// <summary>Bought medicine against fever or cough.</summary>
    Medicine = 4,
}

/// <summary>The numbers stand in the database and are never changed.</summary>
internal enum FileState : short
{
    /// <summary>A gate saw a reason; nobody has decided yet.</summary>
    Proposed = 0,
    Open = 1,
    Released = 2,

    /// <summary>A proposal that somebody turned down, or that nobody took up.</summary>
    Dismissed = 3,
}

/// <summary>The numbers stand in the database and are never changed.</summary>
internal enum FileEventKind : short
{
    Proposed = 1,
    Opened = 2,
    Note = 3,
    ContactBound = 4,
    DoorOpened = 5,
    DoorClosed = 6,
    MeasureMissing = 7,
    Extended = 8,
    Released = 9,
    Dismissed = 10,
}

/// <summary>Who entered a measure. The numbers stand in the database and are never changed.</summary>
internal enum MeasureSource : short
{
    Officer = 1,
    Guard = 2,

    /// <summary>Somebody of the household, on the residents' page.</summary>
    Household = 3,
}

/// <summary>What only who may read the file may read.</summary>
internal sealed record FileDetails(string Name, string Phone, string Reason);

/// <summary>A temperature in °C, and words.</summary>
internal sealed record MeasureWords(decimal Celsius, string Note);

internal sealed record Measure(DateTimeOffset At, decimal? Celsius, string Note, string By, MeasureSource Source)
{
    public const decimal Fever = 37.3m, Lowest = 34m, Highest = 43m;
    public bool IsFever => Celsius >= Fever;
}

internal sealed record FileEvent(DateTimeOffset At, FileEventKind Kind, string By, string? Words);

/// <summary>A file among others. No name in full.</summary>
/// <param name="MissingSince">When the measure that is overdue was due; null when none is.</param>
internal sealed record FileSummary(
    long Id, string Site, FileKind Kind, FileState State, string MaskedName, string Unit, string Building, DateTimeOffset OpenedAt, DateTimeOffset Until, Measure? LastMeasure,
    DateTimeOffset? MissingSince, bool? DoorIsOpen);

/// <summary>Somebody was before a lane since the file was opened.</summary>
internal sealed record FilePassage(DateTimeOffset At, string Gate, string Lane, Access.Direction Direction, Access.Outcome Outcome);

/// <summary>A file as its reader sees it.</summary>
internal sealed record PersonFile(
    FileSummary Summary, FileDetails? Details, string? Contact, DateTimeOffset? ClosedAt, IReadOnlyList<Measure> Measures, IReadOnlyList<FileEvent> Events, IReadOnlyList<FilePassage> Passages);
