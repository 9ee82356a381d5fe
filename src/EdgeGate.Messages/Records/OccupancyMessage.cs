namespace EdgeGate.Messages.Records;

/// <summary>
/// Retained on <c>edgegate/v1/{site}/occupancy/{gate}</c>: how many people ever came in and went out through one gate. Both only grow,
/// so of two messages of one epoch the larger numbers are the newer, in whatever order they come. The site's occupancy is the sum of all
/// gates' differences.
/// </summary>
/// <param name="Epoch">A later one replaces an earlier one: the gate lost its count and began anew on top of what it heard.</param>
/// <param name="In">Corrections upward included.</param>
/// <param name="Out">Corrections downward included.</param>
public sealed record OccupancyMessage(string Gate, long Epoch, long In, long Out);

/// <summary>Somebody counted the people inside and set the number right.</summary>
public sealed record OccupancyCorrectedRecord
{
    public const string Type = "edgegate.occupancy-corrected.v1";

    /// <summary>What the site's gates together made it; null when that was not known.</summary>
    public int? Before { get; init; }
    public required int After { get; init; }

    /// <summary>What this gate's counters take for it: positive into in, negative into out.</summary>
    public required long Difference { get; init; }

    /// <summary>An account or role.</summary>
    public required string By { get; init; }
    public required ClockRecord Clock { get; init; }
}
