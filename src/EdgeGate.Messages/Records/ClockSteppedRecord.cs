using EdgeGate.Access;

namespace EdgeGate.Messages.Records;

/// <summary>
/// The wall clock was moved. The records before keep their stamps; whoever needs their true time adds <see cref="StepSeconds"/>
/// to the stamps of the records from <see cref="First"/> to <see cref="Last"/>.
/// </summary>
public sealed record ClockSteppedRecord
{
    public const string Type = "edgegate.clock-stepped.v1";

    /// <summary>Positive: the clock was behind.</summary>
    public required double StepSeconds { get; init; }
    public required ClockGrade Before { get; init; }

    /// <summary>First record of this boot that carries the old time; null when there is none.</summary>
    public long? First { get; init; }
    public long? Last { get; init; }

    /// <summary>The new time.</summary>
    public required ClockRecord Clock { get; init; }
}
