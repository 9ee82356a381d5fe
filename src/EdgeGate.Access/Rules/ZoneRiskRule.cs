using EdgeGate.Access.Registers;

namespace EdgeGate.Access.Rules;

/// <summary>What a person who goes out through a lane leaves.</summary>
public enum Boundary
{
    /// <summary>The lane is a building's door.</summary>
    Home,

    /// <summary>The lane is the gate of the whole area.</summary>
    Area,
}

public sealed record ZoneRiskOptions
{
    public required Boundary Boundary { get; init; }

    /// <summary>Whose work takes them out, for example <c>staff</c>.</summary>
    public IReadOnlyList<string> ExemptStatuses { get; init; } = [];

    /// <summary>What somebody gets who leaves and whose zone is not known.</summary>
    public Outcome Unknown { get; init; } = Outcome.Granted;

    /// <summary>What everybody who leaves gets while there is no plan.</summary>
    public Outcome WhenMissing { get; init; } = Outcome.Guard;
}

/// <summary>High risk: nobody leaves home. Medium: nobody leaves the area. Coming back is always free, and so is an approved exit.</summary>
public sealed class ZoneRiskRule(ZoneRiskOptions options) : IAccessRule
{
    public string Name => "zone-risk";

    public Objection? Check(AccessRequest request)
    {
        if (request.Direction is Direction.Entry || Exemption(request) is not null)
            return null;
        if (request.Plan is not { } plan)
            return Severity(DenyReason.ListMissing, options.WhenMissing);
        if (request.Person is not { Unit: not "" } person || plan.ZoneOf(person.Unit) is not { } zone)
            return Severity(DenyReason.NotRegistered, options.Unknown);
        return IsClosed(zone.Risk) ? new Objection(DenyReason.ZoneClosed, Outcome.Denied) : null;
    }

    public string? Flag(AccessRequest request) =>
        request is { Direction: Direction.Exit, Plan: { } plan, Person: { } person } && plan.ZoneOf(person.Unit) is { } zone && IsClosed(zone.Risk)
            ? Exemption(request)
            : null;

    private bool IsClosed(RiskLevel risk) => risk is RiskLevel.High || (risk is RiskLevel.Medium && options.Boundary is Boundary.Area);

    /// <summary>The flag of somebody who may leave all the same; null for everybody else.</summary>
    private string? Exemption(AccessRequest request) =>
        request.HasTag(QuarantineRule.ExitApproved) ? "approved-exit"
        : request.Person is { } person && options.ExemptStatuses.Contains(person.Terms.Status) ? "zone-exempt"
        : null;

    private static Objection? Severity(DenyReason reason, Outcome severity) => severity is Outcome.Granted ? null : new Objection(reason, severity);
}
