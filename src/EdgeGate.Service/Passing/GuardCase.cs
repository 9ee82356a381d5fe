using EdgeGate.Access;

namespace EdgeGate.Service.Passing;

/// <summary>Somebody whom a decision sent to a guard, and who still stands at the lane. For guards' eyes: more than the kiosk shows.</summary>
/// <param name="Decision">Sequence of the decision: what an answer refers to.</param>
/// <param name="Since">Time since boot.</param>
/// <param name="Unit">As the register has it; null for a stranger.</param>
/// <param name="Person">Keyed, as records have it.</param>
internal sealed record GuardCase(
    string Lane, long Decision, TimeSpan Since, string? MaskedName, string? Unit, string? Person, IReadOnlyList<DenyReason> Reasons, Celsius? Temperature)
{
    public static GuardCase Of(string lane, long sequence, AccessRequest request, AccessDecision decision, string? person) => new(
        lane, sequence, request.At.SinceBoot,
        LaneView.NameOn(request.Presentation.Credential) ?? request.Person?.MaskedName,
        request.Person?.Unit, person, [.. decision.Reasons.Distinct()], request.Temperature?.Body);
}

/// <summary>How a case came to its end.</summary>
internal enum CaseEnd
{
    Granted,
    Denied,
    MeasuredAgain,

    /// <summary>Nobody answered while the person counted as standing there.</summary>
    Left,

    /// <summary>Somebody else, or the same person anew, showed a credential.</summary>
    Overtaken,
}

/// <param name="By">The guard; null when nobody answered.</param>
internal sealed record EndedCase(GuardCase Case, CaseEnd End, string? By, DateTimeOffset At);
