namespace EdgeGate.Access.Rules;

/// <summary>Cards and passes that are managed together: those that begin alike, or those of one facility code.</summary>
/// <param name="Prefix">What their codes begin with; empty where <paramref name="Facility"/> tells.</param>
/// <param name="From">First minute of the day, local time; null for midnight.</param>
/// <param name="To">First minute after; null for the end of the day. Earlier than <paramref name="From"/>: over midnight.</param>
/// <param name="Facility">The facility code of 26-bit cards, 0 to 255; null where the prefix tells.</param>
public sealed record CredentialGroup(string Name, string Prefix, TimeOnly? From = null, TimeOnly? To = null, int? Facility = null)
{
    /// <summary>Where the group may pass; empty for every gate.</summary>
    public IReadOnlyList<string> Gates { get; init; } = [];

    public bool Has(string code) =>
        Facility is { } facility ? FacilityCode.Of(code) == facility : code.StartsWith(Prefix, StringComparison.Ordinal);

    public bool IsOpenAt(TimeOnly time) =>
        (From, To) is (null, null) || time.IsBetween(From ?? TimeOnly.MinValue, To ?? TimeOnly.MinValue);
}

/// <summary>
/// A scanned code belongs to the first group that has it; a code of no group is unknown here.
/// </summary>
/// <param name="gate">The gate's own name, as the groups name gates.</param>
/// <param name="registeredNeedsNone">
/// A code that stands for a registered person (<see cref="AccessRequest.Person"/>) needs no group: only where <see cref="RegisterRule"/> judges the registration.
/// </param>
public sealed class CredentialGroupRule(IReadOnlyList<CredentialGroup> groups, string gate = "", bool registeredNeedsNone = false) : IAccessRule
{
    public string Name => "credential-group";

    public Objection? Check(AccessRequest request)
    {
        if (request.Presentation.Credential is not Credential.Code code)
            return null;
        var group = groups.FirstOrDefault(candidate => candidate.Has(code.Text));
        if (group is null)
            return registeredNeedsNone && request.Person is not null ? null : new Objection(DenyReason.CredentialNotFound, Outcome.Denied);
        if (group.Gates.Count > 0 && !group.Gates.Contains(gate))
            return new Objection(DenyReason.Unauthorized, Outcome.Denied);
        if ((group.From, group.To) is (null, null))
            return null;
        if (request.At.Grade is ClockGrade.Unset)
            return new Objection(DenyReason.ClockNotSet, Outcome.Guard);
        return group.IsOpenAt(TimeOnly.FromDateTime(request.At.Wall.DateTime))
            ? null
            : new Objection(DenyReason.NotPermittedAtThisTime, Outcome.Denied);
    }
}

/// <summary>The facility code of a 26-bit card, in the two ways in which readers and prints give such a card's number.</summary>
internal static class FacilityCode
{
    /// <summary>
    /// <c>123,45678</c> or <c>12345678</c>: three digits facility, five digits number. <c>0008106094</c>: the 24 bits as one number of ten
    /// digits. Null for anything else.
    /// </summary>
    public static int? Of(string code) => code switch
    {
        [_, _, _, ',', ..] when code.Length == 9 => Parts(code[..3], code[4..]),
        _ when code.Length == 8 => Parts(code[..3], code[3..]),
        _ when code.Length == 10 && IsNumber(code) && long.Parse(code) is var bits and < 1 << 24 => (int)(bits >> 16),
        _ => null,
    };

    private static int? Parts(string facility, string number) =>
        IsNumber(facility) && IsNumber(number) && int.Parse(facility) is var code and <= byte.MaxValue && int.Parse(number) <= ushort.MaxValue ? code : null;

    private static bool IsNumber(string text) => text.All(char.IsAsciiDigit);
}
