using EdgeGate.Access.Registers;

namespace EdgeGate.Access.Rules;

public sealed record RegisterOptions
{
    /// <summary>The lists that make a person known; the first that has somebody, and now, speaks for them.</summary>
    public required IReadOnlyList<string> Lists { get; init; }

    /// <summary>The gate's own name, as the lists name gates.</summary>
    public required string Gate { get; init; }

    /// <summary>What a stranger gets; <see cref="Outcome.Granted"/> lets pass and flags.</summary>
    public Outcome Unknown { get; init; } = Outcome.Guard;

    /// <summary>Whom this lane is for, such as <c>teacher</c> and <c>pupil</c> for a green lane; empty for everybody registered.</summary>
    public IReadOnlyList<string> Statuses { get; init; } = [];

    /// <summary>What somebody gets who is on no list while one of the lists is missing.</summary>
    public Outcome WhenMissing { get; init; } = Outcome.Guard;
}

/// <summary>Only persons on the site's registers pass, at the gates, in the time and through the lanes they are registered for.</summary>
public sealed class RegisterRule(RegisterOptions options) : IAccessRule
{
    public string Name => "register";

    public Objection? Check(AccessRequest request) => request switch
    {
        { Presentation.Credential.Holder: null } => null, // unreadable: the encounter rule refuses
        { Person: { } person } => Check(person.Terms, request.At),
        _ when IsListMissing(request) => Severity(DenyReason.ListMissing, options.WhenMissing),
        _ => Severity(DenyReason.NotRegistered, options.Unknown),
    };

    public string? Flag(AccessRequest request) =>
        request is { Person: null, Presentation.Credential.Holder: not null } && !IsListMissing(request) ? "not-registered" : null;

    private bool IsListMissing(AccessRequest request) => options.Lists.Any(list => request.On(list).IsMissing);

    private Objection? Check(PersonTerms terms, ClockReading at) => terms switch
    {
        { Gates.Count: > 0 } when !terms.Gates.Contains(options.Gate) => new Objection(DenyReason.Unauthorized, Outcome.Denied),
        _ when options.Statuses.Count > 0 && !options.Statuses.Contains(terms.Status) => new Objection(DenyReason.Unauthorized, Outcome.Denied),
        _ => terms.Valid.Contains(at) switch
        {
            null => new Objection(DenyReason.ClockNotSet, Outcome.Guard),
            false => new Objection(DenyReason.RegistrationNotValid, Outcome.Denied),
            true => null,
        },
    };

    private static Objection? Severity(DenyReason reason, Outcome severity) => severity is Outcome.Granted ? null : new Objection(reason, severity);
}
