using EdgeGate.Access.Registers;

namespace EdgeGate.Access.Rules;

/// <summary>
/// Who is on the list stays at home: may come in, may not leave. A superior's approval for a time, the mark
/// <see cref="ExitApproved"/>, lets go; who gave it and why stands in the record of the register's change.
/// </summary>
/// <param name="whenMissing">What everybody who leaves gets while the list is missing.</param>
public sealed class QuarantineRule(string list, Outcome whenMissing) : IAccessRule
{
    /// <summary>The mark of somebody who may leave for once, although quarantine or the zone's risk forbids it.</summary>
    public const string ExitApproved = "exit-approved";

    public string Name => "quarantine";

    public Objection? Check(AccessRequest request)
    {
        if (request.Direction is Direction.Entry)
            return null;
        var listing = request.On(list);
        if (listing.IsMissing)
            return listing.WhenMissing(whenMissing) is var outcome and not Outcome.Granted ? new Objection(DenyReason.ListMissing, outcome) : null;
        return IsUnder(listing, request.At) switch
        {
            null => new Objection(DenyReason.ClockNotSet, Outcome.Guard),
            true when !request.HasTag(ExitApproved) => new Objection(DenyReason.UnderQuarantine, Outcome.Denied),
            _ => null,
        };
    }

    public string? Flag(AccessRequest request) => (IsUnder(request.On(list), request.At), request.Direction) switch
    {
        (false, _) => null,
        (_, Direction.Entry) => "under-quarantine",
        _ when request.HasTag(ExitApproved) => "approved-exit",
        _ => "alarm-quarantine-exit",
    };

    /// <summary>Null when the person is listed for a time and the time is not known.</summary>
    private static bool? IsUnder(Listing listing, ClockReading at) => listing.Entry is { } entry ? entry.Terms.Valid.Contains(at) : false;
}
