namespace EdgeGate.Access.Rules;

/// <summary>An ID card's number must be genuine by its check digit, and today within its validity.</summary>
/// <param name="accepted">Whether this gate lets people pass by ID card at all.</param>
public sealed class IdCardRule(bool accepted = true) : IAccessRule
{
    public string Name => "id-card";

    public Objection? Check(AccessRequest request) => request.Presentation.Credential switch
    {
        Credential.IdCard when !accepted => new Objection(DenyReason.CredentialNotEnabled, Outcome.Denied),
        Credential.IdCard card => Check(card, request.At),
        _ => null,
    };

    private static Objection? Check(Credential.IdCard card, ClockReading at)
    {
        if (card.HasCitizenNumber && !(CitizenNumber.TryParse(card.Number, out var number) && number.HasValidCheckDigit))
            return new Objection(DenyReason.IdNumberInvalid, Outcome.Denied);
        // A Pi without a battery clock wakes in 1970: then no date can be judged, and a person must.
        if (at.Grade is ClockGrade.Unset)
            return new Objection(DenyReason.ClockNotSet, Outcome.Guard);
        var today = DateOnly.FromDateTime(at.Wall.DateTime);
        if (card.ValidFrom > today)
            return new Objection(DenyReason.CredentialNotActive, Outcome.Denied);
        if (card.ValidTo < today)
            return new Objection(DenyReason.CredentialExpired, Outcome.Denied);
        // No date and not 长期: the card's text is not what a genuine card holds.
        return card.ValidTo is null && !card.LongTerm
            ? new Objection(DenyReason.CredentialUnreadable, Outcome.Guard)
            : null;
    }
}
