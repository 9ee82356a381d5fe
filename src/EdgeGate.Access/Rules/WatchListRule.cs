namespace EdgeGate.Access.Rules;

/// <summary>Somebody is looked for, or was somewhere: for example everybody who visited a place after a date, as the center lists them.</summary>
/// <param name="severity">What they get; <see cref="Outcome.Granted"/> lets pass and flags.</param>
/// <param name="direction">Null for both.</param>
/// <param name="whenMissing">What everybody gets while the list is missing.</param>
public sealed class WatchListRule(string list, Outcome severity, Direction? direction, Outcome whenMissing) : IAccessRule
{
    public string Name => "watch-list/" + list;

    public Objection? Check(AccessRequest request)
    {
        if (!Applies(request))
            return null;
        if (request.On(list) is { IsMissing: true } missing)
            return missing.WhenMissing(whenMissing) is var outcome and not Outcome.Granted ? new Objection(DenyReason.ListMissing, outcome) : null;
        return IsListed(request) && severity is not Outcome.Granted ? new Objection(DenyReason.WatchListed, severity) : null;
    }

    public string? Flag(AccessRequest request) => Applies(request) && IsListed(request) ? "watch-list-" + list : null;

    private bool Applies(AccessRequest request) => direction is null || request.Direction == direction;

    /// <summary>With an unset clock everybody who was ever listed counts.</summary>
    private bool IsListed(AccessRequest request) => request.On(list).Entry is { } entry && entry.Terms.Valid.Contains(request.At) is not false;
}
