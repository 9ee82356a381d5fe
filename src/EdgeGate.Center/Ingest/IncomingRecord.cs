using EdgeGate.Access;

namespace EdgeGate.Center.Ingest;

/// <summary>The numbers stand in the database and are never changed.</summary>
internal enum RecordKind : short
{
    /// <summary>Of a type or form this program does not know: kept as it came, and counted like any other.</summary>
    NotUnderstood = 0,
    Decided = 1,
    Passage = 2,
    ClockStepped = 3,

    /// <summary>Known, and nothing of it is needed outside its payload.</summary>
    Other = 4,
}

/// <summary>A record that can be counted: its gate and number are certain, whatever else it says.</summary>
internal sealed record IncomingRecord
{
    /// <summary>Ten a second for three thousand years. Numbers above it would not fit into the sums that pages make of all gates.</summary>
    public const long HighestNumber = 1_000_000_000_000;

    public required GateName Gate { get; init; }
    public required long Sequence { get; init; }

    /// <summary>The gate's wall time, for what it is worth.</summary>
    public required DateTimeOffset Stamp { get; init; }

    /// <summary>When it happened, as well as the center knows (UTC): what it is kept under.</summary>
    public DateTimeOffset At { get; init; }
    public required RecordKind Kind { get; init; }

    /// <summary>The bytes as they came: the chain is over them.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Why it is <see cref="RecordKind.NotUnderstood"/>.</summary>
    public string? NotUnderstood { get; init; }
    public Encounter? Seen { get; init; }

    /// <summary>Of a passage that was not taken: the lane, and the number of the decision.</summary>
    public (string Lane, long Decision)? NotTaken { get; init; }
    public ClockStep? Step { get; init; }

    /// <summary>Somebody should look at it; null for most records.</summary>
    public AlarmWord? Alarm { get; init; }
    public SettingsTrial? Trial { get; init; }

    /// <summary>What the center keeps beside the record itself; null for most.</summary>
    public RecordFact? Fact { get; init; }

    /// <summary>Somebody was before a lane and was decided about.</summary>
    /// <param name="Person">32 bytes.</param>
    internal sealed record Encounter(string Lane, byte[] Person, string? MaskedName, Direction Direction, Outcome Outcome, ClockGrade Clock);

    /// <summary>The stamps of records First to Last are behind the true time by this much.</summary>
    internal sealed record ClockStep(long First, long Last, TimeSpan By);

    /// <param name="Word">The envelope's, for example <c>forced-open</c>.</param>
    internal sealed record AlarmWord(string Word, string? Lane);

    /// <summary>What became of settings that a command brought.</summary>
    /// <param name="Command">Its id.</param>
    internal sealed record SettingsTrial(string Command, bool Confirmed, string? Cause);
}

/// <summary>Somebody was let through a lane and did not go.</summary>
/// <param name="Decision">The number of the record that let them.</param>
/// <param name="At">When it was clear: soon after the decision, unless the clock was put right between.</param>
internal sealed record NotTakenPassage(int Gate, string Lane, long Decision, DateTimeOffset At);

/// <summary>Something a gate tells that the center keeps where it is asked for.</summary>
internal abstract record RecordFact
{
    private RecordFact() { }

    /// <summary>A list came into force at the gate.</summary>
    internal sealed record ListInForce(string Register, long Version) : RecordFact;

    /// <summary>Somebody was before a lane of whom a file should perhaps be kept.</summary>
    internal sealed record Concern(People.FileKind Kind) : RecordFact;

    /// <param name="Contact">As the site's devices call it: never whose door it is.</param>
    internal sealed record Door(string Contact, bool IsOpen) : RecordFact;

    /// <param name="Task">patrol or disinfection.</param>
    /// <param name="EnteredAt">When it was done, where that was told later; null for when the record was made.</param>
    internal sealed record Round(string Building, string Place, string Task, DateTimeOffset? EnteredAt) : RecordFact;

    /// <param name="Slot">Its place on the shelf; null while it is not there.</param>
    internal sealed record Delivery(string Id, string Building, int? Slot, string State) : RecordFact;
}
