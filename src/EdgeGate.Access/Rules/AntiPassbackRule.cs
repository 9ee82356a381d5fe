namespace EdgeGate.Access.Rules;

/// <summary>No second entry without an exit between, and the other way round. Without a memory of the person there is nothing to object to.</summary>
/// <param name="hard">True refuses; false (soft) only flags.</param>
/// <param name="forgetAfter">An older passage counts no more: whoever left by another way must be able to come back.</param>
public sealed class AntiPassbackRule(bool hard, TimeSpan forgetAfter) : IAccessRule
{
    public string Name => "anti-passback";

    public Objection? Check(AccessRequest request) =>
        hard && IsViolated(request) ? new Objection(DenyReason.AntiPassbackViolation, Outcome.Denied) : null;

    public string? Flag(AccessRequest request) => IsViolated(request) ? "anti-passback" : null;

    private bool IsViolated(AccessRequest request) =>
        request.LastPassage is { } last && last.Direction == request.Direction && request.At.Wall - last.At < forgetAfter;
}
