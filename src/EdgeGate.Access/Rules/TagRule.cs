namespace EdgeGate.Access.Rules;

/// <summary>A mark on a person: arrivals from a named area, people who go out for medicine.</summary>
/// <param name="severity">What they get; <see cref="Outcome.Granted"/> only flags.</param>
/// <param name="direction">Null for both.</param>
public sealed class TagRule(string tag, Outcome severity, Direction? direction) : IAccessRule
{
    public string Name => "tag/" + tag;

    public Objection? Check(AccessRequest request) =>
        severity is not Outcome.Granted && Applies(request) ? new Objection(DenyReason.NeedsRegistration, severity) : null;

    public string? Flag(AccessRequest request) => Applies(request) ? tag : null;

    private bool Applies(AccessRequest request) => (direction is null || request.Direction == direction) && request.HasTag(tag);
}
