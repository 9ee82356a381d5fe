using EdgeGate.Access;

namespace EdgeGate.Messages.Records;

/// <summary>
/// Somebody pressed the exit button (request to exit). Nobody is identified by it and nothing but the portal's mode is asked. A
/// <see cref="PassageRecord"/> follows when it was granted.
/// </summary>
public sealed record ExitRequestedRecord
{
    public const string Type = "edgegate.exit-requested.v1";

    public required string Lane { get; init; }
    public required Outcome Outcome { get; init; }
    public required IReadOnlyList<DenyReason> Reasons { get; init; }
    public required ClockRecord Clock { get; init; }
}
