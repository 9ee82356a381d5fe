namespace EdgeGate.Access.Rules;

/// <summary>
/// Some must pass in their time: candidates on the morning of an exam. For who is on the list, within the entry's validity and schedule,
/// what another rule holds against them is only flagged. Put around rules of order (register, hours, zones, numbers), never around those
/// of health, quarantine, watch lists or the credential itself.
/// </summary>
public sealed class PriorityRule(IAccessRule inner, string list) : IAccessRule
{
    public string Name => inner.Name;

    public Objection? Check(AccessRequest request) => HasPriority(request) ? null : inner.Check(request);

    public string? Flag(AccessRequest request) =>
        HasPriority(request) && inner.Check(request) is not null ? "priority-" + list : inner.Flag(request);

    /// <summary>Without knowing the hour nobody has priority: then a person looks.</summary>
    private bool HasPriority(AccessRequest request) =>
        request.On(list).Entry?.Terms is { } terms
        && terms.Valid.Contains(request.At) is true
        && (terms.Schedule is not { } schedule
            || (request.At.Grade is not ClockGrade.Unset && request.Plan?.IsOpen(schedule, request.At.Wall.DateTime) is true));
}
