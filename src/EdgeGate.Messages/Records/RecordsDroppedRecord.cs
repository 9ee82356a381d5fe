namespace EdgeGate.Messages.Records;

/// <summary>
/// Records were deleted that never arrived, since the journal's disk budget was used up: an alarm, at most once an hour while it goes on. The tally names
/// every number.
/// </summary>
public sealed record RecordsDroppedRecord
{
    public const string Type = "edgegate.records-dropped.v1";

    /// <summary>How many since the journal was made, those of earlier alarms too.</summary>
    public required long Dropped { get; init; }

    /// <summary>The newest record that was deleted.</summary>
    public required long UpTo { get; init; }
    public required ClockRecord Clock { get; init; }
}
