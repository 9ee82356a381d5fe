namespace EdgeGate.Access.Rules;

/// <summary>Codes that begin with <paramref name="Prefix"/> may pass, within a time of day when one is given.</summary>
/// <param name="From">First minute of the day, local time; null for midnight.</param>
/// <param name="To">First minute after; null for the end of the day. Earlier than <paramref name="From"/>: over midnight.</param>
public sealed record CredentialGroup(string Name, string Prefix, TimeOnly? From = null, TimeOnly? To = null)
{
    public bool IsOpenAt(TimeOnly time) =>
        (From, To) is (null, null) || time.IsBetween(From ?? TimeOnly.MinValue, To ?? TimeOnly.MinValue);
}

/// <summary>A scanned code belongs to the first group whose prefix it has; a code of no group is unknown here.</summary>
public sealed class CredentialGroupRule(IReadOnlyList<CredentialGroup> groups) : IAccessRule
{
    public string Name => "credential-group";

    public Objection? Check(AccessRequest request)
    {
        if (request.Presentation.Credential is not Credential.Code code)
            return null;
        var group = groups.FirstOrDefault(candidate => code.Text.StartsWith(candidate.Prefix, StringComparison.Ordinal));
        if (group is null)
            return new Objection(DenyReason.CredentialNotFound, Outcome.Denied);
        if ((group.From, group.To) is (null, null))
            return null;
        if (request.At.Grade is ClockGrade.Unset)
            return new Objection(DenyReason.ClockNotSet, Outcome.Guard);
        return group.IsOpenAt(TimeOnly.FromDateTime(request.At.Wall.DateTime))
            ? null
            : new Objection(DenyReason.NotPermittedAtThisTime, Outcome.Denied);
    }
}
