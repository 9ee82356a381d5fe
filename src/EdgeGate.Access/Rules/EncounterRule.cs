namespace EdgeGate.Access.Rules;

/// <summary>Nobody passes who could not be read, or was overtaken by another person before the evidence was complete.</summary>
public sealed class EncounterRule : IAccessRule
{
    public string Name => "encounter";

    public Objection? Check(AccessRequest request) => request switch
    {
        { Superseded: true } => new Objection(DenyReason.Superseded, Outcome.Denied),
        { Presentation.Credential: Credential.Unreadable } => new Objection(DenyReason.CredentialUnreadable, Outcome.Denied),
        _ => null,
    };
}
